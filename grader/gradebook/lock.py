"""Two instructors grade at once, perhaps from one folder: each submission belongs to one of them.

The locks are on folders that exist anyway. No file is left behind, and a run that is killed lets
go of what it held.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

try:
    import fcntl
except ModuleNotFoundError:  # Windows, where nobody grades a class but one person
    fcntl = None  # type: ignore[assignment]


class Claim:
    """What this run says of submissions that are in its hands."""

    def __init__(self) -> None:
        self._held: dict[str, int] = {}

    def take(self, submission: Path) -> bool:
        """Whether the submission, a folder, is this run's now: another run may have it."""
        name = str(submission)
        if fcntl is None or name in self._held:
            return True
        opened = os.open(submission, os.O_RDONLY)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(opened)
            return False
        self._held[name] = opened
        return True

    def holds(self, submission: Path) -> bool:
        """Whether the submission is this run's already."""
        return str(submission) in self._held

    def drop(self, submission: Path) -> None:
        """Let go of the submission, if it was held."""
        opened = self._held.pop(str(submission), None)
        if opened is not None:
            os.close(opened)

    def drop_all(self) -> None:
        """Let go of all that is held."""
        for name in list(self._held):
            self.drop(Path(name))


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other instructors' commands out of a short piece of work in this course folder."""
    if fcntl is None:
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
