"""A submission copied into submitted/: whole, and no file of anybody else's with it."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from nbgrader.coursedir import CourseDirectory

from grader.gradebook.lock import Claim
from grader.lms import take as module
from grader.lms.arrival import Arrival
from grader.lms.take import Busy, NotTaken, take

UNIT = "01-first-layers"
WHEN = datetime(2026, 11, 3, 8)
KEPT = "kept from before"


@pytest.fixture
def course(tmp_path: Path) -> CourseDirectory:
    """A course into which ada has handed in before."""
    root = tmp_path / "course"
    there = root / "submitted" / "ada" / UNIT
    there.mkdir(parents=True)
    (there / f"{UNIT}.ipynb").write_text(KEPT)
    (there / "timestamp.txt").write_text("2026-11-03 07:00:00 UTC")
    found = CourseDirectory(root=str(root))
    found.assignment_id = UNIT
    return found


@pytest.fixture
def handed_in(tmp_path: Path) -> Arrival:
    """What ada hands in now."""
    folder = tmp_path / "inbound" / f"ada+{UNIT}"
    (folder / "data" / "more").mkdir(parents=True)
    (folder / f"{UNIT}.ipynb").write_text("new")
    (folder / "timestamp.txt").write_text("2026-11-03 08:00:00 UTC")
    (folder / "data" / "more" / "numbers.csv").write_text("1,2")
    (folder / ".ipynb_checkpoints").mkdir()
    return Arrival(folder.name, "ada", "ada", WHEN, 0.0, folder, "s")


def there(course: CourseDirectory) -> dict[str, str]:
    """What is in submitted/ of ada's."""
    folder = Path(course.root) / "submitted" / "ada"
    return {
        str(path.relative_to(folder)): path.read_text()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_what_is_newer_takes_the_place_of_what_was_there(
    course: CourseDirectory, handed_in: Arrival
) -> None:
    assert take(course, handed_in)
    assert there(course) == {
        f"{UNIT}/{UNIT}.ipynb": "new",
        f"{UNIT}/data/more/numbers.csv": "1,2",
        f"{UNIT}/timestamp.txt": "2026-11-03 08:00:00 UTC",
    }
    assert not take(course, handed_in)  # it is there


def test_what_is_older_changes_nothing_and_is_told(
    course: CourseDirectory, handed_in: Arrival
) -> None:
    before = there(course)
    with pytest.raises(NotTaken, match="A newer one came another way"):
        take(course, replace(handed_in, when=WHEN - timedelta(hours=2)))
    assert there(course) == before


def a_link(folder: Path, private: Path) -> None:
    (folder / f"{UNIT}.ipynb").unlink()
    (folder / f"{UNIT}.ipynb").symlink_to(private)


def a_linked_folder(folder: Path, private: Path) -> None:
    (folder / "other").symlink_to(private.parent)


def a_pipe(folder: Path, private: Path) -> None:
    os.mkfifo(folder / "answers.csv")


def too_many(folder: Path, private: Path) -> None:
    for number in range(2100):
        (folder / f"{number}.txt").touch()


def too_deep(folder: Path, private: Path) -> None:
    (folder / "/".join("abcdefghij")).mkdir(parents=True)


def too_large(folder: Path, private: Path) -> None:
    with (folder / "large.csv").open("wb") as file:
        file.truncate(200_000_000)


def all_too_large(folder: Path, private: Path) -> None:
    for number in range(3):
        (folder / f"{number}.csv").write_bytes(bytes(40_000_000))


@pytest.mark.parametrize(
    "spoil", [a_link, a_linked_folder, a_pipe, too_many, too_deep, too_large, all_too_large]
)
def test_what_cannot_be_taken_leaves_nothing_and_changes_nothing(
    course: CourseDirectory, handed_in: Arrival, tmp_path: Path, spoil: object
) -> None:
    private = tmp_path / "private" / "solutions.ipynb"
    private.parent.mkdir()
    private.write_text("the model answers")
    before = there(course)
    spoil(handed_in.folder, private)  # type: ignore[operator]
    with pytest.raises(NotTaken) as reason:
        take(course, handed_in)
    assert str(reason.value).endswith(".")
    assert there(course) == before
    assert [path.name for path in (Path(course.root) / "submitted" / "ada").iterdir()] == [UNIT]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_account_is_not_read(course: CourseDirectory, handed_in: Arrival) -> None:
    """A hard link leads to it as well as a symbolic one, where the system allows one."""
    os.chown(handed_in.folder / f"{UNIT}.ipynb", 1, -1)
    with pytest.raises(NotTaken, match="belongs to another account"):
        take(course, handed_in)


def test_one_that_another_run_grades_is_left_for_later(
    course: CourseDirectory, handed_in: Arrival
) -> None:
    before = there(course)
    claim = Claim()
    assert claim.take(Path(course.root) / "submitted" / "ada" / UNIT)
    with pytest.raises(Busy):
        take(course, handed_in)
    assert there(course) == before
    claim.drop_all()
    assert take(course, handed_in)


def test_a_full_disk_leaves_what_was_there(
    course: CourseDirectory, handed_in: Arrival, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    before = there(course)
    monkeypatch.setattr(module.os, "read", full)
    with pytest.raises(OSError, match="No space left"):
        take(course, handed_in)
    assert there(course) == before


def test_what_a_killed_run_left_is_tidied_up(course: CourseDirectory, handed_in: Arrival) -> None:
    left = Path(course.root) / "submitted" / "ada" / f".{UNIT}.taking-abc"
    left.mkdir()
    (left / "half").write_text("")
    assert take(course, handed_in)
    assert not left.exists()
