"""Our `Execute` in nbgrader's list of preprocessors: student cells outside, judgement here.

The student's cells run in a `Session`, another process. A test cell that holds only `check`
calls is not executed anywhere: its calls are read, the student's layers are probed through the
session, and the cards and points become the cell's outputs. Anything else that is graded (an
instructor's own asserts) runs in the session, as nbgrader would run it, and says so.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from nbformat import from_dict
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import NbGraderPreprocessor
from nbgrader.utils import is_grade, is_solution
from traitlets import Float

from grader.catalogue import UnknownExercise
from grader.pipeline.checkcalls import UnreadableCall, check_calls
from grader.pipeline.judge import judge, outputs
from grader.pipeline.oneline import refuse
from grader.pipeline.seed import hidden_seed
from grader.sandbox.child import ProcessChild
from grader.sandbox.session import Limits, Session

EXPERIMENT = "experiment"
"""Cells with this tag are not run: nothing graded depends on them."""
BESIDE = "These points were given by tests that ran beside the student's code.\n"


class Execute(NbGraderPreprocessor):
    """Takes the place of nbgrader's own Execute in `Autograde.autograde_preprocessors`."""

    cell_seconds = Float(30.0, help="Wall seconds that one cell may take.").tag(config=True)
    probe_seconds = Float(
        20.0, help="Wall seconds that a layer may take to answer one script of questions."
    ).tag(config=True)
    start_seconds = Float(
        120.0, help="Wall seconds that a new process may take to load TensorFlow."
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run the notebook's cells and judge its test cells; fill in their outputs."""
        names = resources["nbgrader"]
        self._unit = names["assignment"]
        seed = hidden_seed(self._root(), names["assignment"])
        limits = Limits(cell=self.cell_seconds, probe=self.probe_seconds)
        start = partial(ProcessChild, self.start_seconds)
        with Gradebook(names["db_url"]) as gradebook, Session(start, limits) as session:
            sources = self._sources(gradebook, names)
            for cell in nb.cells:
                if cell.cell_type == "code":
                    cell.outputs = [from_dict(o) for o in self._run(cell, session, sources, seed)]
        return nb, resources

    def _root(self) -> Path:
        converter = self.parent.parent  # preprocessor, exporter, converter
        return Path(converter.coursedir.root)

    @staticmethod
    def _sources(gradebook: Gradebook, names: dict[str, str]) -> dict[str, str]:
        """The true sources of the cells that a student may not change, by grade id."""
        notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
        return {cell.name: cell.source for cell in notebook.source_cells if cell.locked}

    def _run(
        self, cell: NotebookNode, session: Session, sources: dict[str, str], seed: int
    ) -> list[dict[str, Any]]:
        if EXPERIMENT in cell.metadata.get("tags", []):
            return []
        if not is_grade(cell) or is_solution(cell):
            return session.run(cell.source)
        grade_id = cell.metadata.nbgrader["grade_id"]
        source = sources.get(grade_id, cell.source)
        try:
            calls = check_calls(source)
            if calls is None:
                return _run_beside(session, source)
            reports = judge(calls, session, seed)
        except (UnreadableCall, UnknownExercise) as error:
            raise refuse(
                self.log,
                f"solutions/{self._unit}: the test cell {grade_id} cannot be graded: {error}. "
                "Mend it there, release the unit again and grade again.",
            ) from None
        return outputs(reports, float(cell.metadata.nbgrader["points"]))


def _run_beside(session: Session, source: str) -> list[dict[str, Any]]:
    """The nbgrader way, but a warning on stderr costs nobody a point."""
    results = session.run(source)
    for output in results:
        if output.get("output_type") == "stream":
            output["name"] = "stdout"
    return [{"output_type": "stream", "name": "stdout", "text": BESIDE}, *results]
