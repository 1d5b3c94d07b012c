"""A class's wrong ideas over time, as data: when they come, how long they stay, what helps.

Counts only: no name of a student, and nothing of what students chose to send where fewer than
`FEW` sent anything for the unit.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from grader.class_report.class_report import ClassReport, Held
from grader.class_report.shared_checks import Entry, SharedCheck, SharedHint
from grader.sharing import KINDS

FEW = 5
"""Below so many who send their checks, a count could tell of a single person."""


@dataclass(frozen=True)
class Meeting:
    """A student's way with one idea in one exercise.

    `spent` checks named it; it was left after `left` of them, None where it never was. `back` says
    that it came again. `hints` are the kinds that were read while it was there, each with whether
    the next check was without it.
    """

    first: bool
    spent: int
    left: int | None
    back: bool
    hints: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True)
class Helped:
    """A kind of hint: how often it was read, and how often the next check was without the idea."""

    kind: str
    read: int
    helped: int


@dataclass(frozen=True)
class IdeaInClass:
    """A wrong idea about an exercise.

    Of those who send their checks: how many have `met` it, for how many it was the `first` idea
    named there, how many checks they `spent` on it, how many checks it took each who left it, who
    has `stayed` with it, for whom it came `back`. `held` counts graded submissions that have it.
    """

    unit: str
    exercise: str
    idea: str
    says: str
    met: int = 0
    first: int = 0
    spent: int = 0
    took: tuple[int, ...] = ()
    stayed: int = 0
    back: int = 0
    hints: tuple[Helped, ...] = ()
    held: int = 0

    @property
    def typical(self) -> float | None:
        """The median number of checks after which it was left."""
        return median(self.took) if self.took else None


@dataclass(frozen=True)
class ExerciseInClass:
    """An exercise, of those who send their checks: how many tried it, how many checks it took each
    who got it right, who has not, and how many wrong checks named no idea."""

    unit: str
    exercise: str
    tried: int
    took: tuple[int, ...]
    not_yet: int
    wrong: int
    unnamed: int


@dataclass(frozen=True)
class UnitIdeas:
    """A unit: `graded` submissions, of which `with_idea` have a named one; `senders` is how many
    send their checks, `unread` how many lines of theirs cannot be read."""

    unit: str
    graded: int
    with_idea: int
    senders: int
    unread: int
    ideas: tuple[IdeaInClass, ...]
    exercises: tuple[ExerciseInClass, ...]

    def weight(self, one: IdeaInClass) -> float:
        """What an idea costs a student: checks on average, and its share in graded work."""
        checks = one.spent / self.senders if self.senders else 0.0
        return checks + (one.held / self.graded if self.graded else 0.0)


@dataclass(frozen=True)
class ClassIdeas:
    """All units, in their order."""

    units: tuple[UnitIdeas, ...]

    @property
    def costliest(self) -> tuple[tuple[UnitIdeas, IdeaInClass], ...]:
        """All ideas, those first that cost most."""
        found = [(unit, one) for unit in self.units for one in unit.ideas]
        return tuple(sorted(found, key=lambda pair: -pair[0].weight(pair[1])))

    def to_json(self) -> list[dict[str, Any]]:
        """All of it, for a script."""
        return [asdict(unit) for unit in self.units]


def unit_ideas(
    report: ClassReport,
    shared: Sequence[Sequence[Entry]],
    says: Mapping[tuple[str, str], str],
    unread: int = 0,
) -> UnitIdeas:
    """A unit's ideas, from its report and what was sent: the entries of each student. `says` has
    what the card says, by exercise and idea."""
    senders = len(shared)
    sent = shared if senders >= FEW else []
    held = {(one.exercise, one.what): one for one in report.ideas}
    meetings: dict[tuple[str, str], list[Meeting]] = {}
    for entries in sent:
        for exercise, own in _by_exercise(entries).items():
            for idea in dict.fromkeys(name for one in _checks(own) for name in one.ideas):
                meetings.setdefault((exercise, idea), []).append(_meeting(own, idea))
    keys = dict.fromkeys([*meetings, *held])
    ideas = [_idea(report.unit, key, meetings.get(key, []), held.get(key), says) for key in keys]
    holders = {student for one in report.ideas for student in one.students}
    unit = UnitIdeas(
        report.unit,
        len(report.submissions),
        len(holders),
        senders,
        unread,
        tuple(ideas),
        tuple(_exercises(report.unit, sent)),
    )
    ordered = sorted(unit.ideas, key=lambda one: -unit.weight(one))
    return UnitIdeas(**{**vars(unit), "ideas": tuple(ordered)})


def _by_exercise(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for one in entries:
        found.setdefault(one.exercise, []).append(one)
    return found


def _checks(entries: Iterable[Entry]) -> list[SharedCheck]:
    return [one for one in entries if isinstance(one, SharedCheck)]


def _meeting(entries: Sequence[Entry], idea: str) -> Meeting:
    """How a student came to an idea in an exercise, and away from it."""
    spent, left, back, there, read = 0, None, False, False, ""
    hints: list[tuple[str, bool]] = []
    for one in entries:
        if isinstance(one, SharedHint):
            read = one.kind if there else ""
            continue
        has = idea in one.ideas
        if there and read:
            hints.append((read, not has))
        if there and not has and left is None:
            left = spent
        back = back or (has and left is not None)
        spent += has
        there, read = has, ""
    first = next((one.ideas for one in _checks(entries) if one.ideas), ())
    return Meeting(idea in first, spent, left, back, tuple(hints))


def _idea(
    unit: str,
    key: tuple[str, str],
    met: Sequence[Meeting],
    held: Held | None,
    says: Mapping[tuple[str, str], str],
) -> IdeaInClass:
    read = Counter(kind for one in met for kind, _ in one.hints)
    helped = Counter(kind for one in met for kind, good in one.hints if good)
    return IdeaInClass(
        unit,
        *key,
        says.get(key) or (held.says if held else ""),
        len(met),
        sum(one.first for one in met),
        sum(one.spent for one in met),
        tuple(sorted(one.left for one in met if one.left is not None)),
        sum(one.left is None for one in met),
        sum(one.back for one in met),
        tuple(Helped(kind, read[kind], helped[kind]) for kind in KINDS if read[kind]),
        len(held.students) if held else 0,
    )


def _exercises(unit: str, sent: Iterable[Sequence[Entry]]) -> list[ExerciseInClass]:
    tries: dict[str, list[list[SharedCheck]]] = {}
    for entries in sent:
        for exercise, own in _by_exercise(entries).items():
            if checks := [one for one in _checks(own) if one.attempted]:
                tries.setdefault(exercise, []).append(checks)
    return [_exercise(unit, exercise, each) for exercise, each in tries.items()]


def _exercise(unit: str, exercise: str, tries: Sequence[Sequence[SharedCheck]]) -> ExerciseInClass:
    took = [
        next((number for number, one in enumerate(checks, 1) if one.right), None)
        for checks in tries
    ]
    wrong = [one for checks in tries for one in checks if not one.right]
    return ExerciseInClass(
        unit,
        exercise,
        len(tries),
        tuple(sorted(number for number in took if number is not None)),
        took.count(None),
        len(wrong),
        sum(not one.ideas for one in wrong),
    )
