"""Test cells that a student deleted come back before grading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import OverwriteCells

from grader.gradebook.course import course_of


class RestoreCells(OverwriteCells):
    """nbgrader's OverwriteCells, whose own way of adding missing cells fails where the cell
    before the missing one is missing too, or is a locked cell that is not graded.

    Without the cell nbgrader would leave its grade empty for ever.
    """

    def add_missing_grade_cells(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Put each missing grade cell after all cells before it that are there: a test must not
        come before what it tests."""
        source = self.gradebook.find_notebook(self.notebook_id, self.assignment_id)
        grades = {cell.name: cell for cell in source.grade_cells}
        solutions = {cell.name for cell in source.solution_cells}
        if all(_index(nb, name) is not None for name in grades):
            return nb, resources
        order = self._order()
        after = -1
        for cell in sorted(source.source_cells, key=lambda c: order.get(c.name, len(order))):
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

    def _order(self) -> dict[str, int]:
        """Where each cell stands in the instructor's notebook, if that is there. A database gives
        its rows in another order once the unit was released anew."""
        course = course_of(self)
        if course is None:
            return {}
        folder = course.format_path(course.source_directory, ".", self.assignment_id)
        try:
            source = nbformat.read(Path(folder) / f"{self.notebook_id}.ipynb", as_version=4)
        except (OSError, ValueError):
            return {}
        names = [cell.metadata.get("nbgrader", {}).get("grade_id") for cell in source.cells]
        return {name: place for place, name in enumerate(filter(None, names))}


def _index(nb: NotebookNode, grade_id: str) -> int | None:
    for index, cell in enumerate(nb.cells):
        if cell.metadata.get("nbgrader", {}).get("grade_id") == grade_id:
            return index
    return None
