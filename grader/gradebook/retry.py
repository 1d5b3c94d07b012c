"""A run that meets a full disk or a busy gradebook says so, waits, and goes on.

Without this nbgrader would count every submission after it as failed, or give up the class.
"""

from __future__ import annotations

import errno
import logging
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from nbgrader.api import InvalidEntry
from sqlalchemy.exc import OperationalError

from grader.gradebook.one_line import refuse

Made = TypeVar("Made")
_MOST_SECONDS = 600.0
_LOOK_SECONDS = 1.0
_ROOM = 8 << 20
"""Bytes that must be free before anything is begun: more than a graded notebook takes."""
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Patience:
    """Does what needs the disk and the gradebook, again where it met a lack of them.

    Having given up once, it waits no more: the rest of the class would wait as long for nothing.
    """

    def __init__(
        self, folder: Path, log: logging.Logger | logging.LoggerAdapter[logging.Logger]
    ) -> None:
        self._folder = folder
        self._log = log
        self._over = ""

    def do(self, work: Callable[[], Made]) -> Made:
        """What the work gives, which may be begun several times; raises `Refused` in the end."""
        if self._over:
            raise refuse(self._log, self._over)
        began, told = time.monotonic(), ""
        while True:
            try:
                _try_room(self._folder)
                made = work()
            except (OSError, OperationalError, InvalidEntry) as error:
                trouble = self._trouble(error)
                if not trouble:
                    raise self._refused(error) from None
            else:
                if told:
                    self._log.warning("Grading continues.")
                return made
            if time.monotonic() - began > _MOST_SECONDS:
                self._over = f"{trouble}. Fix that and grade again: grading continues where it was."
                raise refuse(self._log, self._over)
            if trouble != told:
                self._log.warning("%s: waiting for at most %g s", trouble, _MOST_SECONDS)
            told = trouble
            time.sleep(_LOOK_SECONDS)

    def _refused(self, error: Exception) -> Exception:
        """What to raise where waiting would be in vain: a line where it says enough."""
        if _is_read_only(error):
            self._over = f"{self._folder} is read-only: nothing was graded"
            return refuse(self._log, self._over)
        if isinstance(error, PermissionError):
            reason = f"{error.filename or self._folder} cannot be used ({error.strerror})"
            return refuse(self._log, f"{reason}. It was not graded.")
        return error

    def _trouble(self, error: Exception) -> str:
        """What will pass, in words; nothing where it will not."""
        if isinstance(error, InvalidEntry):  # nbgrader's wrapping of what SQLAlchemy raised
            error = error.__context__ or error
        database = getattr(error, "orig", None)
        sqlite = str(getattr(database, "sqlite_errorname", ""))
        if getattr(error, "errno", None) in _FULL or sqlite.startswith("SQLITE_FULL"):
            return f"The disk that holds {self._folder} is full"
        if sqlite.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
            return "The gradebook is locked by another program"
        return _server_trouble(database) if hasattr(database, "sqlstate") else ""


def _is_read_only(error: Any) -> bool:
    """Of the disk, or of the file of an SQLite gradebook."""
    if isinstance(error, InvalidEntry):
        error = error.__context__ or error
    sqlite = str(getattr(getattr(error, "orig", None), "sqlite_errorname", ""))
    return getattr(error, "errno", None) == errno.EROFS or sqlite.startswith("SQLITE_READONLY")


def _server_trouble(error: Any) -> str:
    """The same for a PostgreSQL server, which tells by a code. It tells nothing where it is gone,
    and that a gradebook can be reached was tried when the run began."""
    code = str(error.sqlstate or "08")
    if code.startswith("53100"):
        return "The disk of the gradebook's server is full"
    if code.startswith(("40", "55P03")):
        return "The gradebook is locked by another program"
    if code.startswith(("08", "53", "57P")):
        return "The gradebook's server does not answer"
    return ""


def _try_room(folder: Path) -> None:
    """Raises `OSError` where the disk is full, or the quota used up."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, _ROOM)
            else:
                file.write(bytes(_ROOM))
    except OSError as error:
        if error.errno in _FULL:
            raise  # anything else, such as a folder that may not be written to, is not our concern
