"""The scores in nbgrader's gradebook, as a table: a row for each student, a column for each thing.

A unit is a column, and so is each of its questions: a graded cell, also one graded by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment


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
    """All marks of some units."""

    columns: tuple[Column, ...]
    marks: tuple[Marks, ...]
    due: Mapping[str, datetime | None] = field(default_factory=dict)

    @property
    def units(self) -> tuple[str, ...]:
        """The units, in the order of the columns."""
        return tuple(dict.fromkeys(column.unit for column in self.columns))

    def of(self, student: str) -> dict[Column, float]:
        """All scores of a student."""
        own = (marks.scores for marks in self.marks if marks.student == student)
        return {column: score for scores in own for column, score in scores.items()}


def table(
    book: Gradebook, units: Sequence[str] = (), students: Sequence[str] = (), questions: bool = True
) -> Table:
    """The marks of these units and students, of all if none is named.

    Raises `NoSuchMarks` for one that the gradebook does not know.
    """
    assignments = sorted(book.assignments, key=lambda assignment: str(assignment.name))
    _refuse_unknown("unit", units, [assignment.name for assignment in assignments])
    _refuse_unknown("student", students, [student.id for student in book.students])
    chosen = [one for one in assignments if not units or one.name in units]
    columns = {one.name: _columns(one) for one in chosen}
    marks = [
        _marks(submission, columns[one.name], questions)
        for one in chosen
        for submission in sorted(one.submissions, key=lambda made: str(made.student.id))
        if not students or submission.student.id in students
    ]
    kept = (c for own in columns.values() for c in own.values() if questions or not c.question)
    return Table(tuple(kept), tuple(marks), {one.name: one.duedate for one in chosen})


def _refuse_unknown(what: str, wanted: Sequence[str], known: Sequence[str]) -> None:
    for name in wanted:
        if name not in known:
            there = ", ".join(sorted(known)) or "nothing"
            raise NoSuchMarks(f"there is no {what} {name} in the gradebook: {there}")


def _columns(assignment: Assignment) -> dict[str, Column]:
    """The unit's columns by the id of the graded cell; the unit's own by no id."""
    unit = str(assignment.name)
    columns = {"": Column(unit, "", float(assignment.max_score))}
    several = len(assignment.notebooks) > 1
    for notebook in sorted(assignment.notebooks, key=lambda notebook: str(notebook.name)):
        for cell in [*notebook.grade_cells, *notebook.task_cells]:
            name = f"{notebook.name}/{cell.name}" if several else cell.name
            columns[cell.id] = Column(unit, name, float(cell.max_score))
    return columns


def _marks(
    submission: SubmittedAssignment, columns: Mapping[str, Column], questions: bool
) -> Marks:
    raw, penalty = float(submission.score), float(submission.late_submission_penalty)
    scores = {columns[""]: max(0.0, raw - penalty)}
    if questions:
        for notebook in submission.notebooks:
            scores |= {columns[grade.cell_id]: float(grade.score) for grade in notebook.grades}
    return Marks(
        str(submission.student.id),
        str(submission.name),
        scores,
        raw,
        penalty,
        submission.timestamp,
        bool(submission.needs_manual_grade),
    )


def plain(points: float) -> str:
    """Points in as few digits as tell them, to a thousandth."""
    return f"{round(points, 3):.12g}"
