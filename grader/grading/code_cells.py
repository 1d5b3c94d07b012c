"""The code cells of a notebook, as its task has them. Workers do without: nbgrader loads slowly."""

from __future__ import annotations

from collections.abc import Mapping

from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_locked, is_solution

from grader.grading.task import Cell

EXPERIMENT = "experiment"
"""Cells with this tag are not run: nothing graded depends on them."""


def cells(nb: NotebookNode, sources: Mapping[str, str]) -> tuple[Cell, ...]:
    """The notebook's code cells; `sources` are the true ones of the locked cells, by grade id."""
    return tuple(_cell(cell, sources) for cell in nb.cells if cell.cell_type == "code")


def _cell(cell: NotebookNode, sources: Mapping[str, str]) -> Cell:
    if not is_grade(cell) or is_solution(cell):
        return Cell(cell.source, skip=_is_experiment(cell))
    grade_id = cell.metadata["nbgrader"]["grade_id"]
    points = float(cell.metadata["nbgrader"]["points"])
    return Cell(sources.get(grade_id, cell.source), grade_id, points)


def _is_experiment(cell: NotebookNode) -> bool:
    """Whether the author marked it so: a student's tag on a cell of their own says nothing."""
    return EXPERIMENT in cell.metadata.get("tags", []) and is_locked(cell)
