"""The written questions of a unit, and what the class answered, from the gradebook and the graded
notebooks. Nobody's name is in what this gives."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import (
    BaseCell,
    Comment,
    Grade,
    Gradebook,
    MissingEntry,
    Notebook,
    SubmittedAssignment,
    SubmittedNotebook,
)
from nbgrader.coursedir import CourseDirectory
from sqlalchemy import and_, select

from grader.essays.answer_text import shown
from grader.essays.rubric import Rubric, plain_model, read_rubric
from grader.gradebook.no_such_unit import no_such_unit


class NoQuestions(Exception):
    """Why there is nothing to grade, in one line; it says what to do."""


@dataclass(frozen=True)
class Question:
    """A cell that a person grades. `asked` and `model` are HTML; `kind` is that of the cell."""

    notebook: str
    cell: str
    kind: str
    asked: str
    model: str
    rubric: Rubric


@dataclass(frozen=True)
class Answer:
    """One answer, by the id of its grade. `text` is HTML, `score` what a person gave, `auto` what
    nbgrader gave: 0 for an answer that is as it was handed out."""

    id: str
    text: str
    score: float | None
    auto: float | None
    comment: str

    @property
    def waits(self) -> bool:
        """Whether a person has to give points."""
        return self.score is None and self.auto is None


def questions(course: CourseDirectory, book: Gradebook, unit: str) -> list[Question]:
    """The questions in their order. Raises `NoQuestions`."""
    try:
        assignment = book.find_assignment(unit)
    except MissingEntry:
        raise NoQuestions(no_such_unit(book, unit)) from None
    found = []
    for notebook in assignment.notebooks:
        answered = {cell.name for cell in notebook.solution_cells}
        worth = {c.name: float(c.max_score) for c in notebook.grade_cells if c.name in answered}
        found += list(
            _questions(_cells(_source(course, unit, notebook.name)), notebook.name, worth)
        )
    if not found:
        raise NoQuestions(f"{unit} has no question that a person grades")
    return found


def _source(course: CourseDirectory, unit: str, notebook: str) -> Path:
    return Path(course.format_path(course.source_directory, ".", unit)) / f"{notebook}.ipynb"


def _questions(
    cells: Sequence[Mapping[str, Any]], notebook: str, worth: Mapping[str, float]
) -> Iterator[Question]:
    asked = ""
    seen = set()
    for cell in cells:
        name = _grade_id(cell)
        if name in worth:
            seen.add(name)
            kind, text = str(cell.get("cell_type")), _text(cell)
            model = shown(plain_model(text), kind)
            yield Question(notebook, name, kind, asked, model, read_rubric(text, worth[name]))
        elif cell.get("cell_type") == "markdown":
            asked = shown(_text(cell), "markdown")
    for name in worth.keys() - seen:  # the instructor's notebook is not built, or another one
        yield Question(notebook, name, "markdown", "", "", read_rubric("", worth[name]))


class Answers:
    """Reads the answers; a notebook that did not change is read once."""

    def __init__(self, course: CourseDirectory, unit: str) -> None:
        self._course, self._unit = course, unit
        self._read: dict[Path, tuple[tuple[int, int], Mapping[str, Mapping[str, Any]]]] = {}

    def of(self, book: Gradebook, question: Question) -> list[Answer]:
        """All answers to a question that are graded by the machine so far, in an order that says
        nothing of who wrote them. Those that are as they were handed out come last."""
        found = []
        for row in book.db.execute(_answers_to(book, self._unit, question)):
            student, grade, manual, auto, comment = row
            cell = self._cell(student, question)
            if cell is not None:
                text = shown(_text(cell), question.kind, cell.get("attachments"))
                found.append(Answer(grade, text, manual, auto, comment or ""))
        return sorted(found, key=lambda answer: (answer.auto is not None, answer.id))

    def not_graded(self, handed_in: Sequence[str]) -> int:
        """How many handed in and are not autograded yet."""
        course, unit = self._course, self._unit
        folders = (
            Path(course.format_path(course.autograded_directory, student, unit))
            for student in handed_in
        )
        return sum(not folder.is_dir() for folder in folders)

    def _cell(self, student: str, question: Question) -> Mapping[str, Any] | None:
        course = self._course
        folder = Path(course.format_path(course.autograded_directory, student, self._unit))
        path = folder / f"{question.notebook}.ipynb"
        try:
            state = path.stat()
        except OSError:
            return None
        version = (state.st_mtime_ns, state.st_size)
        known, cells = self._read.get(path, ((), {}))
        if known != version:
            cells = {_grade_id(cell): _written(cell) for cell in _cells(path) if _is_answer(cell)}
            self._read[path] = version, cells
        return cells.get(question.cell)


def _answers_to(book: Gradebook, unit: str, question: Question) -> Any:
    return (
        select(
            SubmittedAssignment.student_id,
            Grade.id,
            Grade.manual_score,
            Grade.auto_score,
            Comment.manual_comment,
        )
        .join(SubmittedNotebook, SubmittedNotebook.assignment_id == SubmittedAssignment.id)
        .join(Notebook, Notebook.id == SubmittedNotebook.notebook_id)
        .join(Grade, Grade.notebook_id == SubmittedNotebook.id)
        .join(BaseCell, BaseCell.id == Grade.cell_id)
        .join(Comment, and_(Comment.notebook_id == Grade.notebook_id, _same_name()), isouter=True)
        .where(
            SubmittedAssignment.assignment_id == book.find_assignment(unit).id,
            Notebook.name == question.notebook,
            BaseCell.name == question.cell,
        )
    )


def _same_name() -> Any:
    """A comment belongs to the solution cell, a grade to the grade cell; their names are one."""
    solution = BaseCell.__table__.alias("solution")
    return Comment.cell_id.in_(
        select(solution.c.id).where(
            solution.c.name == BaseCell.name, solution.c.notebook_id == BaseCell.notebook_id
        )
    )


def _cells(path: Path) -> list[Mapping[str, Any]]:
    """The cells of a notebook; none where it cannot be read."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [cell for cell in cells if isinstance(cell, dict)]


def _is_answer(cell: Mapping[str, Any]) -> bool:
    return bool(cell.get("metadata", {}).get("nbgrader", {}).get("solution"))


def _written(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a student wrote, without outputs: those of a class would fill the memory."""
    return {name: cell[name] for name in ("source", "attachments") if name in cell}


def _grade_id(cell: Mapping[str, Any]) -> str:
    return str(cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") or "")


def _text(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", "")
    return source if isinstance(source, str) else "".join(map(str, source))
