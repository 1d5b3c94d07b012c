"""The model answers of a unit for students, after it is graded: what is the author's stays out."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from grader.authoring.given import without_given
from grader.authoring.source import instructor_notebook

_HIDDEN = re.compile(
    r"^[^\n]*BEGIN HIDDEN TESTS[^\n]*\n.*?^[^\n]*END HIDDEN TESTS[^\n]*\n?", re.M | re.S
)
_MARKS = re.compile(r"^[^\n]*\b(BEGIN|END) (SOLUTION|MARK SCHEME)\b[^\n]*\n?", re.M)
_HIDDEN_CALL = re.compile(r"\bcheck\([^)]*hidden\s*=")


class NotReleased(Exception):
    """Why no model answers were written; the message says what to do."""


def model_answers(path: Path, exercises: frozenset[str]) -> NotebookNode:
    """The unit of this text with its answers, without hidden tests and without nbgrader's marks.

    What it gives cannot be handed in by mistake: nbgrader finds no cell of the unit in it. Raises
    `NotReleased` where a hidden test would be left, and `BrokenUnit`.
    """
    notebook = instructor_notebook(path, exercises)
    for number, cell in enumerate(notebook.cells, 1):
        cell.metadata.pop("nbgrader", None)
        cell.source = _MARKS.sub("", _HIDDEN.sub("", without_given(cell.source))).rstrip("\n")
        if _HIDDEN_CALL.search(cell.source):
            raise NotReleased(
                f"{path.name}, cell {number} holds a hidden test outside of BEGIN HIDDEN TESTS "
                "and END HIDDEN TESTS"
            )
    return notebook


def release(root: Path, unit: str, output: Path, exercises: frozenset[str]) -> None:
    """Write the model answers of the unit into the file. Raises as `model_answers` does."""
    notebook = model_answers(root / "solutions" / f"{unit}.py", exercises)
    output.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, output)
