"""A whole term, as data: each student in each unit, and what comes back from unit to unit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

State = Literal["graded", "not graded", "missed", "open"]
"""Handed in, and graded or not; not handed in, and due already or not."""
OFTEN = 2
"""So many units missed put a student on the list."""


@dataclass(frozen=True)
class Standing:
    """A student in a unit.

    `points` are less the `penalty` for coming late, and None where nothing is graded. `days_late`
    begins where the student's own extension ends. `waiting` counts the cells that a person is
    still to grade, `untouched` the exercises that were not attempted. `exercises` has the points
    for each of the unit's, None where it is not graded.
    """

    state: State
    points: float | None = None
    penalty: float = 0.0
    days_late: float = 0.0
    waiting: int = 0
    untouched: int = 0
    exercises: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class UnitInTerm:
    """A unit over the whole class; `exercises` have a title and the points that they may give.

    `shares` are those of the points, in percent, of all who are graded, in order: lower quartile,
    median, upper quartile; None where nobody is.
    """

    unit: str
    most: float
    due: datetime | None
    exercises: tuple[tuple[str, float], ...]
    handed_in: int
    late: int
    missed: int
    shares: tuple[float, float, float] | None


@dataclass(frozen=True)
class StudentInTerm:
    """A student over all units. `most` is what the units that count so far may give: those that
    are graded, and those that were missed."""

    student: str
    name: str
    section: str
    standings: Mapping[str, Standing]
    points: float
    most: float

    @property
    def missed(self) -> tuple[str, ...]:
        """The units that are due, and that the student has not handed in."""
        return tuple(unit for unit, one in self.standings.items() if one.state == "missed")

    @property
    def share(self) -> float | None:
        """Of the points so far, from 0 to 1."""
        return self.points / self.most if self.most else None


@dataclass(frozen=True)
class Returning:
    """A wrong idea that students have in several units: who, and in which units."""

    idea: str
    holders: Mapping[str, tuple[str, ...]]

    @property
    def units(self) -> tuple[str, ...]:
        """All units in which it came back, or was met before it came back."""
        return tuple(dict.fromkeys(unit for units in self.holders.values() for unit in units))


@dataclass(frozen=True)
class Term:
    """All of it, in the order of the units and of the students' ids."""

    made: datetime
    units: tuple[UnitInTerm, ...]
    students: tuple[StudentInTerm, ...]
    returning: tuple[Returning, ...]

    @property
    def often_missed(self) -> tuple[StudentInTerm, ...]:
        """Who has missed two units or more, the most first."""
        found = [one for one in self.students if len(one.missed) >= OFTEN]
        return tuple(sorted(found, key=lambda one: -len(one.missed)))

    def to_json(self) -> dict[str, Any]:
        """All of it, for a script; times are in UTC."""
        often = [one.student for one in self.often_missed]
        told: dict[str, Any] = _plain({**asdict(self), "often_missed": often})
        return told


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(" ", "minutes")
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
