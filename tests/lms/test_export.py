"""Grades as Canvas and Moodle import them. Who is not in the class list is told, never dropped."""

import csv
import subprocess
import sys
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.cli import main
from grader.gradebook.scores import Score, Scores
from tests.gradebooks import CANVAS, FIRST, MOODLE, SECOND, fill, url


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder is a course with a gradebook and both class lists."""
    fill(tmp_path)
    (tmp_path / "canvas-list.csv").write_text(CANVAS, encoding="utf-8")
    (tmp_path / "moodle-list.csv").write_text(
        MOODLE.replace("s-1", "ada").replace("s-2", "zoe"), encoding="utf-8"
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def rows(path: Path) -> list[list[str]]:
    """The cells of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def test_canvas_gets_its_own_columns_and_the_number_of_its_assignment(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--to", "canvas", "--roster", "canvas-list.csv"]) == 0
    who = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert rows(course / "canvas.csv") == [
        [*who, "01 First layers (5001)", SECOND],
        ["    Points Possible", "", "", "", "", "12", "12"],
        ["Lovelace, Ada", "501", "s-1", "ada", "Section A, B", "12", "2.5"],
        ["Björk, Zoë", "502", "s-2", "zoe", "Section A", "6.75", ""],
    ]
    assert capsys.readouterr().err.splitlines() == [
        "grader: eve is not in canvas-list.csv and was left out: 01-first-layers 1 of 12",
        "grader: 02-joining: 1 submission not yet graded by hand; the score is without that part",
    ]


def test_each_question_for_canvas_if_asked_for(course: Path) -> None:
    arguments = ["--roster", "canvas-list.csv", "--questions", "--output", "all.csv"]
    assert main(["export", FIRST, "--to", "canvas", *arguments]) == 0
    head, points, ada, zoe = rows(course / "all.csv")
    questions = [f"{FIRST}: check-dense", f"{FIRST}: essay"]
    assert head[5:] == ["01 First layers (5001)", *questions]
    assert points[5:] == ["12", "10", "2"]
    assert ada[5:] == ["12", "10", "2"]
    assert zoe[5:] == ["6.75", "7.25", "0.5"]


def test_moodle_gets_what_it_knows_the_student_by(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--to", "moodle", "--roster", "moodle-list.csv"]
    assert main(["export", FIRST, *arguments]) == 0
    questions = [f"{FIRST}: check-dense", f"{FIRST}: essay"]
    who = ["First name", "Last name", "ID number", "Email address"]
    assert rows(course / "moodle.csv") == [
        [*who, "Assignment: 01-first-layers", *questions],
        ["Ada", "Lovelace", "ada", "ada@uni.example", "12", "10", "2"],
        ["Zoë", "Björk", "zoe", "zoe@uni.example", "6.75", "7.25", "0.5"],
    ]
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("grader: eve is not in moodle-list.csv")


def test_without_a_class_list_the_ids_are_those_that_were_read_before(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["roster", "canvas-list.csv"]) == 0
    capsys.readouterr()
    assert main(["export", FIRST, "--to", "canvas"]) == 0
    assert rows(course / "canvas.csv")[2:] == [
        ["Lovelace, Ada", "501", "", "", "", "12"],
        ["Björk, Zoë", "502", "", "", "", "6.75"],
    ]
    assert capsys.readouterr().err.splitlines() == [
        "grader: eve has no id of Canvas and was left out: 01-first-layers 1 of 12",
        "grader: nothing was handed in by bob: no row",
    ]


def test_a_student_of_the_list_who_handed_nothing_in_is_told(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with (course / "canvas-list.csv").open("a") as file:
        file.write('"Lee, Cho",503,s-3,cho,Section A,,,\n')
    assert main(["export", "--to", "canvas", "--roster", "canvas-list.csv"]) == 0
    assert "503" not in (course / "canvas.csv").read_text()
    assert "grader: nothing was handed in by cho: no row" in capsys.readouterr().err


def test_csv_has_a_row_for_each_question(course: Path) -> None:
    assert main(["export", "--to", "csv"]) == 0
    head, *body = rows(course / "grades.csv")
    marks = [dict(zip(head, row, strict=True)) for row in body]
    assert len(marks) == 4 * 3
    [zoe] = [m for m in marks if m["student_id"] == "zoe" and m["question"] == ""]
    assert zoe == {
        **{"assignment": FIRST, "question": "", "student_id": "zoe", "last_name": ""},
        **{"first_name": "", "email": "", "duedate": "2026-11-01 12:00:00"},
        **{"timestamp": "2026-11-02 12:00:00", "raw_score": "7.75", "max_score": "12"},
        **{"late_submission_penalty": "1", "score": "6.75"},
    }
    assert main(["export", "--to", "csv", "--no-questions"]) == 0
    assert len(rows(course / "grades.csv")) == 1 + 4


def cells(name: str, *points: float | None) -> dict[tuple[str, str], Score]:
    """The tests of a notebook, and their points."""
    return {(name, str(place)): Score(given, given is None) for place, given in enumerate(points)}


ESSAY = {("one", "essay"): Score(None, waiting=True)}


@pytest.mark.parametrize(
    ("own", "graded"),
    [
        (cells("one", None, None), False),
        (cells("one", 0.0, 2.0), True),
        (cells("one", 0.0) | ESSAY, True),
        (cells("one", None) | {("one", "essay"): Score(2.0, waiting=False)}, False),
        (cells("one", 2.0) | cells("two", None), False),
        (ESSAY, False),
        ({("one", "essay"): Score(0.0, waiting=False)}, True),
        (cells("two", 2.0) | ESSAY, True),
    ],
)
def test_what_is_graded(own: dict[tuple[str, str], Score], graded: bool) -> None:
    scores = Scores(("one", "two"), {}, {"ada": own}, {}, {}, {*ESSAY})
    assert scores.is_graded("ada") == graded
    assert not scores.is_graded("bob")


@pytest.fixture
def half_graded(course: Path) -> Path:
    """bob and zoe handed in what a run then failed to grade, and new what it did not come to."""
    with Gradebook(url(course)) as book:
        book.add_submission(FIRST, "bob")
        book.add_submission(SECOND, "zoe")
    for student in "new", ".ipynb_checkpoints":
        (course / "submitted" / student / FIRST).mkdir(parents=True)
    with (course / "canvas-list.csv").open("a") as file:
        file.write('"Ray, Bob",504,,bob,A,,,\n"Wu, Li",505,,new,A,,,\n"Lee, Cho",503,,cho,A,,,\n')
    return course


def test_what_is_not_graded_is_no_score_of_zero(
    half_graded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--to", "canvas", "--roster", "canvas-list.csv"]) == 0
    assert [row[3:4] + row[5:] for row in rows(half_graded / "canvas.csv")[2:]] == [
        ["ada", "12", "2.5"],
        ["zoe", "6.75", ""],
    ]
    told = capsys.readouterr().err.splitlines()
    assert told[:3] == [
        "grader: bob handed in 01-first-layers and is not graded: no row",
        "grader: new handed in 01-first-layers and is not graded: no row",
        "grader: zoe handed in 02-joining and is not graded: no score",
    ]
    assert "grader: nothing was handed in by cho: no row" in told
    assert "1 submission not yet graded by hand" in told[-1]  # ada's, not zoe's

    assert main(["export", "--to", "csv", "--no-questions"]) == 0
    assert {(row[0], row[4]) for row in rows(half_graded / "grades.csv")[1:]} == {
        *((FIRST, "ada"), (SECOND, "ada"), (FIRST, "zoe"), (FIRST, "eve"))
    }
    assert capsys.readouterr().err.splitlines()[:3] == told[:3]


def test_a_list_whose_ids_are_in_another_column(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = MOODLE.replace("s-1", "").replace("s-2", "")
    text = text.replace("ada@uni.example", "ada").replace("zoe@uni.example", "zoe")
    (course / "list.csv").write_text(text, encoding="utf-8")
    arguments = ["export", FIRST, "--to", "moodle", "--no-questions", "--roster", "list.csv"]
    assert main(arguments) == 1
    assert "no ID number (--id COLUMN takes the ids" in capsys.readouterr().err
    assert main([*arguments, "--id", "Email address"]) == 0
    assert [row[3:] for row in rows(course / "moodle.csv")[1:]] == [["ada", "12"], ["zoe", "6.75"]]


def test_no_name_is_a_formula_in_plain_csv(course: Path) -> None:
    with Gradebook(url(course)) as book:
        names = {"first_name": "@SUM(A1)", "last_name": "-2+3", "email": "=cmd|' /c calc'!A1"}
        book.update_or_create_student("ada", **names)
        book.find_submission_notebook(FIRST, FIRST, "ada").late_submission_penalty = -0.5
        book.db.commit()
    assert main(["export", FIRST, "--to", "csv", "--no-questions"]) == 0
    [ada] = [row for row in rows(course / "grades.csv") if row[4] == "ada"]
    assert ada[5:] == ["'-2+3", "'@SUM(A1)", "'=cmd|' /c calc'!A1", "12", "-0.5", "12.5", "12"]


def test_the_cells_of_a_class_list_stay_as_they_are(course: Path) -> None:
    text = CANVAS.replace('"Lovelace, Ada"', '"=Lovelace, Ada"')
    (course / "canvas-list.csv").write_text(text, encoding="utf-8")
    assert main(["export", FIRST, "--to", "canvas", "--roster", "canvas-list.csv"]) == 0
    assert rows(course / "canvas.csv")[2][0] == "=Lovelace, Ada"


def test_a_heading_of_another_name_and_the_plugin_of_nbgrader(course: Path) -> None:
    with (course / "nbgrader_config.py").open("a") as file:
        file.write("c.CanvasExporter.columns = {'02-joining': 'Second homework (5003)'}\n")
        file.write("c.CanvasExporter.roster = 'canvas-list.csv'\n")
        file.write("c.CanvasExporter.id_column = 'SIS User ID'\n")
    with Gradebook(url(course)) as book:  # known by the id of Canvas, and not by SIS User ID
        book.update_or_create_student("ada", lms_user_id="501")
        book.update_or_create_student("zoe", lms_user_id="502")
    (course / "submitted" / "new" / FIRST).mkdir(parents=True)
    plugin = "--exporter=grader.lms.export.CanvasExporter"
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "export", plugin, "--to", "made.csv"],
        cwd=course,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 0
    assert "WARNING] new handed in 01-first-layers and is not graded: no row" in done.stderr
    assert "WARNING] eve is not in canvas-list.csv and was left out" in done.stderr
    assert "Traceback" not in done.stderr
    assert rows(course / "made.csv")[0][5:] == ["01 First layers (5001)", "Second homework (5003)"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["90-none"], "there is no unit 90-none in the gradebook: 01-first-layers, 02-joining"),
        (["--to", "canvas", "--roster", "none.csv"], "none.csv cannot be read: No such file"),
        (
            ["--to", "canvas", "--roster", "moodle-list.csv"],
            "moodle-list.csv is a class list of Moodle, not Canvas",
        ),
        (["--roster", "canvas-list.csv"], "plain CSV needs no class list"),
        (["--id", "ID"], "--id names a column of the class list: give the list with --roster"),
        (["--output", "none/grades.csv"], "none/grades.csv: No such file or directory"),
    ],
)
def test_a_mistake_is_told_in_one_line_and_nothing_is_written(
    course: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    before = sorted(course.iterdir())
    assert main(["export", *arguments]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith(f"grader: {says}")
    assert sorted(course.iterdir()) == before


def test_a_unit_that_nobody_handed_in_is_no_column(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    third = "03-regularize"
    with Gradebook(url(course), "books") as book:
        book.add_assignment(third)
        book.add_notebook(third, third)
        book.add_grade_cell("check-dropout", third, third, max_score=4, cell_type="code")
        book.db.commit()
    arguments = ["export", "--to", "canvas", "--roster", "canvas-list.csv"]
    assert main(arguments) == 0
    assert rows(course / "canvas.csv")[0][5:] == ["01 First layers (5001)", SECOND]
    said = f"grader: nobody has handed in {third}: left out (name a unit to include it)"
    assert capsys.readouterr().err.splitlines()[0] == said
    assert main([*arguments, third]) == 0
    assert rows(course / "canvas.csv")[0][5:] == [third]


def test_excel_gets_a_byte_order_mark(course: Path) -> None:
    arguments = ["export", "--to", "moodle", "--roster", "moodle-list.csv"]
    assert main(arguments) == 0
    plain = (course / "moodle.csv").read_bytes()
    assert main([*arguments, "--excel"]) == 0
    assert (course / "moodle.csv").read_bytes() == b"\xef\xbb\xbf" + plain
