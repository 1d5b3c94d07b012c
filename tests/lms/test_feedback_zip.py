"""`grader feedback`: zips whose names Moodle and Canvas read as their source code says."""

from __future__ import annotations

import io
import json
import logging
import os
import stat
import zipfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from rich.console import Console

from grader.cli import main
from grader.commands import command
from grader.gradebook.course import application
from grader.lms.collect import ledger
from grader.lms.file_names import read_name
from grader.lms.submitted import Submitted, Work
from grader.lms.upload_names import canvas_name, moodle_name
from tests.gradebooks import FIRST, fill, url

PAGE = f"{FIRST}.html"
CANVAS = {
    f"lovelaceada_501_9001_{FIRST}.ipynb": "501",
    f"lovelaceada_LATE_501_9001_{FIRST}-1.ipynb": "501",
    "björkzoë_502_9002_my_link_2.zip": "502",
    "501_9001_.ipynb": "501",
}
WORKSHEET = """\
\ufeffIdentifier,Full name,Email address,Status,Grade
Participant 7001,Ada Lovelace,ada@uni.example,Submitted,
Participant 7003,Eve Nobody,eve@uni.example,Submitted,
Participant 7004,Eve Nobody,,Submitted,
"""


def canvas_reads(name: str) -> tuple[str, str] | None:
    """User and file as Canvas infers them from a name; None for a name that it ignores."""
    parts = [part for part in name.split("_") if part != "LATE"]
    numbers = [part for part in parts if part.isdecimal()][:2]
    if parts[-1].startswith("link") or parts[0] == "anon" or len(numbers) < 2:
        return None
    return numbers[0], numbers[1]


def moodle_reads(name: str) -> tuple[str, str, str] | None:
    """Participant, plugin and the name that the page gets; None for a name that Moodle ignores."""
    parts = name.split("_", 4)
    if name[0] in ".~" or len(parts) < 5 or not parts[1].isdecimal():
        return None
    return parts[1], f"{parts[2]}_{parts[3]}", parts[4]


@pytest.mark.parametrize("page", [PAGE, "02_linked.html", "link.html"])
@pytest.mark.parametrize("sent", CANVAS)
def test_canvas_finds_the_student_by_the_name(sent: str, page: str) -> None:
    one = read_name(Path(sent), Path())
    assert one is not None
    name = canvas_name(one, page)
    assert canvas_reads(name) == (CANVAS[sent], sent.split(f"{CANVAS[sent]}_")[1].split("_")[0])
    assert name.endswith(".html")


@pytest.mark.parametrize("who", ["Ada Lovelace", "Group A-Ada Lovelace", ".hidden", "a_b", ""])
def test_moodle_finds_the_participant_by_the_name(who: str) -> None:
    assert moodle_reads(moodle_name("7001", who, "my_page.html")) == (
        *("7001", "assignsubmission_file"),
        "my_page.html",
    )


