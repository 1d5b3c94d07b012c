"""Test cells that are not there come back before grading."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import OverwriteCells

from grader.gradebook.course import course_of
from grader.submissions.recover_marks import mark_of
from grader.submissions.unit_cells import UnitCell, in_order, unit_cells


class RestoreCells(OverwriteCells):
    """nbgrader's OverwriteCells, whose own way of adding missing cells fails where the cell
    before the missing one is missing too, or is a locked cell that is not graded.

    Without the cell nbgrader would leave its grade empty for ever.
    """

    def add_missing_grade_cells(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Put each missing grade cell before the next known cell, or at the end: a test must not
        come before what it tests, which may stand in cells that nobody knows."""
        known = unit_cells(self.gradebook.find_notebook(self.notebook_id, self.assignment_id))
        there = {mark_of(cell) for cell in nb.cells}
        if all(name in there for name, cell in known.items() if cell.metadata["grade"]):
            return nb, resources
        unit = in_order(known, course_of(self), self.assignment_id, self.notebook_id)
        for place, cell in enumerate(unit):
            if cell.metadata["grade"] and cell.name not in there:
                names = [one.name for one in unit]
                at = _place(nb, names[:place], names[place + 1 :])
                nb.cells.insert(at, self._restored(cell))
        return nb, resources

    def _restored(self, cell: UnitCell) -> NotebookNode:
        row = self.gradebook.find_source_cell(cell.name, self.notebook_id, self.assignment_id)
        restored = self.missing_cell_transform(row, cell.metadata["points"], cell.is_answer)
        restored["id"] = f"restored-{len(cell.name)}-{cell.name}"[:64]
        return restored


def _place(nb: NotebookNode, before: list[str], after: list[str]) -> int:
    """Where a cell comes back, of which these stand before and these after it in the unit."""
    marks = [mark_of(cell) for cell in nb.cells]
    least = max((index + 1 for index, mark in enumerate(marks) if mark in before), default=0)
    next_ones = (index for index, mark in enumerate(marks) if index >= least and mark in after)
    return next(next_ones, len(marks))
