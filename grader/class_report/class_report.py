"""How a class did in a unit, as data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class Submission:
    """What one student has.

    `points` is what all graded cells give together, before `penalty`, which is for coming late.
    `waiting` counts the cells that a human is still to grade, `untouched` the exercises that were
    not attempted. `feedback` are pages, as paths from the course's folder.
    """

    student: str
    name: str
    points: float
    penalty: float
    waiting: int
    untouched: int
    noticed: tuple[str, ...]
    trouble: tuple[str, ...]
    feedback: tuple[str, ...]
    scores: tuple[float | None, ...] = ()
    """For each of the report's questions; None where it is not graded."""


@dataclass(frozen=True)
class Question:
    """A graded cell, over the whole class.

    `judged` says how: "checked" (the examiner asked the student's layer), "beside" (tests ran
    beside the student's code) or "by hand". `full`, `partial`, `none`, `untouched` and `ungraded`
    count all submissions; `unexplained` are wrong for no known reason. `difficulty` and
    `discrimination` are None while there are any `ungraded`: those that nbgrader grades itself are
    the empty ones.
    """

    cell: str
    exercises: tuple[str, ...]
    judged: str
    most: float
    full: int
    partial: int
    none: int
    untouched: int
    ungraded: int
    unexplained: int
    difficulty: float | None
    discrimination: float | None

    @property
    def title(self) -> str:
        """What it is called on a page."""
        return ", ".join(self.exercises) or self.cell.removeprefix("check-")


@dataclass(frozen=True)
class Held:
    """Who holds something: a wrong idea about an exercise, or a limit that was met."""

    what: str
    students: tuple[str, ...]
    exercise: str = ""
    says: str = ""


@dataclass(frozen=True)
class ClassReport:
    """A unit's report. `not_graded` handed in, `absent` did not; `why_not` has the reason for
    those of whom it is known."""

    unit: str
    most: float
    submissions: tuple[Submission, ...]
    questions: tuple[Question, ...]
    ideas: tuple[Held, ...]
    met: tuple[Held, ...]
    not_graded: tuple[str, ...]
    absent: tuple[str, ...]
    why_not: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """All of it, for a script."""
        return asdict(self)
