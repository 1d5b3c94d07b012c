"""A submission copied into submitted/: all of it or nothing, and nothing but the student's files.

A student owns the folder in the exchange, and can change it while it is read. nbgrader's own
`collect` follows a link there, so that a link to a file of the instructor's would become a copy of
it. Here no link is followed, a pipe is not opened, and what another account owns is not read.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from grader.gradebook.lock import Claim
from grader.gradebook.modes import mask
from grader.gradebook.one_line import shown
from grader.lms.arrival import Arrival
from grader.submissions.timestamps import unreadable

_MOST_FILES, _DEEPEST = 2000, 8
_KILO = 1000
_LINK = (errno.ELOOP, errno.ENOTDIR, errno.ENXIO)
"""What opening a link, or a socket, without following it ends with."""


class NotTaken(Exception):
    """Why a submission cannot be taken as it is, in words for its student."""


class Busy(Exception):
    """Another run has this student's submission in its hands: later."""


def take(course: CourseDirectory, arrival: Arrival) -> bool:
    """Copy the submission into submitted/ unless what is there is as new; whether it was copied.

    Raises `NotTaken`, `Busy` and `OSError`; then submitted/ is as it was.
    """
    unit = course.assignment_id
    target = Path(course.format_path(course.submitted_directory, arrival.student, unit))
    if target.resolve() == arrival.folder.resolve() or not _is_newer(course, arrival, target):
        return False
    put(course, arrival, target)
    return True


def put(course: CourseDirectory, arrival: Arrival, target: Path, aside: Path | None = None) -> None:
    """Copy the submission to `target`. What is there is moved to `aside`, or else removed.

    Raises `NotTaken`, `Busy` and `OSError`; then all is as it was.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    _tidy(target)
    fresh = Path(tempfile.mkdtemp(prefix=_beside(target), dir=target.parent))
    try:
        _Copy(course).copy(arrival.folder, fresh)
        _swap(fresh, target, aside)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def same_notebooks(target: Path, folder: Path) -> bool:
    """Whether the notebooks in `target` are those of a student's folder, byte for byte."""
    try:
        return all(_content(folder, path.name) == path.read_bytes() for path in _notebooks(target))
    except (NotTaken, OSError):
        return False


def _notebooks(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.ipynb"))


def _content(folder: Path, name: str) -> bytes:
    with _opened(name, 0, str(folder)) as opened, os.fdopen(os.dup(opened), "rb") as file:
        return file.read() if stat.S_ISREG(os.fstat(opened).st_mode) else b""


def _beside(target: Path) -> str:
    return f".{target.name}.taking-"


def _tidy(target: Path) -> None:
    """What a run that was killed has left."""
    for left in target.parent.glob(f"{_beside(target)}*"):
        shutil.rmtree(left, ignore_errors=True)


def _is_newer(course: CourseDirectory, arrival: Arrival, target: Path) -> bool:
    """By its time, as `nbgrader collect --update` has it; without a time by its bytes."""
    if not target.is_dir():
        return True
    if unreadable(target):  # a time that a person wrote
        return False
    there = course.get_existing_timestamp(str(target))
    if there is not None and there > arrival.when:
        raise NotTaken("A newer one came another way.")
    return there is None or arrival.when > there


def _swap(fresh: Path, target: Path, aside: Path | None) -> None:
    """Put the new folder into the old one's place."""
    claim = Claim()
    if not target.is_dir():
        fresh.rename(target)
        return
    if not claim.take(target):
        raise Busy
    try:
        old = Path(tempfile.mkdtemp(prefix=_beside(target), dir=target.parent))
        target.rename(old / "old")
        fresh.rename(target)
        if aside:
            aside.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(old / "old", aside)
        shutil.rmtree(old, ignore_errors=True)
    finally:
        claim.drop_all()


class _Copy:
    """One copy of a folder, within the limits that nbgrader sets for a course."""

    def __init__(self, course: CourseDirectory) -> None:
        self._ignored: Sequence[str] = course.ignore
        self._largest = course.max_file_size * _KILO
        self._left = course.max_dir_size * _KILO
        self._files = _MOST_FILES
        self._forbidden = mask(Path(course.root))

    def copy(self, source: Path, target: Path) -> None:
        """Copy the files of this folder and of those in it; raises `NotTaken`."""
        with _opened(source.name, os.O_DIRECTORY, str(source.parent)) as folder:
            self._owner = os.fstat(folder).st_uid
            self._folder(folder, target, 0)

    def _folder(self, folder: int, target: Path, depth: int) -> None:
        if depth > _DEEPEST:
            raise NotTaken("It contains folders in folders in folders.")
        target.chmod(0o770 & ~self._forbidden)
        with os.scandir(folder) as entries:
            found = sorted(entries, key=lambda entry: entry.name)
        for entry in found:
            if any(fnmatch(entry.name, pattern) for pattern in self._ignored):
                continue
            self._count()
            if entry.is_dir(follow_symlinks=False):
                (target / entry.name).mkdir()
                with _opened(entry.name, os.O_DIRECTORY, folder) as inner:
                    self._folder(inner, target / entry.name, depth + 1)
            else:
                self._file(entry.name, folder, target / entry.name)

    def _count(self) -> None:
        self._files -= 1
        if self._files < 0:
            raise NotTaken(f"It contains more than {_MOST_FILES} files.")

    def _file(self, name: str, folder: int, target: Path) -> None:
        with _opened(name, 0, folder) as opened:
            about = os.fstat(opened)
            if not stat.S_ISREG(about.st_mode):
                raise NotTaken(f"{shown(name)} is not an ordinary file.")
            if about.st_uid != self._owner:
                raise NotTaken(f"{shown(name)} belongs to another account than the rest.")
            if about.st_size > self._largest:
                raise NotTaken(f"{shown(name)} is too large.")
            # A name in the student's folder may be any bytes; on this disk it is the same bytes.
            mode = 0o660 & ~self._forbidden
            with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as copy:
                while piece := os.read(opened, 1 << 20):
                    self._left -= len(piece)
                    if self._left < 0:
                        raise NotTaken("It is too large.")
                    copy.write(piece)


@contextmanager
def _opened(name: str, kind: int, folder: int | str) -> Iterator[int]:
    """A file or folder in this folder, and no link to another place."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | kind
    try:
        if isinstance(folder, str):
            opened = os.open(os.path.join(folder, name), flags)
        else:
            opened = os.open(name, flags, dir_fd=folder)
    except FileNotFoundError:
        raise NotTaken(f"{shown(name)} was gone while it was read.") from None
    except PermissionError:
        raise NotTaken(f"{shown(name)} cannot be read.") from None
    except OSError as error:
        if error.errno in _LINK:
            raise NotTaken(f"{shown(name)} is a link to another place.") from None
        raise
    try:
        yield opened
    finally:
        os.close(opened)
