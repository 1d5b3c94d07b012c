"""Who can read what a course keeps, on a machine that others work on."""

import os
import stat
from pathlib import Path

import pytest

from grader.gradebook.hidden_seed import FILE, hidden_seed
from grader.gradebook.modes import keep_private, mask, readable_by_others, told_open

NAMES = ("gradebook.db", "solutions/01.py", "solutions/01/01.ipynb", "autograded/ada/01/01.ipynb")


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A folder as a umask of 022 leaves it."""
    folder = tmp_path / "course"
    for name in (*NAMES, "notebooks/01/01.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
        (folder / name).chmod(0o644)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def mode(path: Path) -> int:
    """Its bits."""
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_may_read_what_is_written(course: Path) -> None:
    keep_private(course)
    assert mode(course / "gradebook.db") == 0o600
    assert mode(course / "solutions") == mode(course / "autograded") == 0o700
    assert mode(course / "solutions/01.py") == mode(course / "solutions/01/01.ipynb") == 0o600
    assert mode(course / "notebooks/01/01.ipynb") == 0o644  # what students get


def test_the_seeds_are_never_there_for_others(course: Path) -> None:
    before = os.umask(0)
    try:
        hidden_seed(course, "01")
    finally:
        os.umask(before)
    assert mode(course / FILE) == 0o600


def test_a_folder_that_a_group_shares_stays_open_to_it(course: Path) -> None:
    course.chmod(0o2770)
    assert mask(course) == 0o007
    (course / "gradebook.db").chmod(0o664)
    keep_private(course)
    hidden_seed(course, "01")
    assert mode(course / "gradebook.db") == 0o660
    assert mode(course / FILE) == 0o660 & ~current_umask()


def current_umask() -> int:
    """Of this process."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_what_others_can_read_is_named(course: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for parent in course.parents:  # pytest's own folder is closed to others
        if mode(parent) & stat.S_IXOTH == 0:
            parent.chmod(mode(parent) | stat.S_IXOTH)
    found = readable_by_others(course)
    assert found == ["autograded", "gradebook.db", "solutions"]
    assert "chmod -R o-rwx autograded gradebook.db solutions" in told_open(found)
    keep_private(course)
    assert readable_by_others(course) == []


def test_a_course_in_a_closed_folder_needs_no_word(course: Path) -> None:
    course.parent.chmod(0o700)
    assert readable_by_others(course) == []
