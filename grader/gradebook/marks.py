"""The scores in nbgrader's gradebook, as a table: a row for each student, a column for each thing.

A unit is a column, and so is each of its questions: a graded cell, also one graded by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import Assignment, Gradebook

from grader.gradebook.no_such_unit import no_such_unit
from grader.gradebook.scores import Scores, read_scores


class NoSuchMarks(Exception):
    """A unit or a student that the gradebook does not know; the message says what it knows."""


@dataclass(frozen=True)
class Column:
    """What a score is given for, and the points that it is worth. A unit has no `question`."""

    unit: str
    question: str
    most: float

    @property
    def name(self) -> str:
        """Unit and question."""
        return f"{self.unit}: {self.question}" if self.question else self.unit


@dataclass(frozen=True)
class Marks:
    """What a student has in a unit. `scores` is by column; the unit's own is less the penalty.

    `waiting` tells that something still has to be graded by hand.
    """

    student: str
    unit: str
    scores: Mapping[Column, float]
    raw: float
    penalty: float
    timestamp: datetime | None
    waiting: bool


@dataclass(frozen=True)
class Table:
    """All marks of some units. Who handed in a unit and has no grade in it, is in `ungraded`, as
    student and unit, and not in `marks`: that is not a score of 0."""

    columns: tuple[Column, ...]
    marks: tuple[Marks, ...]
    due: Mapping[str, datetime | None] = field(default_factory=dict)
    ungraded: tuple[tuple[str, str], ...] = ()

    @property
    def units(self) -> tuple[str, ...]:
        """The units, in the order of the columns."""
        return tuple(dict.fromkeys(column.unit for column in self.columns))

    def of(self, student: str) -> dict[Column, float]:
        """All scores of a student."""
        own = (marks.scores for marks in self.marks if marks.student == student)
        return {column: score for scores in own for column, score in scores.items()}


def table(
    book: Gradebook,
    units: Sequence[str] = (),
    students: Sequence[str] = (),
    questions: bool = True,
    handed_in: Callable[[str], Iterable[str]] = lambda unit: (),
) -> Table:
    """The marks of these units and students, of all if none is named.

    `handed_in` tells who handed in a unit, graded or not: the gradebook need not know of it.
    Raises `NoSuchMarks` for a unit or a student that the gradebook does not know.
    """
    assignments = sorted(book.assignments, key=lambda assignment: str(assignment.name))
    if missing := {*units} - {str(one.name) for one in assignments}:
        raise NoSuchMarks(no_such_unit(book, min(missing)))
    _refuse_unknown_students(students, [str(student.id) for student in book.students])
    chosen = [one for one in assignments if not units or one.name in units]
    columns: list[Column] = []
    marks: list[Marks] = []
    ungraded: list[tuple[str, str]] = []
    for one in chosen:
        unit = str(one.name)
        scores = read_scores(book, unit)
        own = _columns(one, scores)
        columns += [column for column in own.values() if questions or not column.question]
        times = {submission.student_id: submission.timestamp for submission in one.submissions}
        # In a unit without graded cells nobody is graded, and nobody waits for it.
        there = {*scores.by_student, *handed_in(unit)} if scores.most else set()
        for student in sorted(there & {*students} if students else there):
            if scores.is_graded(student):
                marks.append(_marks(student, scores, own, times[student], questions))
            else:
                ungraded.append((student, unit))
    due = {one.name: one.duedate for one in chosen}
    return Table(tuple(columns), tuple(marks), due, tuple(ungraded))


def _refuse_unknown_students(wanted: Sequence[str], known: Sequence[str]) -> None:
    for name in wanted:
        if name not in known:
            there = ", ".join(sorted(known)) or "nothing"
            raise NoSuchMarks(f"there is no student {name} in the gradebook: {there}")


def _columns(assignment: Assignment, scores: Scores) -> dict[tuple[str, str], Column]:
    """The unit's columns by notebook and graded cell; the unit's own comes first."""
    unit = str(assignment.name)
    columns = {("", ""): Column(unit, "", float(assignment.max_score))}
    for (notebook, cell), most in scores.most.items():
        name = f"{notebook}/{cell}" if len(scores.notebooks) > 1 else cell
        columns[notebook, cell] = Column(unit, name, most)
    return columns


def _marks(
    student: str,
    scores: Scores,
    columns: Mapping[tuple[str, str], Column],
    timestamp: datetime | None,
    questions: bool,
) -> Marks:
    own, whole = scores.by_student[student], columns["", ""]
    points = {columns[key]: score.points or 0.0 for key, score in own.items()}
    raw, penalty = sum(points.values()), scores.penalty[student]
    given = {whole: max(0.0, raw - penalty), **(points if questions else {})}
    waiting = any(score.waiting for score in own.values())
    return Marks(student, whole.unit, given, raw, penalty, timestamp, waiting)


def plain(points: float) -> str:
    """Points in as few digits as tell them, to a thousandth."""
    return f"{round(points, 3):.12g}"
