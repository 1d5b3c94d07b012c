"""The end of a term: what a class did, in one file, and an empty folder for the next class."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url

from grader.gradebook.course import CONFIG, application
from grader.gradebook.course_files import class_folders, unit_folders
from grader.gradebook.lock import alone

_SETTINGS = (CONFIG, ".gitignore")
_BESIDE = (
    *("reports", "model-answers", "gradebook.*", "*-feedback-moodle.zip", "*-feedback-canvas.zip"),
    *("roster*.csv", "groups*.csv", "worksheet*.csv", "grades.csv", "canvas.csv", "moodle.csv"),
)
"""What this project's commands write for a class, or read of it, beside nbgrader's folders:
patterns of names in the course's folder."""
_ELSEWHERE = "elsewhere"
"""In the file, the folder of what a course keeps outside its own folder."""


class NotArchived(Exception):
    """Why nothing was written, or nothing removed; the message says what to do."""


@dataclass(frozen=True)
class _Files:
    """What there is to be archived, by whose it is: `units` stay for the next class."""

    course: Path
    database: Path
    units: tuple[Path, ...]
    of_class: tuple[Path, ...]

    @property
    def all(self) -> Iterator[Path]:
        """Each folder and file once: none that lies in another one."""
        everything = dict.fromkeys((*self.units, *self.of_class))
        for path in everything:
            if not any(path != one and path.is_relative_to(one) for one in everything):
                yield path

    def name(self, path: Path) -> str:
        """How a path is called in the file."""
        inside = path.is_relative_to(self.course)
        rest = path.relative_to(self.course if inside else path.anchor)
        return str(Path(self.course.name, *(() if inside else (_ELSEWHERE,)), rest))

    def shown(self, path: Path) -> str:
        """How people are told of it."""
        return str(path.relative_to(self.course) if path.is_relative_to(self.course) else path)


def archive(course: Path, output: Path, *, clear: bool = False) -> tuple[int, list[str]]:
    """Write the course into a compressed tar file that only its owner can read.

    Where it keeps what is read from its configuration. The gradebook is copied as a whole, also
    while somebody reads it. `clear` then removes what belongs to this class, and nothing else; no
    other command may write in between. Gives the number of files in it, and the names of what was
    removed. Raises `NotArchived`.
    """
    files = _files(course.resolve())
    if output.exists():
        raise NotArchived(f"{output} is there already: name another file")
    for folder in files.all:
        if output.resolve().is_relative_to(folder.resolve()):
            raise NotArchived(f"{output} would lie in what is archived: write it elsewhere")
    if clear:
        _look_before_clearing(files)
    with alone(course):
        count = _write(files, output)
        return count, _clear(files) if clear else []


def _files(course: Path) -> _Files:
    app = application(course)
    url = make_url(app.coursedir.db_url)
    if url.get_backend_name() != "sqlite":
        raise NotArchived(
            f"the gradebook is on a server ({url.host or url.database}), which this cannot save: "
            "use its own means, for example pg_dump, and copy this folder"
        )
    database = Path(course, url.database or "").resolve()
    if not database.is_file():
        raise NotArchived(f"there is no gradebook {database}: nothing to archive")
    units = [*_matching(course, (*_SETTINGS, "solutions", "notebooks"))]
    units += unit_folders(app.coursedir)
    copies = f"{database.stem}.before-regrade-*.db", f"{database.name}-*", f"{database.name}.*"
    of_class = [database, *class_folders(app), *_matching(course, _BESIDE)]
    of_class += _matching(database.parent, copies)
    return _Files(course, database, _once(units), _once(of_class))


def _once(paths: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(dict.fromkeys(Path(os.path.abspath(path)) for path in paths))


def _matching(folder: Path, patterns: Iterable[str]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(folder.glob(pattern))


def _look_before_clearing(files: _Files) -> None:
    """Raise `NotArchived` where a folder of the class holds what has to stay."""
    for path in files.of_class:
        for stays in (files.course, *files.units):
            if stays.resolve().is_relative_to(path.resolve()):
                raise NotArchived(
                    f"{files.shown(path)} holds work of the class, and {files.shown(stays)} as "
                    "well: with --clear, the units would be lost. Nothing was written"
                )


def _clear(files: _Files) -> list[str]:
    for path in files.of_class:
        _remove(path)
    return sorted(map(files.shown, files.of_class))


def _remove(path: Path) -> None:
    """A folder that is a link, perhaps to a larger disk, is emptied and stays."""
    if not path.is_dir():
        path.unlink(missing_ok=True)  # the gradebook's own journal goes with it
    elif not path.is_symlink():
        shutil.rmtree(path)
    else:
        for inner in path.iterdir():
            shutil.rmtree(inner) if inner.is_dir() and not inner.is_symlink() else inner.unlink()


def _write(files: _Files, output: Path) -> int:
    output.parent.mkdir(parents=True, exist_ok=True)
    database = files.database
    journals = {database.with_name(f"{database.name}{end}") for end in ("-wal", "-shm", "-journal")}
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".archive-") as place:
        copy, fresh = Path(place) / "gradebook.db", Path(place) / "archive.tar.gz"
        with closing(sqlite3.connect(database)) as book, closing(sqlite3.connect(copy)) as target:
            book.backup(target)
        with (
            os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz") as written,
        ):
            for path in files.all:
                if path not in (database, *journals):
                    written.add(path.resolve(), files.name(path))  # not a link alone
            written.add(copy, files.name(database))
            count = sum(member.isfile() for member in written.getmembers())
        with tarfile.open(fresh) as read:  # a disk that lies is noticed before anything is removed
            if sum(member.isfile() for member in read.getmembers()) != count:
                raise NotArchived(f"{output} could not be read back: nothing was written")
        fresh.rename(output)
    return count
