"""A unit whose tests were changed after it was handed in, graded again: no manual score is lost.

nbgrader updates the tests and points that a unit has, and refuses one with more or fewer cells
while there are submissions. Here the gradebook is copied first; then the submissions get the new
cells, nbgrader updates the unit, and all of it is autograded again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import (
    Base,
    Comment,
    Grade,
    Gradebook,
    GradeCell,
    MissingEntry,
    Notebook,
    SolutionCell,
    SourceCell,
    TaskCell,
)
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateAssignment, NbGraderException
from nbgrader.preprocessors import SaveCells
from sqlalchemy import create_engine, inspect, text

from grader.gradebook.modes import close, mask
from grader.gradebook.save import one_commit
from grader.regrading.cell_plan import NotRegraded, Plan, plan
from grader.regrading.pending import Pending, begin, end, pending
from grader.submissions.changed_cells import remember

ByHand = Literal["look", "keep", "scale"]


@dataclass(frozen=True)
class Prepared:
    """What changed, where the gradebook is as it was, and what must be known at the end."""

    changes: Plan
    kept: Path
    pending: Pending


def prepare(app: NbGrader, book: Gradebook, unit: str, by_hand: ByHand = "look") -> Prepared:
    """Copy the gradebook, and bring the unit in it up to date with the instructor's notebooks.

    `by_hand` says what becomes of points that a person gave where a written answer is worth other
    points: a person is to "look", or to "keep" them as they are, or to "scale" them.
    Raises `NotRegraded`, and then nothing was changed.
    """
    course = app.coursedir
    folder = Path(course.format_path(course.source_directory, ".", unit))
    paths = sorted(folder.glob("*.ipynb"))
    if not paths:
        raise NotRegraded(f"there is no notebook in {folder}: grader build {unit}")
    changes = plan(book, unit, {path.stem: _read(path) for path in paths})
    root = Path(course.root)
    now = datetime.now().strftime("%Y%m%d-%H%M%S-%f")
    kept = root / f"gradebook.before-regrade-{unit}-{now}.db"
    copy_gradebook(book, kept)
    stopped_before = pending(root, unit)
    settled = _settled(changes, by_hand)
    known = begin(
        root, unit, {*changes.changed} - {*settled}, reviewed(book, unit, changes, settled)
    )
    remember(root, unit, (*changes.added, *changes.changed))
    book.db.rollback()  # so that nbgrader's own connection finds no lock
    try:
        _update(app, unit, ScaleScores if by_hand == "scale" else UpdateCells)
    except NotRegraded:
        if not stopped_before:
            end(root, unit)  # the unit is what it was, and can be graded
        raise
    return Prepared(changes, kept, known)


def _settled(changes: Plan, by_hand: ByHand) -> tuple[str, ...]:
    """Written answers of whose points it was said what becomes of them: nobody has to look."""
    if by_hand == "look":
        return ()
    if by_hand == "keep":
        return changes.repriced
    return tuple(name for name in changes.repriced if name not in changes.from_nothing)


def _read(path: Path) -> NotebookNode:
    try:
        return nbformat.read(path, as_version=4)
    except (OSError, ValueError) as error:
        reason = str(error).partition("\n")[0]
        raise NotRegraded(f"{path} cannot be read ({reason}): grader build") from None


def copy_gradebook(book: Gradebook, path: Path) -> None:
    """Copy a gradebook, at whatever URL it is, to a SQLite file that nbgrader can open."""
    engine = create_engine(f"sqlite:///{path.resolve()}")
    Base.metadata.create_all(engine)
    with engine.begin() as made:
        for table in Base.metadata.sorted_tables:
            rows = [dict(row._mapping) for row in book.db.execute(table.select())]
            if rows:
                made.execute(table.insert(), rows)
        if inspect(book.engine).has_table("alembic_version"):
            made.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
            for (version,) in book.db.execute(text("SELECT version_num FROM alembic_version")):
                made.execute(text("INSERT INTO alembic_version VALUES (:v)"), {"v": version})
    engine.dispose()
    close(path, mask(path.parent))


def _update(app: NbGrader, unit: str, step_of_ours: type[SaveCells]) -> None:
    """nbgrader's own `generate_assignment --force`, with `UpdateCells` in it."""
    app.coursedir.assignment_id = unit
    converter = GenerateAssignment(coursedir=app.coursedir, parent=app)
    converter.force = True
    converter.preprocessors = [
        step_of_ours if str(getattr(step, "__name__", step)).endswith("SaveCells") else step
        for step in converter.preprocessors
    ]
    try:
        converter.start()
    except NbGraderException as error:
        raise NotRegraded(f"nbgrader could not make the unit: {error}") from None


