"""A unit is changed after it was handed in and graded, by hand too: nothing of that is lost.

The class was graded by `nbgrader autograde`, with points off for each day.
"""

import os
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from grader.authoring.build import build
from grader.cli import main
from grader.demo.sample import Member
from grader.gradebook.course import application, gradebook
from grader.grading.grading_record import NOTICED
from grader.regrading.cell_plan import NotRegraded
from grader.regrading.pending import pending
from grader.regrading.regrade import ByHand, finish, prepare
from grader.submissions.changed_cells import later
from tests.courses import Course, Done, course, find, grade_id_of, project

UNIT = "90-changed"
SOURCE = """\
# %% nbgrader={"grade_id": "double", "solution": true}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={"grade_id": "check-double", "grade": true, "points": 3}
assert double(2) == 4

# %% nbgrader={"grade_id": "square", "solution": true}
def square(x):
    ### BEGIN SOLUTION
    return x * x
    ### END SOLUTION

# %% nbgrader={"grade_id": "check-square", "grade": true, "points": 4}
assert square(3) == 9

# %% [markdown] nbgrader={"grade_id": "essay", "grade": true, "solution": true, "points": 5}
# Why?
"""
TEST = """{"grade_id": "check-double", "grade": true, "points": 3}
assert double(2) == 4
"""
OTHER_TEST = """{"grade_id": "check-double", "grade": true, "points": 6}
assert double(3) == 6
### BEGIN HIDDEN TESTS
assert double("a") == "aa"
### END HIDDEN TESTS
"""
NEW_TEST = """
# %% nbgrader={"grade_id": "check-zero", "grade": true, "points": 2}
assert double(0) == 0
"""
CHANGED = SOURCE.replace(TEST, OTHER_TEST + NEW_TEST)
ESSAY = "Because."
CLASS = [
    Member("ada", "all right", {}, {"essay": ESSAY}),
    Member(
        "bob",
        "doubles numbers only, does not square, and is late",
        {},
        {
            "double": "def double(x):\n    return 2 * int(x)",
            "square": "def square(x):\n    return x + x",
            "essay": ESSAY,
        },
    ),
]
POLICY = """
c.AssignLatePenalties.plugin_class = "grader.lms.late_policy.DailyPenalty"
c.DailyPenalty.points_per_day = 0.75
c.DailyPenalty.grace_minutes = 15.0
"""


def rebuilt(made: Course, folder: Path, source: str) -> None:
    """Let the course have the unit as it is in this text."""
    (folder / "solutions" / f"{UNIT}.py").write_text(source)
    build(folder, [UNIT])
    shutil.copy(folder / "solutions" / UNIT / f"{UNIT}.ipynb", made.source)


def penalty(made: Course, student: str) -> float:
    """Points that were taken off because it was late."""
    with made.gradebook() as book:
        return float(book.find_submission(UNIT, student).late_submission_penalty)


@pytest.fixture(scope="module")
def graded(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Course, Path, dict[str, float]]:
    """The course before the change, graded by machine and by hand; its project; the penalties."""
    folder = project(
        tmp_path_factory.mktemp("changed") / "project",
        {UNIT: SOURCE},
        root / "nbgrader_config.py",
    )
    made = course(folder, tmp_path_factory.mktemp("changed") / "course", UNIT, CLASS)
    with (made.folder / "nbgrader_config.py").open("a") as file:
        file.write(POLICY)
    assert made.run("generate_assignment").status == 0
    late = made.folder / "submitted" / "bob" / UNIT / "timestamp.txt"
    late.write_text("2026-11-03 00:10:00 UTC")
    with made.gradebook() as book:
        book.update_or_create_assignment(UNIT, duedate="2026-11-01 12:00:00 UTC")
    assert made.run("autograde").status == 0
    penalties = {student: penalty(made, student) for student in ("ada", "bob")}
    with made.gradebook() as book:
        for student in "ada", "bob":
            essay = book.find_grade("essay", UNIT, UNIT, student)
            essay.manual_score, essay.needs_manual_grade = 4.0, False
        book.find_comment("essay", UNIT, UNIT, "ada").manual_comment = "well said"
        override = book.find_grade("check-square", UNIT, UNIT, "bob")
        override.manual_score, override.extra_credit = 1.5, 0.5
        override.needs_manual_grade = False
        hand = book.find_grade("check-double", UNIT, UNIT, "bob")
        hand.manual_score, hand.needs_manual_grade = 2.0, False
        book.db.commit()
    return made, folder, penalties


def run_regrade(made: Course) -> Done:
    """What `grader regrade` says."""
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "regrade", UNIT],
        cwd=made.folder,
        capture_output=True,
        text=True,
        timeout=500,
        env={**os.environ, "COLUMNS": "200"},
    )
    return Done(done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()])


@pytest.fixture(scope="module")
def regraded(graded: tuple[Course, Path, dict[str, float]]) -> tuple[Course, Done]:
    """The course after the change, and what `grader regrade` said."""
    made, folder, _ = graded
    rebuilt(made, folder, CHANGED)
    return made, run_regrade(made)


