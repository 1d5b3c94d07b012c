"""Feedback without the hidden part of the instructor's test cells."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader import utils
from nbgrader.preprocessors import ClearHiddenTests


class ClearInstructorsTests(ClearHiddenTests):
    """nbgrader's ClearHiddenTests, which gives the whole feedback up where a student's own cell has
    one of its marks in a comment."""

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], cell_index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Take it from test cells only: their source is the gradebook's."""
        if not utils.is_grade(cell) or utils.is_solution(cell):
            return cell, resources
        return super().preprocess_cell(cell, resources, cell_index)
