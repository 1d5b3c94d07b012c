"""Who may read a course's files: scores, seeds, model answers and submissions are nobody's but the
instructor's, also on a machine that others work on.

A course folder whose group shares it, which is one with the set-group-ID bit, stays open to that.
"""

from __future__ import annotations

import contextlib
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

FOLDERS = ("solutions", "submitted", "autograded", "feedback", "downloaded", "watched")
"""What a course keeps of model answers and of what was handed in, by nbgrader's names."""
_FILES = ("gradebook.*", "solutions/*.py", "solutions/*/*.ipynb", "roster*.csv")


def mask(folder: Path) -> int:
    """The bits that nothing in this course folder may have."""
    shared = folder.stat().st_mode & stat.S_ISGID
    return stat.S_IRWXO if shared else stat.S_IRWXO | stat.S_IRWXG


def keep_private(course: Path) -> None:
    """Take from everybody else what they may do with the course's files that are there by now."""
    for path in _private(course):
        close(path, mask(course))


def close(path: Path, forbidden: int) -> None:
    """Take these bits from a file or folder, where it is ours to do so."""
    with contextlib.suppress(OSError):
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & forbidden:
            path.chmod(mode & ~forbidden)


def after_converting(**_: Any) -> None:
    """nbgrader's hook: it calls this in the course's folder, with names."""
    keep_private(Path.cwd())


def readable_by_others(course: Path) -> list[str]:
    """Names of what anybody on this machine can read of the course."""
    course = course.resolve()
    if not all(parent.stat().st_mode & stat.S_IXOTH for parent in (course, *course.parents)):
        return []
    return sorted(
        {
            str(path.relative_to(course).parts[0])
            for path in _private(course)
            if path.stat().st_mode & stat.S_IROTH
            and all(p.stat().st_mode & stat.S_IXOTH for p in path.parents if p != course)
        }
    )


def told_open(names: Sequence[str]) -> str:
    """A line that says so."""
    return (
        f"Everybody on this machine can read {', '.join(names)} in this folder: "
        f"chmod -R o-rwx {' '.join(names)}"
    )


def _private(course: Path) -> Iterator[Path]:
    yield from (path for name in FOLDERS if (path := course / name).is_dir())
    for pattern in _FILES:
        yield from (path for path in course.glob(pattern) if path.is_file())
