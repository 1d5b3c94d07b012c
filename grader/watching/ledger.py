"""What became of each submission: a small file beside the gradebook, so that a stop loses nothing.

A look is entered before it begins. A run that is killed, or a submission that ends every run, thus
costs a look and is not tried for ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from grader.gradebook.json_file import read, write
from grader.lms.arrival import Arrival

TRIES = 3
"""How often a look is begun that does not come to an end."""
Page = Literal["", "aspects", "full", "waits", "replaced", "unreadable", "given up"]
"""What the student has been told of it: the last page that was written."""


class BadLedger(Exception):
    """The file cannot be read; the message says what to do."""


@dataclass(frozen=True)
class Row:
    """A submission's. `day` is the one that its look counts for, or nothing. `over` says that a
    look was begun after the student's time was over, `last` that a full page was written then, and
    `graded` that its points are in the gradebook. `received` is all that is said of it where
    nothing is to be shown."""

    student: str
    owner: str = ""
    page: Page = ""
    day: str = ""
    tries: int = 0
    over: bool = False
    last: bool = False
    graded: bool = False
    received: bool = False

    @property
    def is_done(self) -> bool:
        """Whether there is nothing more to say of it before the student's time is over."""
        return self.page not in ("", "waits") or self.received


class Ledger:
    """The rows of a unit, by the names of submissions; each change is written at once."""

    def __init__(self, course: Path, unit: str) -> None:
        self._path = course / f"gradebook.watched.{unit}.json"
        try:
            rows = read(self._path)
            self.rows = {name: Row(**row) for name, row in rows.items()}
        except (ValueError, TypeError, AttributeError):
            raise BadLedger(
                f"{self._path} is damaged: move it away, then every student's last submission is "
                "looked at again"
            ) from None

    def of(self, arrival: Arrival) -> Row:
        """The row of a submission, which may be new."""
        return self.rows.get(arrival.name) or Row(arrival.student, arrival.owner)

    def change(self, arrival: Arrival, how: Callable[[Row], Row]) -> None:
        """Change a row; what is in memory holds even where the disk is full (`OSError`)."""
        self.rows[arrival.name] = how(self.of(arrival))
        write(self._path, {name: asdict(row) for name, row in self.rows.items()})

    def begin(self, arrival: Arrival, day: str, *, over: bool) -> None:
        """A look begins, and counts for this day."""
        self.change(arrival, lambda row: replace(row, day=day, tries=row.tries + 1, over=over))

    def take_back(self, arrival: Arrival) -> None:
        """It was not the submission's fault that the look did not come to an end."""
        self.change(arrival, lambda row: replace(row, day="", tries=max(0, row.tries - 1)))

    def looks(self, arrival: Arrival, day: str) -> int:
        """How many looks this day has had, of the student and of who wrote the submission: what
        somebody else writes in a student's name takes none of theirs."""
        return sum(
            row.day == day and (row.student, row.owner) == (arrival.student, arrival.owner)
            for name, row in self.rows.items()
            if name != arrival.name
        )

    def had_last_word(self, student: str) -> bool:
        """Whether the student has had a full page since their time was over."""
        return any(row.student == student and row.last for row in self.rows.values())

    def is_graded(self, student: str) -> bool:
        """Whether one of the student's submissions was graded since their time was over."""
        return any(row.student == student and row.graded and row.over for row in self.rows.values())
