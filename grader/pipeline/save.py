"""Grades of a submission, written all or none."""

from __future__ import annotations

from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.preprocessors import SaveAutoGrades

from grader.pipeline.gradebook import opened


class SaveAllGrades(SaveAutoGrades):
    """nbgrader's SaveAutoGrades commits after each cell: an interruption in between would leave a
    submission with some grades of this run and some of the last one. This one commits once."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Save the grades of all cells in one transaction."""
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id = names["notebook"], names["assignment"]
        self.student_id, self.db_url = names["student"], names["db_url"]
        self.gradebook = opened(self.db_url)
        with self.gradebook:
            database = self.gradebook.db
            database.commit = database.flush  # hides the method while the cells are saved
            try:
                for index, cell in enumerate(nb.cells):
                    nb.cells[index], resources = self.preprocess_cell(cell, resources, index)
            finally:
                del database.commit
            database.commit()
        return nb, resources
