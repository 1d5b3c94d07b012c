"""The end of a term: what a class did, in one file, and an empty folder for the next class."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import make_url

from grader.gradebook.course import CONFIG, course_directory
from grader.gradebook.lock import alone

_KEPT = (CONFIG, "solutions", "notebooks")
"""What the next class needs as well."""
_OF_THE_CLASS = (
    *("submitted", "autograded", "feedback", "reports", "model-answers", "downloaded", "watched"),
    *("gradebook.db", "gradebook.seeds.json", "gradebook.later.json", "gradebook.watched.*.json"),
    "gradebook.not-graded.json",
    *("gradebook.before-regrade-*.db", "roster*.csv", "grades.csv", "canvas.csv", "moodle.csv"),
)
"""What belongs to this one: patterns of names in the course's folder."""


class NotArchived(Exception):
    """Why nothing was written, or nothing removed; the message says what to do."""


def archive(course: Path, output: Path, *, clear: bool = False) -> tuple[int, list[str]]:
    """Write the course into a compressed tar file that only its owner can read.

    The gradebook is copied as a whole, also while somebody reads it. `clear` then removes what
    belongs to this class, and nothing else; no other command may write in between. Gives the number
    of files in it, and the names of what was removed. Raises `NotArchived`.
    """
    directory = course_directory(course)
    url = make_url(directory.db_url)
    if url.get_backend_name() != "sqlite":
        raise NotArchived(
            f"the gradebook is on a server ({url.host or url.database}), which this cannot save: "
            "use its own means, for example pg_dump, and copy this folder"
        )
    database = Path(url.database or "")
    if not database.is_file():
        raise NotArchived(f"there is no gradebook {database}: nothing to archive")
    if output.exists():
        raise NotArchived(f"{output} is there already: name another file")
    for folder in _found(course, (*_KEPT, *_OF_THE_CLASS)):
        if output.resolve().is_relative_to(folder.resolve()):
            raise NotArchived(f"{output} would lie in what is archived: write it elsewhere")
    with alone(course):
        count = _write(course, output, database)
        return count, _clear(course) if clear else []


def _clear(course: Path) -> list[str]:
    found = list(_found(course, _OF_THE_CLASS))
    for path in found:
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
    return sorted(path.name for path in found)


def _write(course: Path, output: Path, database: Path) -> int:
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output.parent, prefix=".archive-") as place:
        copy, fresh = Path(place) / "gradebook.db", Path(place) / "archive.tar.gz"
        with closing(sqlite3.connect(database)) as book, closing(sqlite3.connect(copy)) as target:
            book.backup(target)
        with (
            os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz") as written,
        ):
            for path in _found(course, (*_KEPT, *_OF_THE_CLASS)):
                if path != database:
                    written.add(path, f"{course.name}/{path.name}")
            written.add(copy, f"{course.name}/gradebook.db")
            count = sum(member.isfile() for member in written.getmembers())
        with tarfile.open(fresh) as read:  # a disk that lies is noticed before anything is removed
            if sum(member.isfile() for member in read.getmembers()) != count:
                raise NotArchived(f"{output} could not be read back: nothing was written")
        fresh.rename(output)
    return count


def _found(course: Path, patterns: tuple[str, ...]) -> Iterator[Path]:
    for pattern in patterns:
        yield from sorted(course.glob(pattern))
