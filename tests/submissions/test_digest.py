"""A class that was graded, and of which some hand in again, or otherwise than they should."""

from pathlib import Path

import pytest

from grader.demo.sample import Member
from grader.submissions.timestamps import unreadable
from tests.courses import Course, Done, course, project

UNIT = "90-again"
SOURCE = """\
# %% nbgrader={"grade_id": "double", "solution": true}
def double(x):
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION

# %% nbgrader={"grade_id": "check-double", "grade": true, "points": 3}
assert double(2) == 4
"""
WRONG = {"double": "def double(x):\n    return 3 * x"}
STUDENTS = ("again", "dated", "page", "same", "when")
CLASS = [Member(name, "", {}, WRONG) for name in STUDENTS]


@pytest.fixture(scope="module")
def made(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course before anything is graded."""
    config = root / "nbgrader_config.py"
    folder = project(tmp_path_factory.mktemp("again") / "project", {UNIT: SOURCE}, config)
    return course(folder, tmp_path_factory.mktemp("again") / "course", UNIT, CLASS)


def submitted(made: Course, student: str) -> Path:
    """The student's folder."""
    return made.folder / "submitted" / student / UNIT


@pytest.fixture(scope="module")
def unreleased(made: Course) -> Done:
    """What autograde said of a unit that was not put into the gradebook."""
    return made.run("autograde")


@pytest.fixture(scope="module")
def first(made: Course, unreleased: Done) -> Done:
    """What it said when all handed in for the first time."""
    page = submitted(made, "page")
    for name in "plot.html", "plot.svg", "losses.csv", "plot.PNG":
        (page / name).write_text("<script>alert(1)</script>")
    (submitted(made, "when") / "timestamp.txt").write_text("03.11.2026")
    assert made.run("generate_assignment").status == 0
    return made.run("autograde")


@pytest.fixture(scope="module")
def second(made: Course, first: Done) -> Done:
    """What it said the next time: one has mended the answer, of two the time has come to light."""
    path = submitted(made, "again") / f"{UNIT}.ipynb"
    text = path.read_text()
    assert "3 * x" in text
    for student in "again", "page":
        (made.folder / "feedback" / student / UNIT).mkdir(parents=True)
    path.write_text(text.replace("3 * x", "2 * x"))
    with made.gradebook() as book:
        book.update_or_create_assignment(UNIT, duedate="2026-11-01 12:00:00 UTC")
    (submitted(made, "dated") / "timestamp.txt").write_text("2026-11-03 00:10:00 UTC")
    (submitted(made, "same") / "timestamp.txt").write_text("2026-11-03 00:10:00 CEST")
    return made.run("autograde")


def test_a_unit_that_is_not_in_the_gradebook_is_told_once(unreleased: Done) -> None:
    assert unreleased.status != 0
    assert unreleased.lines("Traceback") == []
    said = f"the gradebook has no unit {UNIT}: nbgrader generate_assignment {UNIT}"
    assert len(unreleased.lines(said)) == 1


def test_a_time_that_is_none_is_told_in_a_line(made: Course, first: Done) -> None:
    [line] = first.lines("timestamp.txt")
    assert "contains '03.11.2026', which is not a time: write it as 2026-11-03 00:10:00 UTC" in line
    assert line.endswith("It was not graded.")
    assert first.lines("Traceback") == []
    assert not (made.folder / "autograded" / "when").exists()


def test_pages_do_not_come_to_where_the_instructors_browser_would_run_them(
    made: Course, first: Done
) -> None:
    graded = made.folder / "autograded" / "page" / UNIT
    assert {path.name for path in graded.iterdir()} == {
        f"{UNIT}.ipynb",
        "losses.csv",
        "plot.PNG",
    }
    assert (submitted(made, "page") / "plot.html").is_file()
    assert first.lines(r"\w+: plot\.html stays in submitted/ only")


def test_what_was_handed_in_anew_is_graded_again_and_nothing_else(
    made: Course, second: Done
) -> None:
    assert len(second.lines("differs from what was graded: it is graded again")) == 2
    assert made.points("again") == {"check-double": 3}
    assert made.points("page") == {"check-double": 0}


def test_feedback_on_the_former_version_is_no_more(made: Course, second: Done) -> None:
    assert not (made.folder / "feedback" / "again" / UNIT).exists()
    assert (made.folder / "feedback" / "page" / UNIT).exists()


def test_a_time_that_was_written_later_counts(made: Course, second: Done) -> None:
    with made.gradebook() as book:
        late = book.find_submission(UNIT, "dated")
        assert late.total_seconds_late == 36 * 3600 + 600


def test_a_time_that_is_none_takes_nothing_that_was_graded(made: Course, second: Done) -> None:
    assert second.lines(r"CEST', which is not a time.*It was not graded again\.")
    assert (made.folder / "autograded" / "same" / UNIT / f"{UNIT}.ipynb").is_file()
    assert made.points("same") == {"check-double": 0}


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2026-11-03 00:10:00 UTC", True),
        ("2026-11-03 00:10:00.123456 UTC", True),
        ("2026-11-03 00:10:00 Europe/Berlin", True),
        ("2026-11-03 00:10", True),
        ("2026-11-03T00:10:00+01:00", True),
        ("2026-11-03T00:10:00Z", True),
        ("", True),
        ("2026-11-03 00:10:00 CEST", False),
        ("2026-11-03 00:10:00 +0100", False),
        ("2026-11-03", False),
        ("2026-13-03 00:10:00", False),
        ("03.11.2026 00:10", False),
        ("yesterday", False),
        ("0001-01-01 00:00:00 Europe/Berlin", False),
        ("9999-12-31 23:59:59 UTC", False),
    ],
)
def test_times(tmp_path: Path, text: str, good: bool) -> None:
    (tmp_path / "timestamp.txt").write_text(f"{text}\n")
    assert (unreadable(tmp_path) == "") is good


def test_a_folder_where_the_time_should_be(tmp_path: Path) -> None:
    (tmp_path / "timestamp.txt").mkdir()
    assert unreadable(tmp_path).startswith(f"{tmp_path}/timestamp.txt is a folder: write it as")


def test_good_times_are_what_nbgrader_takes_them_for() -> None:
    from nbgrader.utils import parse_utc

    for text in "2026-11-03 00:10:00 Europe/Berlin", "2026-11-03T00:10:00+01:00":
        assert str(parse_utc(text)) == "2026-11-02 23:10:00"
