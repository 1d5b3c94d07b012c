"""Our `Execute` in nbgrader's list of preprocessors: it fills in what grading gives each cell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nbformat import from_dict
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Dict

from grader.gradebook.gradebook import opened
from grader.gradebook.hidden_seed import hidden_seed
from grader.gradebook.one_line import refuse
from grader.gradebook.resume import GRADED
from grader.grading.code_cells import cells
from grader.grading.grade import grade
from grader.grading.grading_record import keep
from grader.grading.task import Cell, Graded, NotGraded, Task
from grader.sandbox.limits import Limits


class Execute(NbGraderPreprocessor):
    """Takes the place of nbgrader's own Execute in `Autograde.autograde_preprocessors`.

    Where the converter has a method `outcome`, that gives the outputs: it had the task done before.
    """

    limits = Dict(
        help="Limits of a submission, where they differ from the defaults in "
        "grader.sandbox.limits.Limits."
    ).tag(config=True)
    grade_unconfined = Bool(
        False,
        help="Grade on a system that cannot confine the students' code. It can then read what "
        "you can read, and do what you can do: only for code that you trust.",
    ).tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Fill in the outputs of all cells, and say that the notebook is graded."""
        names = resources["nbgrader"]
        code = [cell for cell in nb.cells if cell.cell_type == "code"]
        try:
            made = self._outcome(nb, names)
        except NotGraded as reason:
            raise refuse(self.log, str(reason)) from None
        for cell, outputs in zip(code, made.outputs, strict=True):
            cell.outputs = [from_dict(output) for output in outputs]
        for notice in (*made.tampered, *made.trouble):
            self.log.warning("%s: %s", names["student"], notice)
        keep(nb, met=made.met, noticed=made.tampered, trouble=made.trouble)
        nb.metadata[GRADED] = True
        return nb, resources

    def task(self, nb: NotebookNode, names: dict[str, str], root: Path) -> Task:
        """The notebook's task; `root` is the course's folder, where the seed is kept."""
        unit = names["assignment"]
        seed = hidden_seed(root, unit)
        return self.task_of(unit, cells(nb, sources(names)), seed)

    def task_of(self, unit: str, found: tuple[Cell, ...], seed: int) -> Task:
        """The task, within the limits that are configured."""
        try:
            limits = Limits(**self.limits)
        except TypeError as error:
            raise refuse(self.log, f"c.Execute.limits in nbgrader_config.py: {error}") from None
        return Task(unit, found, seed, limits, not self.grade_unconfined)

    def _outcome(self, nb: NotebookNode, names: dict[str, str]) -> Graded:
        converter = self.parent.parent  # preprocessor, exporter, converter
        if hasattr(converter, "outcome"):
            outcome: Graded = converter.outcome(names)
            return outcome
        return grade(self.task(nb, names, Path(converter.coursedir.root)))


def sources(names: dict[str, str]) -> dict[str, str]:
    """The true sources of the cells that a student may not change, by grade id."""
    with opened(names["db_url"]) as gradebook:
        notebook = gradebook.find_notebook(names["notebook"], names["assignment"])
        return {cell.name: cell.source for cell in notebook.source_cells if cell.locked}
