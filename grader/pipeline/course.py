"""The course of the current folder: its configuration, and its gradebook at whatever `db_url`."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from grader.pipeline.resume import wait_for_gradebook

CONFIG = "nbgrader_config.py"


class NoCourse(Exception):
    """There is no course here, or no gradebook of it; the message says why, in one line."""


def course() -> NbGrader:
    """nbgrader's application, configured as its own commands are in this folder.

    `coursedir` and `config` are its attributes. Raises `NoCourse`.
    """
    if not Path(CONFIG).exists():
        raise NoCourse(f"there is no {CONFIG} here: run this from the course's folder")
    # With a logger of its own, the application does not set up logging anew for all of the process.
    log = logging.getLogger(__name__)
    log.setLevel(logging.ERROR)
    app = NbGrader(log=log)
    app.initialize([])
    NbGrader.start(app)
    wait_for_gradebook()
    return app


@contextmanager
def gradebook(app: NbGrader) -> Iterator[Gradebook]:
    """The course's gradebook; raises `NoCourse` where the database cannot be used."""
    url = app.coursedir.db_url
    try:
        with Gradebook(url, app.coursedir.course_id) as book:
            yield book
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise NoCourse(f"c.CourseDirectory.db_url in {CONFIG}: {_line(error)}") from None
    except DBAPIError as error:
        raise NoCourse(f"the gradebook cannot be used: {_line(error)}") from None


def _line(error: Exception) -> str:
    return str(error).strip().partition("\n")[0]
