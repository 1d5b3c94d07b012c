"""A gradebook that another program writes to is waited for, and that is said."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path

from grader.gradebook.resume import BUSY_SECONDS

_LOOK_SECONDS = 1.0
"""Who writes for less than this is waited for without a word."""


def say_if_busy(path: Path) -> None:
    """Say in a line on stderr that a reader of this SQLite file will have to wait."""
    if not path.is_file() or not _is_busy(path):
        return
    print(
        f"grader: {path} is locked by another program: waiting for at most {BUSY_SECONDS} s",
        file=sys.stderr,
        flush=True,
    )


def _is_busy(path: Path) -> bool:
    """Anything else that is wrong with the file is said where it is opened."""
    try:
        book = sqlite3.connect(path, timeout=_LOOK_SECONDS)
        try:
            book.execute("SELECT count(*) FROM sqlite_master").fetchone()
        finally:
            book.close()
    except sqlite3.OperationalError as error:
        return error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
    except sqlite3.Error:
        return False
    return False