@pytest.fixture
def course(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with a class list; the current folder."""
    fill(tmp_path)
    config = f"c = get_config()\nload_subconfig('nbgrader_config.py', path={str(root)!r})\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    people = {"ada": ("Ada Lovelace", "501"), "zoe": ("Zoë Björk", "502"), "eve": ("Eve No", "")}
    with Gradebook(url(tmp_path)) as book:
        for student, (name, number) in people.items():
            first, last = name.split()
            book.update_or_create_student(
                *(student,), first_name=first, last_name=last, lms_user_id=number or None
            )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def hand_in(course: Path, **sent: str) -> None:
    """Leave in submitted/, and in the ledger, what collecting files of these names leaves."""
    source = course / "extracted.ipynb"
    source.write_text("{}")
    (course / "downloaded" / FIRST).mkdir(parents=True, exist_ok=True)
    writer = Submitted(course / "downloaded" / FIRST / "collected.json", course / "aside", print)
    name = f"{FIRST}.ipynb"
    for student, part in sent.items():
        folder = course / "submitted" / student / FIRST
        assert not writer.put([Work(student, folder, {name: source}, sent={name: part})], True)


def give_feedback(course: Path, *students: str) -> None:
    """What `nbgrader generate_feedback` writes; each page says whose it is."""
    for student in students:
        page = course / "feedback" / student / FIRST / PAGE
        page.parent.mkdir(parents=True)
        page.write_text(f"<p>{student}</p>")


def packed(path: Path) -> dict[str, str]:
    """The pages in a zip, by name."""
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_canvas_gets_what_was_collected_from_it_and_the_others_are_named(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"lovelaceada_501_9001_{FIRST}.ipynb", f"björkzoë_LATE_502_9002_{FIRST}-1.ipynb"]
    hand_in(course, ada=names[0], zoe=names[1])
    give_feedback(course, "ada", "zoe", "eve")
    assert main(["feedback", FIRST, "--to", "canvas"]) == 1
    made = course / f"{FIRST}-feedback-canvas.zip"
    read = {canvas_reads(name): text for name, text in packed(made).items()}
    assert read == {("501", "9001"): "<p>ada</p>", ("502", "9002"): "<p>zoe</p>"}
    assert not stat.S_IMODE(made.stat().st_mode) & stat.S_IRWXO
    said = capsys.readouterr()
    assert said.err == (
        f"grader: eve is left out: not handed in through Canvas: send feedback/eve/{FIRST}/ by hand"
        "\n"
    )
    assert f"Wrote {FIRST}-feedback-canvas.zip, with 2 students." in " ".join(said.out.split())


def test_moodle_gets_participants_from_names_and_from_the_worksheet(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(course, zoe="Zoë Björk_7002_assignsubmission_file")
    (course / "submitted" / "zoe" / FIRST / f"{FIRST}.ipynb").rename(
        course / "submitted" / "zoe" / FIRST / "renamed.ipynb"
    )
    (course / "sheet.csv").write_text(WORKSHEET, encoding="utf-8")
    give_feedback(course, "ada", "zoe", "eve")
    words = ["feedback", FIRST, "--to", "moodle", "--worksheet", "sheet.csv", "--output", "f.zip"]
    assert main([*words, "--json"]) == 1
    read = {moodle_reads(name): text for name, text in packed(course / "f.zip").items()}
    assert read == {
        ("7001", "assignsubmission_file", PAGE): "<p>ada</p>",
        ("7002", "assignsubmission_file", PAGE): "<p>zoe</p>",
    }
    told = json.loads(capsys.readouterr().out)
    assert told["students"] == ["ada", "zoe"]
    assert told["left_out"].keys() == {"eve"}, "two rows could be hers"


def test_who_was_collected_before_and_who_has_no_page_is_told(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(course, ada=f"ada_501_9001_{FIRST}.ipynb", zoe=f"zoe_502_9002_{FIRST}.ipynb")
    ledger = course / "downloaded" / FIRST / "collected.json"
    rows = json.loads(ledger.read_text())
    del rows["ada"]["sent"]
    ledger.write_text(json.dumps(rows))
    give_feedback(course, "ada")
    assert main(["feedback", FIRST, "--to", "canvas"]) == 1
    assert capsys.readouterr().err == (
        "grader: nobody's feedback can be packed. ada: collected before names of files were kept: "
        f"grader collect {FIRST}\n"
    )
    assert not list(course.glob("*.zip*"))
    hand_in(course, ada=f"ada_501_9001_{FIRST}.ipynb")
    assert main(["feedback", FIRST, "--to", "canvas"]) == 1
    told = f"grader: zoe is left out: no page of feedback: nbgrader generate_feedback {FIRST}\n"
    assert capsys.readouterr().err.endswith(told)
    assert [*packed(course / f"{FIRST}-feedback-canvas.zip").values()] == ["<p>ada</p>"]


def test_a_terminal_shows_how_far_it_is(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(course, ada=f"ada_501_9001_{FIRST}.ipynb")
    give_feedback(course, "ada")
    shown = io.StringIO()
    monkeypatch.setattr(command, "ERRORS", Console(file=shown, force_terminal=True))
    assert main(["feedback", FIRST, "--to", "canvas"]) == 0
    assert FIRST in shown.getvalue()
    assert "100%" in shown.getvalue()
    monkeypatch.setattr(command, "ERRORS", Console(file=io.StringIO()))
    assert main(["feedback", FIRST, "--to", "canvas"]) == 0
    assert capsys.readouterr().err == ""


def test_feedback_that_is_older_than_the_grade_is_told(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hand_in(course, ada=f"ada_501_9001_{FIRST}.ipynb")
    give_feedback(course, "ada")
    graded = course / "autograded" / "ada" / FIRST / f"{FIRST}.ipynb"
    graded.parent.mkdir(parents=True)
    graded.write_text("{}")
    os.utime(course / "feedback" / "ada" / FIRST / PAGE, (1, 1))
    assert main(["feedback", FIRST, "--to", "canvas"]) == 0
    assert capsys.readouterr().err == (
        "grader: feedback is older than the graded notebook of ada: "
        f"nbgrader generate_feedback {FIRST} --force makes it again\n"
    )


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([FIRST, "--to", "canvas"], f"there is no feedback on {FIRST}: nbgrader generate_feedback"),
        (["99-none", "--to", "canvas"], f"there is no unit 99-none in the gradebook: {FIRST}"),
        ([FIRST, "--to", "canvas", "--worksheet", "x"], "--worksheet is a file of Moodle"),
        ([FIRST, "--to", "moodle", "--worksheet", "no.csv"], "no.csv cannot be read: No such file"),
        ([FIRST, "--to", "moodle", "--worksheet", "gradebook.db"], "gradebook.db is not CSV"),
        ([FIRST, "--to", "moodle", "--worksheet", "odd.csv"], "odd.csv is not a grading worksheet"),
    ],
)
def test_a_mistake_in_giving_back_is_told_in_one_line(
    course: Path, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    (course / "odd.csv").write_text("Name,Grade\nAda,1\n")
    assert main(["feedback", *words]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"grader: {says}")
    assert said.count("\n") == 1


class Watched(logging.NullHandler):
    """A handler that knows whether anybody closed it. TensorFlow's own then closes stderr."""

    closed = False

    def close(self) -> None:
        self.closed = True
        super().close()


def test_looking_for_what_was_collected_leaves_the_logging_of_others(course: Path) -> None:
    watched = Watched()
    assert ledger(application(course), FIRST) == course / "downloaded" / FIRST / "collected.json"
    assert not watched.closed


def test_a_folder_that_is_not_there(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hand_in(course, ada=f"ada_501_9001_{FIRST}.ipynb")
    give_feedback(course, "ada")
    assert main(["feedback", FIRST, "--to", "canvas", "--output", "no/f.zip"]) == 1
    assert capsys.readouterr().err == "grader: no/f.zip: No such file or directory\n"