def test_autograde_takes_points_off_for_each_day_that_has_begun(
    graded: tuple[Course, Path, dict[str, float]],
) -> None:
    _, _, penalties = graded
    assert penalties == {"ada": 0.0, "bob": 2 * 0.75}


def test_what_changed_is_said(regraded: tuple[Course, Done]) -> None:
    _, done = regraded
    assert done.status == 0
    assert done.lines("Traceback") == []
    assert done.lines("^check-zero is new and is worth 2 points$")
    assert done.lines("^check-double has another test$")
    assert done.lines("^check-double is worth 6 points, and was worth 3$")
    assert done.lines(f"^{UNIT}: 2 graded again, 0 not graded$")


def test_tests_are_judged_anew_and_manual_scores_stay(regraded: tuple[Course, Done]) -> None:
    made, _ = regraded
    right = {"check-double": (6, None), "check-zero": (2, None), "check-square": (4, None)}
    assert made.grades("ada") == {**right, "essay": (None, 4)}
    assert made.grades("bob") == {
        "check-double": (0, 2),
        "check-zero": (2, None),
        "check-square": (0, 1.5),
        "essay": (None, 4),
    }
    with made.gradebook() as book:
        assert book.find_grade("check-square", UNIT, UNIT, "bob").extra_credit == 0.5
        assert book.find_comment("essay", UNIT, UNIT, "ada").manual_comment == "well said"
        assert book.find_assignment(UNIT).max_score == 6 + 2 + 4 + 5
        assert book.find_submission(UNIT, "bob").timestamp == datetime(2026, 11, 3, 0, 10)


def test_only_what_the_change_calls_into_question_waits_for_a_look(
    regraded: tuple[Course, Done],
) -> None:
    made, _ = regraded
    assert waiting(made) == [("bob", "check-double")]


def test_a_new_test_stands_in_its_place_and_nobody_is_said_to_have_deleted_it(
    regraded: tuple[Course, Done],
) -> None:
    made, done = regraded
    notebook = made.autograded("ada")
    order = [grade_id_of(cell) for cell in notebook.cells]
    assert order.index("check-zero") == order.index("check-double") + 1
    assert find(notebook, "check-zero").source.endswith("assert double(0) == 0")
    assert notebook.metadata[NOTICED] == []
    assert done.lines("missing|not as released|differs") == []
    released = made.folder / "notebooks" / UNIT / f"{UNIT}.ipynb"
    assert find(nbformat.read(released, as_version=4), "check-zero")


def test_the_gradebook_was_copied_before(regraded: tuple[Course, Done]) -> None:
    made, done = regraded
    [copy] = made.folder.glob(f"gradebook.before-regrade-{UNIT}-*.db")
    assert done.lines(copy.name)
    with Gradebook(f"sqlite:///{copy}") as book:
        grades = book.find_submission_notebook(UNIT, UNIT, "bob").grades
        assert {grade.name: (grade.auto_score, grade.manual_score) for grade in grades} == {
            "check-double": (3, 2),
            "check-square": (0, 1.5),
            "essay": (None, 4),
        }
        assert book.find_assignment(UNIT).max_score == 12


