"""Groups of Canvas: what one member handed in is collected for each of them."""

import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from nbgrader.api import Gradebook, Student

from grader.gradebook.course import application
from grader.lms.feedback_zip import pack_feedback
from grader.lms.groups import read_groups
from grader.lms.roster import BadRoster
from tests.gradebooks import FIRST, fill, url

NOTEBOOK = f"{FIRST}.ipynb"
HEAD = "name,canvas_user_id,user_id,login_id,sections,group_name,canvas_group_id,group_id\n"
CLASS = [Student(id=name, lms_user_id=f"50{n}") for n, name in enumerate(("ada", "bob", "eve"))]
MAX = Student(id="max")


def listed(folder: Path, text: str) -> Path:
    """A list of groups as a file."""
    path = folder / "groups.csv"
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    "text",
    [
        f"{HEAD}Ada,500,,a,S,Red,7,\nBob,501,,b,S,Red,7,\nEve,502,,e,S,Blue,8,\nMax,,,max,S,Blue,8,\n",
        "login_id;group_name\nada;Red\nbob;Red\nbob;Red\neve;Blue\nmax;Blue\nstranger;Blue\n",
        "user_id,group_id\nada,7\nbob,7\neve,8\nmax,8\n",
    ],
)
def test_who_is_in_a_group(tmp_path: Path, text: str) -> None:
    groups = read_groups(listed(tmp_path, text), [*CLASS, MAX])
    assert groups.others("ada") == ["bob"]
    assert groups.others("max") == ["eve"]


def test_who_is_in_none(tmp_path: Path) -> None:
    groups = read_groups(listed(tmp_path, f"{HEAD}Ada,500,,,S,,,\nBob,501,,,S,Red,7,\n"), CLASS)
    assert [groups.others(one.id) for one in CLASS] == [[], [], []]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Student,ID\nAda,500\n", "is no list of groups from Canvas: it has no column"),
        ("login_id,group_name\nada,Red\nada,Blue\n", "line 3: ada is in two groups"),
        ("", "is no list of groups from Canvas"),
    ],
)
def test_what_is_no_such_list_is_told(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadRoster, match=says):
        read_groups(listed(tmp_path, text), CLASS)


@pytest.fixture
def course(root: Path, tmp_path: Path) -> Path:
    """A course whose class has numbers in Canvas."""
    fill(tmp_path)
    config = f"c = get_config()\nload_subconfig('nbgrader_config.py', path={str(root)!r})\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    (tmp_path / "notebooks" / FIRST).mkdir(parents=True)
    (tmp_path / "notebooks" / FIRST / NOTEBOOK).write_text("{}")
    with Gradebook(url(tmp_path)) as book:
        for one in CLASS:
            book.update_or_create_student(one.id, lms_user_id=one.lms_user_id)
    return tmp_path


def collect(course: Path, files: Mapping[str, str], groups: str) -> tuple[int, str]:
    """`grader collect` of a zip of Canvas; its status, and what it said."""
    path = course / "submissions.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    command = [sys.executable, "-m", "grader.cli", "collect", FIRST, str(path), "--groups", groups]
    done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=200)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


def handed_in(course: Path) -> dict[str, dict[str, str]]:
    """Each student's files in submitted/."""
    return {
        folder.name: {path.name: path.read_text() for path in (folder / FIRST).iterdir()}
        for folder in sorted((course / "submitted").glob("*"))
    }


def test_each_member_gets_the_work_but_who_has_their_own(course: Path) -> None:
    listed(course, f"{HEAD}Ada,500,,,S,Red,7,\nBob,501,,,S,Red,7,\nEve,502,,,S,Red,7,\n")
    late = {f"red_LATE_500_9003_{NOTEBOOK}": "of all", f"eve_502_9002_{NOTEBOOK}": "her own"}
    status, said = collect(course, late, "groups.csv")
    assert status == 0, said
    assert "3 new" in said
    assert "a member of their group has handed in: bob (ada)\n" in said
    stamp = {"timestamp.txt": "2026-11-01 12:00:01"}
    whole = {NOTEBOOK: "of all", **stamp}
    assert handed_in(course) == {"ada": whole, "bob": whole, "eve": {NOTEBOOK: "her own"}}
    for student in "ada", "bob":
        page = course / "feedback" / student / FIRST / f"{FIRST}.html"
        page.parent.mkdir(parents=True)
        page.write_text("a page")
    packed = pack_feedback(application(course), FIRST, "canvas", course / "feedback.zip")
    assert packed.students == ("ada",)
    assert packed.left_out["bob"].startswith("ada handed in for the group: send feedback/bob/")
    again, said = collect(course, {f"red_500_9004_{NOTEBOOK}": "newer"}, "groups.csv")
    assert (again, handed_in(course)["bob"][NOTEBOOK]) == (0, "newer"), said


def test_with_a_list_that_cannot_be_read_nothing_is_collected(course: Path) -> None:
    status, said = collect(course, {f"red_500_9001_{NOTEBOOK}": "of all"}, "no-such.csv")
    assert status == 1
    assert "no-such.csv cannot be read: No such file" in said
    assert handed_in(course) == {}
