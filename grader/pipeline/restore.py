"""Test cells that a student deleted come back before grading."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import OverwriteCells


class RestoreCells(OverwriteCells):
    """nbgrader's OverwriteCells, whose own way of adding missing cells fails where the cell
    before the missing one is missing too, or is a locked cell that is not graded.

    Without the cell nbgrader would leave its grade empty for ever.
    """

    def add_missing_grade_cells(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Put each missing grade cell after all cells before it that are there.

        After all: a database gives its rows in an order that may differ from the notebook's once
        the unit was released anew, and a test must not come before what it tests.
        """
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        grades = {cell.name: cell for cell in source.grade_cells}
        solutions = {cell.name for cell in source.solution_cells}
        after = -1
        for cell in source.source_cells:
            place = _index(nb, cell.name)
            if place is None and cell.name in grades:
                place = after + 1
                points = grades[cell.name].max_score
                restored = self.missing_cell_transform(cell, points, cell.name in solutions)
                restored["id"] = f"restored-{cell.name}"[:64]
                nb.cells.insert(place, restored)
            if place is not None:
                after = max(after, place)
        return nb, resources


def _index(nb: NotebookNode, grade_id: str) -> int | None:
    for index, cell in enumerate(nb.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return index
    return None