def test_a_test_with_points_by_hand_is_not_taken_away(
    regraded: tuple[Course, Done],
    graded: tuple[Course, Path, dict[str, float]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made, folder, _ = graded
    head, _, rest = CHANGED.partition('# %% nbgrader={"grade_id": "check-square"')
    rebuilt(made, folder, head + rest[rest.index("# %% [markdown]") :])
    monkeypatch.chdir(made.folder)
    before = made.grades("bob"), sorted(made.folder.iterdir())
    assert main(["regrade", UNIT]) == 1
    assert capsys.readouterr().err == (
        f"grader: check-square was removed from {UNIT}, or is another kind of cell there, and bob "
        "has points or a comment from a person there: put the cell back, or clear them first\n"
    )
    assert (made.grades("bob"), sorted(made.folder.iterdir())) == before


ESSAY_CELL = '{"grade_id": "essay", "grade": true, "solution": true, "points": 5}'


@pytest.mark.parametrize(
    "becomes",
    [
        '{"grade_id": "essay", "task": true, "grade": false, "points": 5}',
        '{"grade_id": "essay", "locked": true}',
    ],
    ids=["task", "text"],
)
def test_an_answer_with_points_by_hand_does_not_become_another_kind_of_cell(
    regraded: tuple[Course, Done],
    graded: tuple[Course, Path, dict[str, float]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    becomes: str,
) -> None:
    made, folder, _ = graded
    assert ESSAY_CELL in CHANGED
    rebuilt(made, folder, CHANGED.replace(ESSAY_CELL, becomes))
    monkeypatch.chdir(made.folder)
    assert main(["regrade", UNIT]) == 1
    assert "essay was removed from 90-changed, or is another kind" in capsys.readouterr().err
    assert made.grades("ada")["essay"] == (None, 4)


def waiting(made: Course) -> list[tuple[str, str]]:
    """What a person is to look at."""
    with made.gradebook() as book:
        return [
            (student, grade.name)
            for student in ("ada", "bob")
            for grade in book.find_submission_notebook(UNIT, UNIT, student).grades
            if grade.needs_manual_grade
        ]


@pytest.mark.slow
def test_a_regrade_that_was_stopped_goes_on_and_knows_what_it_knew(
    regraded: tuple[Course, Done],
    graded: tuple[Course, Path, dict[str, float]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    made, folder, _ = graded
    with made.gradebook() as book:
        look = book.find_grade("check-double", UNIT, UNIT, "bob")
        look.needs_manual_grade = False
        book.db.commit()
    assert waiting(made) == []
    rebuilt(made, folder, CHANGED.replace("double(3) == 6", "double(4) == 8"))
    monkeypatch.chdir(made.folder)
    app = application(made.folder)
    with gradebook(app.coursedir) as book:
        prepare(app, book, UNIT)
    # It is stopped when Ada's was graded again: nbgrader asks for a look at her essay.
    with made.gradebook() as book:
        book.find_grade("essay", UNIT, UNIT, "ada").needs_manual_grade = True
        book.db.commit()
    assert main(["autograde", UNIT]) == 1
    assert f"continue it with `grader regrade {UNIT}`" in capsys.readouterr().err
    assert run_regrade(made).status == 0
    assert waiting(made) == [("bob", "check-double")]
    assert pending(made.folder, UNIT) is None


def test_a_regrade_that_could_not_begin_does_not_stop_grading(
    graded: tuple[Course, Path, dict[str, float]], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, _, _ = graded

    def fails(*_: object) -> None:
        raise NotRegraded("nbgrader could not make the unit")

    monkeypatch.setattr("grader.regrading.regrade._update", fails)
    app = application(made.folder)
    with gradebook(app.coursedir) as book, pytest.raises(NotRegraded):
        prepare(app, book, UNIT)
    assert pending(made.folder, UNIT) is None


def test_a_test_without_is_taken_away_with_its_scores(
    regraded: tuple[Course, Done],
    graded: tuple[Course, Path, dict[str, float]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, folder, _ = graded
    rebuilt(made, folder, SOURCE.replace(TEST, OTHER_TEST))
    monkeypatch.chdir(made.folder)
    app = application(made.folder)
    with gradebook(app.coursedir) as book:
        changes = prepare(app, book, UNIT).changes
    assert changes.removed == ("check-zero",)
    assert "check-zero was removed" in changes.said
    assert set(made.grades("bob")) == {"check-double", "check-square", "essay"}
    assert made.grades("bob")["essay"] == (None, 4)


@pytest.mark.parametrize(
    ("by_hand", "ada", "waits"), [("look", 4, True), ("keep", 4, False), ("scale", 8, False)]
)
def test_points_by_hand_of_an_answer_that_is_worth_others(
    graded: tuple[Course, Path, dict[str, float]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    by_hand: ByHand,
    ada: float,
    waits: bool,
) -> None:
    made, folder, _ = graded
    copy = Course(tmp_path / "course", UNIT)
    shutil.copytree(made.folder, copy.folder)
    rebuilt(copy, folder, SOURCE.replace('"points": 5', '"points": 10'))
    monkeypatch.chdir(copy.folder)
    app = application(copy.folder)
    with gradebook(app.coursedir) as book:
        prepared = prepare(app, book, UNIT, by_hand)
        assert "essay is worth 10 points, and was worth 5" in prepared.changes.said
        assert prepared.changes.repriced == ("essay",)
    with copy.gradebook() as book:  # as grading it anew leaves it
        book.find_grade("essay", UNIT, UNIT, "ada").needs_manual_grade = True
        book.db.commit()
    with gradebook(app.coursedir) as book:
        finish(book, copy.folder, UNIT, prepared.pending)
    assert copy.grades("ada")["essay"] == (None, ada)
    assert (("ada", "essay") in waiting(copy)) == waits
    assert "essay" in later(copy.folder, UNIT)  # and nobody is said to have changed its points


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        ("91-none", "there is no notebook in "),
        ("92-new", "the gradebook has no unit 92-new: nbgrader generate_assignment 92-new"),
        ("93-damaged", "{folder}/93-damaged/93-damaged.ipynb cannot be read (Notebook does not "),
    ],
)
def test_a_unit_that_cannot_be_graded_again(
    graded: tuple[Course, Path, dict[str, float]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    unit: str,
    says: str,
) -> None:
    made, _, _ = graded
    for name, text in ("92-new", made.source.read_text()), ("93-damaged", "{"):
        path = made.folder / "solutions" / name / f"{name}.ipynb"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.chdir(made.folder)
    assert main(["regrade", unit]) == 1
    [line] = capsys.readouterr().err.splitlines()
    folder = str(made.folder / "solutions")
    assert line.startswith("grader: " + says.replace("{folder}", folder))


def test_a_number_of_workers_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["regrade", UNIT, "--jobs", "-1"])
    assert "-1 is not a number of workers: give 1 or more" in capsys.readouterr().err