class UpdateCells(SaveCells):
    """nbgrader's SaveCells, which also gives new cells to the submissions that are there already,
    and takes away those that are gone. All of it is written, or nothing."""

    scales = False
    """Whether points that a person gave for a written answer change with what it is worth."""

    def _create_notebook(self, nb: NotebookNode) -> None:
        with one_commit(self.gradebook):
            try:
                notebook = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
            except MissingEntry:
                notebook = None
            if notebook and notebook.submissions:
                self._follow(notebook)
            super()._create_notebook(nb)

    def _follow(self, notebook: Notebook) -> None:
        """Give the notebook and its submissions the cells that the new version has."""
        if self.scales:
            self._scale(notebook)
        self._exchange(notebook, GradeCell, self.new_grade_cells, (Grade,))
        self._exchange(notebook, SolutionCell, self.new_solution_cells, (Comment,))
        self._exchange(notebook, TaskCell, self.new_task_cells, (Grade, Comment))
        database = self.gradebook.db
        # Sources have no ties, and are read in the order in which they were written.
        for cell in list(notebook.source_cells):
            database.delete(cell)
        database.flush()
        for name, info in self.new_source_cells.items():
            database.add(SourceCell(name=name, notebook_id=notebook.id, **info))
        database.flush()
        database.expire_all()

    def _scale(self, notebook: Notebook) -> None:
        answers = {cell.name for cell in notebook.solution_cells}
        new = {name: info for name, info in self.new_grade_cells.items() if name in answers}
        worth = {
            name: float(info["max_score"]) for name, info in {**new, **self.new_task_cells}.items()
        }
        for cell in (*notebook.grade_cells, *notebook.task_cells):
            if cell.name in worth and cell.max_score:
                factor = worth[cell.name] / float(cell.max_score)
                given = self.gradebook.db.query(Grade).filter(
                    Grade.cell_id == cell.id, Grade.manual_score.isnot(None)
                )
                for grade in given:
                    grade.manual_score *= factor

    def _exchange(
        self,
        notebook: Notebook,
        kind: type[Any],
        new: Mapping[str, Mapping[str, Any]],
        ties: Iterable[type[Any]],
    ) -> None:
        database = self.gradebook.db
        old = {cell.name: cell for cell in notebook._base_cells if isinstance(cell, kind)}
        for name in old.keys() - new.keys():
            for tie in ties:
                database.query(tie).filter(tie.cell_id == old[name].id).delete()
            database.delete(old[name])
        for name, info in new.items():
            if name in old:
                continue
            cell = kind(name=name, notebook_id=notebook.id, **info)
            database.add(cell)
            database.flush()
            for submission in notebook.submissions:
                for tie in ties:
                    database.add(tie(cell_id=cell.id, notebook_id=submission.id))
        database.flush()


class ScaleScores(UpdateCells):
    """`UpdateCells`, which gives a written answer the same share of its new points."""

    scales = True


def reviewed(book: Gradebook, unit: str, changes: Plan, settled: Collection[str] = ()) -> set[str]:
    """Ids of the grades that a person gave and that nothing calls into question: `settled` cells
    have changed, and it was said what becomes of their points."""
    return {
        grade.id
        for submission in book.assignment_submissions(unit)
        for notebook in submission.notebooks
        for grade in notebook.grades
        if grade.manual_score is not None
        and not grade.needs_manual_grade
        and (grade.name in settled or grade.name not in changes.changed)
    }


def finish(book: Gradebook, root: Path, unit: str, known: Pending) -> None:
    """nbgrader asks again for a look at every manual score: not at those that were looked at, and
    that no change calls into question."""
    for grade in book.db.query(Grade).filter(Grade.manual_score.isnot(None)):
        fits = grade.manual_score <= grade.max_score
        if grade.id in known.reviewed and grade.name not in known.changed and fits:
            grade.needs_manual_grade = False
    book.db.commit()
    end(root, unit)
