"""Our `Execute` in nbgrader's list of preprocessors: student cells outside, judgement here.

The student's cells run in a `Session`, another process. A test cell that holds only `check`
calls is not executed anywhere: its calls are read, the student's layers are probed through the
session, and the cards and points become the cell's outputs. Anything else that is graded (an
instructor's own asserts) runs in the session, as nbgrader would run it, and says so.

There are two sessions, which run the same cells: one whose outputs are shown, and one that is asked
about hidden cases. What the second one prints, nobody sees.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import from_dict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Bool, Dict

from grader.catalogue import UnknownExercise
from grader.pipeline.beside import run_beside
from grader.pipeline.checkcalls import UnreadableCall, check_calls
from grader.pipeline.judge import judge, outputs
from grader.pipeline.oneline import refuse
from grader.pipeline.resume import GRADED
from grader.pipeline.seed import hidden_seed
from grader.sandbox.confine import CannotConfine
from grader.sandbox.limits import Limits
from grader.sandbox.session import Session
from grader.sandbox.start import shared_warm

EXPERIMENT = "experiment"
"""Cells with this tag are not run: nothing graded depends on them."""
KILLED = (
    "its process was killed from outside again and again, perhaps for want of memory on this "
    "machine; what it could not answer has no points: grade it again"
)


class Execute(NbGraderPreprocessor):
    """Takes the place of nbgrader's own Execute in `Autograde.autograde_preprocessors`."""

    limits = Dict(
        help="Limits of a submission that differ from the defaults of grader.sandbox.limits.Limits."
    ).tag(config=True)
    grade_unconfined = Bool(
        False,
        help="Grade on a system that cannot confine the students' code. It can then read what "
        "you can read, and do what you can do: only for code that you trust.",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run the notebook's cells and judge its test cells; fill in their outputs."""
        names = resources["nbgrader"]
        self._unit = names["assignment"]
        seed = hidden_seed(self._root(), self._unit)
        limits = self._limits()
        try:
            warm = shared_warm(limits, confined=not self.grade_unconfined)
            with (
                Gradebook(names["db_url"]) as book,
                Session(warm.start, limits) as shown,
                Session(warm.start, limits, discreet=True) as unseen,
            ):
                sources = self._sources(book, names)
                for cell in nb.cells:
                    if cell.cell_type == "code":
                        made = self._run(cell, shown, unseen, sources, seed)
                        cell.outputs = [from_dict(output) for output in made]
                if shown.killed or unseen.killed:
                    self.log.warning("%s: %s", names["student"], KILLED)
        except CannotConfine as error:
            raise refuse(
                self.log,
                f"{error}. Nothing was graded. `grader doctor` tells more; to grade without "
                "confinement, set c.Execute.grade_unconfined = True in nbgrader_config.py.",
            ) from None
        nb.metadata[GRADED] = True
        return nb, resources

    def _limits(self) -> Limits:
        try:
            return Limits(**self.limits)
        except TypeError as error:
            raise refuse(self.log, f"c.Execute.limits in nbgrader_config.py: {error}") from None

    def _root(self) -> Path:
        converter = self.parent.parent  # preprocessor, exporter, converter
        return Path(converter.coursedir.root)

    @staticmethod
    def _sources(gradebook: Gradebook, names: dict[str, str]) -> dict[str, str]:
        """The true sources of the cells that a student may not change, by grade id."""
        notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
        return {cell.name: cell.source for cell in notebook.source_cells if cell.locked}

    def _run(
        self,
        cell: NotebookNode,
        shown: Session,
        unseen: Session,
        sources: dict[str, str],
        seed: int,
    ) -> list[dict[str, Any]]:
        if not is_grade(cell) or is_solution(cell):
            return [] if _is_experiment(cell) else _run_in_both(cell.source, shown, unseen)
        grade_id = cell.metadata.nbgrader["grade_id"]
        source = sources.get(grade_id, cell.source)
        points = float(cell.metadata.nbgrader["points"])
        try:
            calls = check_calls(source)
            if calls is None:
                return run_beside(source, points, shown, unseen)
            return outputs(judge(calls, shown, unseen, seed), points)
        except (UnreadableCall, UnknownExercise) as error:
            raise refuse(
                self.log,
                f"solutions/{self._unit}: the test cell {grade_id} cannot be graded: {error}. "
                "Mend it there, release the unit again and grade again.",
            ) from None


def _is_experiment(cell: NotebookNode) -> bool:
    """Whether the author marked it so: a student's tag on a cell of their own says nothing."""
    return EXPERIMENT in cell.metadata.get("tags", []) and is_locked(cell)


def _run_in_both(source: str, shown: Session, unseen: Session) -> list[dict[str, Any]]:
    """What the cell shows where no hidden case was seen. A stopped cell is not run twice."""
    losses = shown.losses
    made = shown.run(source)
    if shown.losses == losses:
        unseen.later(source)
    return made
