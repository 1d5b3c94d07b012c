"""What a watch says: a line for each thing that happens, also for a script to read."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grader.batch.engine import ADDED
from grader.gradebook.one_line import shown


@dataclass(frozen=True)
class Event:
    """Something that happened to a unit, or to a student's submission of it.

    `seconds` passed from the submission to this; `failed` asks the instructor to look.
    """

    when: datetime
    what: str
    unit: str
    student: str = ""
    says: str = ""
    seconds: float | None = None
    failed: bool = False

    def __str__(self) -> str:
        words = [f"{self.when:%Y-%m-%d %H:%M:%S}", self.unit, self.student, self.what]
        took = f" after {self.seconds:.1f} s" if self.seconds is not None else ""
        said = f": {self.says}" if self.says else ""
        return shown("  ".join(word for word in words if word) + took + said)

    def to_json(self) -> dict[str, Any]:
        """The same for a script."""
        return {
            "time": self.when.isoformat(timespec="seconds"),
            "event": self.what,
            "unit": self.unit,
            "student": self.student,
            "says": self.says,
            "seconds": None if self.seconds is None else round(self.seconds, 2),
            "failed": self.failed,
        }


class Heard(logging.Handler):
    """Warnings and errors of nbgrader's log, in lines, instead of all else that would say them."""

    def __init__(self, told: Callable[[str, bool], None]) -> None:
        super().__init__(logging.WARNING)
        self._told = told

    def listen(self, log: Any) -> None:
        """Hear this log alone."""
        logger = log.logger if isinstance(log, logging.LoggerAdapter) else log
        logger.handlers = [self]
        logger.propagate = False

    def emit(self, record: logging.LogRecord) -> None:
        """Tell what it says, and whether it is an error."""
        if not any(words in str(record.msg) for words in ADDED):
            said = record.getMessage().strip().split("\n")
            self._told(
                said[-1] if said[0].startswith("Traceback") else said[0], record.levelno > 30
            )
