"""The course's gradebook: a SQLite file beside the submissions, or a PostgreSQL database."""

from __future__ import annotations

from nbgrader.api import Gradebook
from nbgrader.converters import NbGraderException
from nbgrader.converters.base import BaseConverter
from sqlalchemy.exc import ArgumentError, OperationalError

_WAITED_FOR = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL")


def reach(converter: BaseConverter) -> None:
    """Open the gradebook once before a class is begun.

    Raises `NbGraderException` where that will not do later either: nbgrader would say of each
    submission that there was an error.
    """
    course = converter.coursedir
    try:
        Gradebook(course.db_url, course.course_id).close()
    except OperationalError as error:
        if not str(getattr(error.orig, "sqlite_errorname", "")).startswith(_WAITED_FOR):
            _stop(converter, str(error.orig))
    except ModuleNotFoundError as error:
        _stop(converter, f"{error}: pip install 'layer-by-layer[postgres]'")
    except ArgumentError as error:
        _stop(converter, str(error))


def _stop(converter: BaseConverter, reason: str) -> None:
    said = reason.splitlines()[0]
    message = f"c.CourseDirectory.db_url: the gradebook cannot be opened ({said})"
    if not hasattr(converter, "outcome"):  # nbgrader says nothing of the exception
        converter.log.error(message)
    raise NbGraderException(message)
