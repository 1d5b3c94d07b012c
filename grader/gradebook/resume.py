"""A run that was killed goes on where it was, and a gradebook that is busy is waited for.

nbgrader skips a submission whose folder in autograded/ exists. A run that was killed leaves such a
folder behind, half written and without grades, and the submission would be skipped for ever.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from nbgrader.converters.base import BaseConverter
from nbgrader.utils import rmtree
from sqlalchemy import Engine, event

from grader.gradebook.lock import Claim

GRADED = "layer_by_layer_graded"
"""Key of the notebook's metadata that is written when all of it has been judged."""
BUSY_SECONDS = 120
_TAIL = 1 << 16
"""Bytes at the end of a notebook file, where its metadata stands."""


def clear_half_written(converter: BaseConverter) -> list[str]:
    """Remove the folders that a killed run left half written; the students to be graded again."""
    course = converter.coursedir
    cleared = []
    for source, notebooks in converter.assignments.items():
        pattern = converter._format_source("(?P<unit>.*)", "(?P<student>.*)", escape=True)
        match = re.match(pattern, source)
        if match is None:
            continue
        names = (course.autograded_directory, match["student"], match["unit"])
        folder = Path(course.format_path(*names))
        known = course.format_path(course.source_directory, ".", match["unit"])
        wanted = [Path(n).name for n in notebooks if (Path(known) / Path(n).name).exists()]
        claim = Claim()
        if not folder.exists() or not claim.take(Path(source)):
            continue  # not begun, or another run is at it
        if not all(_is_graded(folder / name) for name in wanted):
            rmtree(str(folder))
            cleared.append(match["student"])
        claim.drop(Path(source))
    return cleared


def _is_graded(path: Path) -> bool:
    """Whether the file was written to its end, after grading."""
    tail = tail_of(path)
    return f'"{GRADED}"'.encode() in tail and tail.rstrip().endswith(b"}")


def tail_of(path: Path) -> bytes:
    """The end of a notebook file, where its metadata stands; nothing where it cannot be read."""
    try:
        with path.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - _TAIL))
            return file.read()
    except OSError:
        return b""


def wait_for_gradebook() -> None:
    """Let SQLite wait while another program writes, instead of giving the class up after 5 s."""
    if not event.contains(Engine, "connect", _wait):
        event.listen(Engine, "connect", _wait)


def _wait(connection: Any, record: Any) -> None:
    if type(connection).__module__.startswith("sqlite3"):
        connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
