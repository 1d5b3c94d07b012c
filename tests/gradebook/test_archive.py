"""`grader archive`: a class in one file, and nothing removed before that file is there."""

from __future__ import annotations

import stat
import tarfile
from pathlib import Path

import pytest
from nbgrader.api import Gradebook

from grader.cli import main
from grader.gradebook import archive as archiving
from tests.gradebooks import FIRST, fill

WORK = f"submitted/ada/{FIRST}/{FIRST}.ipynb"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course folder of a class, with a file of the instructor's own."""
    folder = tmp_path / "layers"
    folder.mkdir()
    fill(folder)
    for name in (WORK, f"solutions/{FIRST}.py", "gradebook.seeds.json", "roster.csv", "notes.txt"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    monkeypatch.chdir(folder)
    return folder


def files(folder: Path) -> list[str]:
    """Names of all files."""
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())


def test_all_of_the_class_is_in_the_file_and_nothing_is_removed(course: Path) -> None:
    before = files(course)
    assert main(["archive", "../term.tar.gz"]) == 0
    assert files(course) == before
    term = course.parent / "term.tar.gz"
    assert stat.S_IMODE(term.stat().st_mode) == 0o600
    with tarfile.open(term) as archive:
        archive.extractall(course.parent / "back", filter="data")
    back = course.parent / "back" / "layers"
    assert files(back) == [name for name in before if name != "notes.txt"]
    assert (back / WORK).read_text() == WORK
    with Gradebook(f"sqlite:///{back}/gradebook.db") as book:
        assert book.find_submission(FIRST, "zoe").score == 7.25 + 0.5


def test_it_makes_room_for_the_next_class(course: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "../term.tar.gz", "--clear"]) == 0
    kept = ["nbgrader_config.py", "notes.txt", f"solutions/{FIRST}.py"]
    assert files(course) == kept
    said = "Removed gradebook.db, gradebook.seeds.json, roster.csv, submitted.\n"
    assert said in capsys.readouterr().out
    with tarfile.open("../term.tar.gz") as archive:
        assert f"layers/{WORK}" in archive.getnames()


def test_a_name_of_its_own(course: Path) -> None:
    assert main(["archive"]) == 0
    [written] = (course / "archive").iterdir()
    assert written.name.startswith("books-2")
    assert written.name.endswith(".tar.gz")


def test_a_file_that_is_there_is_not_replaced(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course.parent / "term.tar.gz").write_text("last term")
    before = files(course)
    assert main(["archive", "../term.tar.gz", "--clear"]) == 1
    assert "is there already: name another file" in capsys.readouterr().err
    assert files(course) == before
    assert (course.parent / "term.tar.gz").read_text() == "last term"


def test_nothing_is_removed_where_nothing_could_be_written(
    course: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device", "term.tar.gz")

    monkeypatch.setattr(archiving.tarfile.TarFile, "add", full)
    before = files(course)
    assert main(["archive", "../term.tar.gz", "--clear"]) == 1
    assert "No space left on device" in capsys.readouterr().err
    assert files(course) == before
    assert [path.name for path in course.parent.iterdir()] == ["layers"]


def test_a_folder_without_a_gradebook_and_one_on_a_server(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (course / "gradebook.db").unlink()
    assert main(["archive"]) == 1
    assert "there is no gradebook" in capsys.readouterr().err
    with (course / "nbgrader_config.py").open("a") as config:
        config.write("c.CourseDirectory.db_url = 'postgresql://grader@localhost/layers'\n")
    assert main(["archive"]) == 1
    assert "the gradebook is on a server (localhost)" in capsys.readouterr().err


@pytest.mark.parametrize("folder", ["submitted", "solutions"])
def test_it_is_not_written_into_what_is_archived(
    course: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    """With --clear it would be removed with all the rest."""
    before = files(course)
    assert main(["archive", f"{folder}/term.tar.gz", "--clear"]) == 1
    assert "would lie in what is archived: write it elsewhere" in capsys.readouterr().err
    assert files(course) == before
