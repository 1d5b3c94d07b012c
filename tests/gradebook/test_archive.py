"""`grader archive`: a class in one file, and nothing removed before that file is there."""

from __future__ import annotations

import sqlite3
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


OWN_NAMES = """
c.CourseDirectory.submitted_directory = "work/handed-in"
c.CourseDirectory.autograded_directory = {outside!r}
c.CourseDirectory.feedback_directory = "pages"
c.CourseDirectory.release_directory = "units"
c.CourseDirectory.db_url = "sqlite:///books/layers.db"
c.ZipCollectApp.downloaded_directory = "from-canvas"
"""


@pytest.fixture
def own(course: Path) -> Path:
    """The same course, which calls its folders and its gradebook otherwise."""
    outside = course.parent / "other disk" / "graded"
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(OWN_NAMES.format(outside=str(outside)))
    (course / "books").mkdir()
    (course / "gradebook.db").rename(course / "books/layers.db")
    (course / "work").mkdir()
    (course / "submitted").rename(course / "work/handed-in")
    for name in (
        outside / "ada" / FIRST / "graded.ipynb",
        *(course / "pages/ada" / FIRST / "page.html", course / "units" / FIRST / "given.ipynb"),
        *(course / "from-canvas" / FIRST / "archive/all.zip", course / "watched/ada/1/x.html"),
        *(course / "gradebook.regrade.json", course / f"{FIRST}-feedback-moodle.zip"),
        course / "books/layers.before-regrade-1.db",
    ):
        name.parent.mkdir(parents=True, exist_ok=True)
        name.write_text(name.name)
    return course


def test_the_folders_and_the_gradebook_are_those_of_the_configuration(
    own: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outside = own.parent / "other disk"
    before = {own / name for name in files(own)} | {outside / name for name in files(outside)}
    contents = {path: path.read_bytes() for path in before}
    assert main(["archive", "../term.tar.gz", "--clear"]) == 0
    kept = [
        "notes.txt",
        "nbgrader_config.py",
        f"solutions/{FIRST}.py",
        f"units/{FIRST}/given.ipynb",
    ]
    assert files(own) == sorted(kept)
    assert files(outside) == []
    back = own.parent / "back"
    with tarfile.open("../term.tar.gz") as archive:
        archive.extractall(back, filter="data")
    found = {back / "layers" / name for name in files(back / "layers")}
    elsewhere = back / "layers" / "elsewhere"
    where = {
        elsewhere / path.relative_to("/")
        if outside in path.parents
        else back / "layers" / path.relative_to(own)
        for path in before - {own / "notes.txt"}
    }
    assert found == where
    graded = elsewhere / (outside / f"graded/ada/{FIRST}/graded.ipynb").relative_to("/")
    assert graded.read_bytes() == contents[outside / f"graded/ada/{FIRST}/graded.ipynb"]
    with Gradebook(f"sqlite:///{back}/layers/books/layers.db") as book:
        assert book.find_submission(FIRST, "zoe").score == 7.25 + 0.5
    said = capsys.readouterr().out
    assert f"{outside / 'graded'}" in said
    assert "work/handed-in" in said


def test_students_before_steps(course: Path) -> None:
    structure = "{student_id}/{nbgrader_step}/{assignment_id}"
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.directory_structure = {structure!r}\n")
    (course / "submitted").rename(course / "old")
    for name in ("ada/submitted/01/x", "zoe/submitted/01/x", "zoe/own.txt", "./release/01/given"):
        (course / name).parent.mkdir(parents=True, exist_ok=True)
        (course / name).write_text(name)
    assert main(["archive", "../term.tar.gz", "--clear"]) == 0
    assert {"old", "zoe", "release"} < {path.name for path in course.iterdir()}
    assert not (course / "ada/submitted").exists()
    assert files(course / "zoe") == ["own.txt"]
    with tarfile.open("../term.tar.gz") as archive:
        names = set(archive.getnames())
    assert {"layers/ada/submitted/01/x", "layers/zoe/submitted/01/x"} < names


@pytest.mark.parametrize("folder", [".", "..", "solutions"])
def test_nothing_is_removed_where_work_and_units_lie_in_one_folder(
    course: Path, capsys: pytest.CaptureFixture[str], folder: str
) -> None:
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.submitted_directory = {folder!r}\n")
    before = files(course)
    assert main(["archive", "../../term.tar.gz", "--clear"]) == 1
    assert "Nothing was written" in capsys.readouterr().err
    assert files(course) == before


def test_a_folder_that_is_a_link_to_another_disk(course: Path) -> None:
    disk = course.parent / "disk"
    (course / "submitted").rename(disk)
    (course / "submitted").symlink_to(disk)
    assert main(["archive", "../term.tar.gz", "--clear"]) == 0
    with tarfile.open("../term.tar.gz") as archive:
        assert f"layers/{WORK}" in archive.getnames()
    assert files(disk) == []
    assert (course / "submitted").is_symlink()


def test_the_journal_of_the_gradebook_goes_with_it(course: Path) -> None:
    book = sqlite3.connect(course / "gradebook.db")
    book.execute("PRAGMA journal_mode=WAL")
    book.execute("UPDATE student SET email='e@uni.example' WHERE id='ada'")
    book.commit()
    assert main(["archive", "../term.tar.gz", "--clear"]) == 0
    book.close()
    assert not [name for name in files(course) if "gradebook" in name]
    with tarfile.open("../term.tar.gz") as archive:
        archive.extractall(course.parent / "back", filter="data")
        assert [name for name in archive.getnames() if ".db" in name] == ["layers/gradebook.db"]
    with Gradebook(f"sqlite:///{course.parent}/back/layers/gradebook.db") as back:
        assert back.find_student("ada").email == "e@uni.example"
