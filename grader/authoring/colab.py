"""The first code cell of every unit: on Google Colab it installs the course, elsewhere nothing.

Students upload the zip that `grader pack` makes; there is no other place to install it from.
"""

from __future__ import annotations

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from grader.grading.code_cells import EXPERIMENT

SOURCE = """\
if "google.colab" in str(get_ipython()):  # On Colab, upload layer-by-layer.zip before you run this.
    !unzip -qo layer-by-layer.zip && pip install -q ./layer-by-layer"""
_META = {"grade": False, "schema_version": 3, "solution": False, "task": False}


def add_colab_cell(notebook: NotebookNode) -> None:
    """Put the cell below the unit's title; grading does not run it."""
    metadata = {
        "tags": [EXPERIMENT],
        "nbgrader": {**_META, "grade_id": "colab", "locked": True},
    }
    notebook.cells.insert(1, new_code_cell(SOURCE, id="colab", metadata=metadata))
