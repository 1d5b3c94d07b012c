"""The scores of a unit, from nbgrader's gradebook, in a few queries however large the class."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from nbgrader.api import (
    BaseCell,
    Grade,
    Gradebook,
    Notebook,
    Student,
    SubmittedAssignment,
    SubmittedNotebook,
)
from sqlalchemy import select


@dataclass(frozen=True)
class Score:
    """What a graded cell gives a student.

    `points` is None where nobody has given any yet, `waiting` says that a human is to look at it,
    `unchanged` that nbgrader found a written answer as it was handed out.
    """

    points: float | None
    waiting: bool
    unchanged: bool = False


@dataclass(frozen=True)
class Scores:
    """A unit's scores. A graded cell is known by its notebook and its name.

    `most` holds what each cell may give, `by_student` what it gives, `penalty` what is taken off
    for coming late, and `names` all students of the course, as "Ada Lovelace" where it is known.
    `by_hand` are the cells that a person grades.
    """

    notebooks: tuple[str, ...]
    most: Mapping[tuple[str, str], float]
    by_student: Mapping[str, Mapping[tuple[str, str], Score]]
    penalty: Mapping[str, float]
    names: Mapping[str, str]
    by_hand: Collection[tuple[str, str]] = ()

    def is_graded(self, student: str) -> bool:
        """Whether anyone has graded it: each notebook that has tests has points for one of them.

        Where nothing but a person gives points, any points will do.
        """
        own = self.by_student.get(student, {})
        tests = own.keys() - set(self.by_hand)
        given = {key for key, score in own.items() if score.points is not None}
        if not tests:
            return bool(given)
        return {notebook for notebook, _ in tests} == {notebook for notebook, _ in tests & given}


def read_scores(book: Gradebook, unit: str) -> Scores:
    """The unit's scores; raises `MissingEntry` where the gradebook does not know the unit."""
    assignment = book.find_assignment(unit)
    cells = {
        (notebook.name, cell.name): cell
        for notebook in assignment.notebooks
        for cell in (*notebook.grade_cells, *notebook.task_cells)
    }
    by_hand = {
        (notebook.name, cell.name)
        for notebook in assignment.notebooks
        for cell in (*notebook.solution_cells, *notebook.task_cells)
    }
    by_student, penalty = _by_student(book, assignment.id, by_hand)
    return Scores(
        tuple(sorted(notebook.name for notebook in assignment.notebooks)),
        {key: float(cell.max_score) for key, cell in cells.items()},
        by_student,
        penalty,
        {student.id: _name(student) for student in book.students},
        by_hand,
    )


def _by_student(
    book: Gradebook, assignment: str, by_hand: set[tuple[str, str]]
) -> tuple[dict[str, dict[tuple[str, str], Score]], dict[str, float]]:
    query = (
        select(
            SubmittedAssignment.student_id,
            Notebook.name,
            SubmittedNotebook.id,
            SubmittedNotebook.late_submission_penalty,
            BaseCell.name,
            Grade.auto_score,
            Grade.manual_score,
            Grade.extra_credit,
            Grade.needs_manual_grade,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .where(SubmittedAssignment.assignment_id == assignment)
    )
    scores: dict[str, dict[tuple[str, str], Score]] = {}
    penalties: dict[str, dict[str, float]] = {}
    for student, notebook, one, penalty, cell, auto, manual, extra, waiting in book.db.execute(
        query
    ):
        key = (notebook, cell)
        given = auto if manual is None else manual
        points = None if given is None else float(given) + float(extra or 0.0)
        unchanged = key in by_hand and manual is None and auto == 0
        scores.setdefault(student, {})[key] = Score(points, bool(waiting), unchanged)
        penalties.setdefault(student, {})[one] = float(penalty or 0.0)
    for student in _only_given_time(book, assignment):
        if all(score.points is None for score in scores.get(student, {}).values()):
            scores.pop(student, None)
            penalties.pop(student, None)
    return scores, {student: sum(parts.values()) for student, parts in penalties.items()}


def _only_given_time(book: Gradebook, assignment: str) -> list[str]:
    """Who has a submission in the gradebook for their extension; it is one of theirs when it has a
    time or points."""
    query = select(SubmittedAssignment.student_id).where(
        SubmittedAssignment.assignment_id == assignment,
        SubmittedAssignment.extension.is_not(None),
        SubmittedAssignment.timestamp.is_(None),
    )
    return list(book.db.execute(query).scalars())


def _name(student: Student) -> str:
    return " ".join(part for part in (student.first_name, student.last_name) if part)
