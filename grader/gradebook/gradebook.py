"""The course's gradebook: a SQLite file beside the submissions, or a PostgreSQL database.

nbgrader opens it eleven times for each submission. Each time a new engine looks whether all tables
are there and compiles its SQL, which took half of the time of the process that writes.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.converters import NbGraderException, autograde
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors import latesubmissions, overwritecells, overwritekernelspec
from sqlalchemy.exc import ArgumentError, OperationalError

_OPENERS: tuple[Any, ...] = (autograde, latesubmissions, overwritecells, overwritekernelspec)
"""nbgrader's modules that open the gradebook while a submission is graded."""
_WAITED_FOR = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL")


class _Kept(Gradebook):
    """A gradebook whose engine outlives `close`: what comes next is in a session of its own."""

    def close(self) -> None:
        """End the session."""
        self.db.remove()


_kept: dict[tuple[str, ...], _Kept] | None = None


def opened(db_url: str, *course_id: str) -> Gradebook:
    """The gradebook, to be used with `with`: one that is open already, inside `kept_open`."""
    if _kept is None:
        return Gradebook(db_url, *course_id)
    if (db_url, *course_id) not in _kept:
        _kept[db_url, *course_id] = _Kept(db_url, *course_id)
    return _kept[db_url, *course_id]


@contextmanager
def kept_open() -> Iterator[None]:
    """Meanwhile a gradebook is opened once, by nbgrader's own steps too.

    nbgrader has no setting for it: its modules are given `opened` under the name of its class.
    """
    global _kept
    _kept = {}
    for module in _OPENERS:
        module.Gradebook = opened
    try:
        yield
    finally:
        for module in _OPENERS:
            module.Gradebook = Gradebook
        for gradebook in _kept.values():
            Gradebook.close(gradebook)
        _kept = None


def reach(converter: BaseConverter) -> None:
    """Open the gradebook once before a class is begun.

    Raises `NbGraderException` where that will not do later either, or the unit is not in it:
    nbgrader would say of each submission that there was an error.
    """
    course = converter.coursedir
    unit = course.assignment_id
    try:
        with Gradebook(course.db_url, course.course_id) as gradebook:
            gradebook.find_assignment(unit)
    except MissingEntry:
        _stop(converter, f"the gradebook has no unit {unit}: nbgrader generate_assignment {unit}")
    except OperationalError as error:
        if not str(getattr(error.orig, "sqlite_errorname", "")).startswith(_WAITED_FOR):
            _stop(converter, _cannot(str(error.orig)))
    except ModuleNotFoundError as error:
        _stop(converter, _cannot(f"{error}: pip install 'layer-by-layer[postgres]'"))
    except ArgumentError as error:
        _stop(converter, _cannot(str(error)))


def _cannot(reason: str) -> str:
    said = reason.splitlines()[0]
    return f"c.CourseDirectory.db_url: the gradebook cannot be opened ({said})"


def _stop(converter: BaseConverter, message: str) -> None:
    if not hasattr(converter, "outcome"):  # nbgrader says nothing of the exception
        converter.log.error(message)
    raise NbGraderException(message)
