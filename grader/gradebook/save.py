"""Grades of a submission, written all or none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.preprocessors import SaveAutoGrades

from grader.gradebook.gradebook import opened


@contextmanager
def one_commit(gradebook: Gradebook) -> Iterator[None]:
    """nbgrader commits after each cell. Here all that is done is committed at the end, or not."""
    database = gradebook.db
    database.commit = database.flush  # hides the method meanwhile
    try:
        yield
    finally:
        del database.commit
    database.commit()


class SaveAllGrades(SaveAutoGrades):
    """nbgrader's SaveAutoGrades, but an interruption leaves no submission with some grades of this
    run and some of the last one."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Save the grades of all cells in one transaction."""
        names = resources["nbgrader"]
        self.notebook_id, self.assignment_id = names["notebook"], names["assignment"]
        self.student_id, self.db_url = names["student"], names["db_url"]
        self.gradebook = opened(self.db_url)
        with self.gradebook, one_commit(self.gradebook):
            for index, cell in enumerate(nb.cells):
                nb.cells[index], resources = self.preprocess_cell(cell, resources, index)
        return nb, resources
