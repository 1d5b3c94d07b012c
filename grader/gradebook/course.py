"""The course of a folder, as nbgrader is configured there, and its gradebook, wherever it is."""

from __future__ import annotations

import logging
import os
import re
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from traitlets.config import Application

from grader.gradebook.busy import say_if_busy
from grader.gradebook.resume import wait_for_gradebook

CONFIG = "nbgrader_config.py"


class NoGradebook(Exception):
    """The gradebook cannot be read, and why."""


class BadConfig(NoGradebook):
    """The course's configuration cannot be read, or is none of ours; and where it is wrong."""


class _OfFolder(NbGrader):
    """nbgrader, configured as in a folder that need not be the current one."""

    load_cwd_config = False
    folder = ""

    def load_config_file(self, **options: Any) -> None:
        """Read the settings of the machine and of the user, then those of the folder."""
        super().load_config_file(**options)
        Application.load_config_file(self, self.config_file_name, path=self.folder)


def application(folder: Path) -> NbGrader:
    """nbgrader's application, configured as in this folder; its `coursedir` is the course.

    Raises `BadConfig`.
    """
    # With a logger of its own, it does not set up logging again for all of the process.
    log = logging.getLogger(__name__)
    log.setLevel(logging.ERROR)
    app = _OfFolder(log=log, raise_config_file_errors=True)
    app.folder = str(folder.resolve())
    with config_read():
        app.initialize([], root=str(folder.resolve()))
    root = Path(app.coursedir.root).resolve()
    if root != folder.resolve() and all((one / CONFIG).is_file() for one in (root, folder)):
        raise BadConfig(
            f"this is a course, but nbgrader works in {root}: another configuration, such as "
            f"~/.jupyter/{CONFIG}, names that. Write into the {CONFIG} here: "
            f"c.CourseDirectory.root = {str(folder.resolve())!r}"
        )
    return app


@contextmanager
def config_read() -> Iterator[None]:
    """Raises `BadConfig` for what a configuration file raises; nbgrader would go on without it, and
    grade with what it is set to by default: nothing confined, the students' tests believed."""
    try:
        yield
    except SyntaxError as error:
        name = _named(error.filename or CONFIG)
        raise BadConfig(f"{name}, line {error.lineno}: {error.msg}") from None
    except Exception as error:
        raise BadConfig(f"{_where(error)}: {type(error).__name__}: {error}") from None


def _where(error: Exception) -> str:
    """The file that raised it, and the line where it is Python. There may be several: a hub has
    one in /etc/jupyter, each user one of their own, and each course one."""
    read = ""
    for frame, _ in traceback.walk_tb(error.__traceback__):
        if frame.f_code.co_name == "_load_config_files":  # traitlets: the file that it reads
            read = getattr(frame.f_locals.get("loader"), "full_filename", "") or read
    frames = traceback.extract_tb(error.__traceback__)
    own = [one for one in frames if one.filename == read or Path(one.filename).name == CONFIG]
    if own:
        return f"{_named(own[-1].filename)}, line {own[-1].lineno}"
    return _named(read or CONFIG)


def _named(path: str) -> str:
    """The whole path, but the name alone for the file of this folder."""
    found = Path(path)
    return found.name if found.resolve().parent == Path.cwd().resolve() else str(found)


def course_directory(folder: Path) -> CourseDirectory:
    """The course in this folder: its directories and the address of its gradebook."""
    return application(folder).coursedir


@contextmanager
def gradebook(course: CourseDirectory, create: bool = False) -> Iterator[Gradebook]:
    """The course's gradebook, SQLite or PostgreSQL; raises `NoGradebook`.

    With `create` a course may have none yet.
    """
    try:
        url = make_url(course.db_url)
        # Opening an SQLite file that is not there would make an empty gradebook.
        missing = url.get_backend_name() == "sqlite" and not Path(url.database or "").is_file()
        if create and missing and not (Path(course.root) / CONFIG).exists():
            raise NoGradebook(f"there is no {CONFIG} here: run this in the course's folder")
        if missing and not create:
            raise NoGradebook(
                f"there is no gradebook {url.database}: run this in the course's folder, "
                "after something is graded"
            )
        wait_for_gradebook()
        if url.get_backend_name() == "sqlite":
            say_if_busy(Path(url.database or ""))
        with Gradebook(course.db_url, course.course_id) as opened:
            yield opened
    except ModuleNotFoundError as error:
        raise NoGradebook(
            f"the gradebook cannot be read: {error}: pip install 'layer-by-layer[postgres]'"
        ) from None
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise NoGradebook(f"the gradebook cannot be read: {reason}") from None


def students_with(course: CourseDirectory, unit: str, step: str = "") -> list[str]:
    """The students with a folder of this unit in `step`, such as `course.feedback_directory`; in
    submitted/ by default, graded or not."""
    step = step or course.submitted_directory
    pattern = course.format_path(step, "(?P<student>[^/]+)", unit, escape=True)
    folders = Path(course.root).glob(
        os.path.relpath(course.format_path(step, "*", unit), course.root)
    )
    found = (re.fullmatch(pattern, str(folder)) for folder in folders if folder.is_dir())
    return [match["student"] for match in found if match]


def course_of(preprocessor: Any) -> CourseDirectory | None:
    """The course in which a preprocessor works; None where it stands alone, as in a test."""
    converter = getattr(preprocessor.parent, "parent", None)  # preprocessor, exporter, converter
    return converter.coursedir if converter else None
