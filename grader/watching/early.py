"""A first look at a submission: it is run as in grading, and nothing that is hidden is asked.

    grading: released tests, hidden tests, the course's secret seed  ->  points, in the gradebook
    a look:  released tests, further cases of a seed that all know   ->  aspects, on a page

Students can hand in as often as they like, and they choose what their code does with each case. So
the hidden part of the tests and the seed of the hidden cases do not reach the process that looks:
what it finds, a student could find at home with the same code,
`check(Dense)` and `check(Dense, hidden=True, seed=1)`. Nothing is entered into the gradebook.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.converters.base import BaseConverter
from nbgrader.preprocessors import ClearHiddenTests
from nbgrader.utils import is_locked

from grader.batch.autograde import autograde_app
from grader.batch.crew import Crew
from grader.batch.engine import ClassAutograde, End
from grader.gradebook.course_files import WATCHED
from grader.grading.check_calls import UnreadableCall, check_calls
from grader.grading.code_cells import cells
from grader.grading.task import Task
from grader.submissions.execute import Execute, sources

LOOKED_AT = WATCHED
"""The folder, laid out as submitted/ is, with what a look has found."""
PRACTICE = 1
"""The seed of the further cases: known to everybody, and not that of the hidden ones."""


class EarlyExecute(Execute):
    """Makes tasks without anything hidden."""

    def task(self, nb: NotebookNode, names: dict[str, str], root: Path) -> Task:
        """The notebook's task, of what was released and of the practice seed."""
        released = {name: self._released(source) for name, source in sources(names).items()}
        tests = {name: "\n".join([text, *_further(text)]) for name, text in released.items()}
        shown = NotebookNode({**nb, "cells": [self._shown(cell) for cell in nb.cells]})
        return self.task_of(names["assignment"], cells(shown, tests), PRACTICE)

    def _shown(self, cell: NotebookNode) -> NotebookNode:
        """The cell as students got it, where it is not theirs."""
        if cell.cell_type != "code" or not is_locked(cell):
            return cell
        return NotebookNode({**cell, "source": self._released(cell.source)})

    def _released(self, source: str) -> str:
        """The source without its hidden part, whatever marks the course sets for that."""
        found = NotebookNode(cell_type="code", source=source, metadata={})
        ClearHiddenTests(parent=self)._remove_hidden_test_region(found)
        return str(found.source)


def _further(source: str) -> list[str]:
    """A check of further cases for each visible one."""
    try:
        calls = check_calls(source) or []
    except UnreadableCall:  # the run says so
        return []
    shown = [call for call in calls if not call.hidden]
    return [f"check({one.candidate}, {one.exercise!r}, hidden=True)" for one in shown]


class EarlyLook(ClassAutograde):
    """Looks at submissions, with a crew, as `ClassAutograde` grades them."""

    execute = EarlyExecute

    def __init__(self, *words: Any, **more: Any) -> None:
        super().__init__(*words, **more)
        self.autograde_preprocessors = [EarlyExecute]

    def enter(self, assignment_id: str, student_id: str) -> None:
        """Copy what lies beside the notebooks; the gradebook hears nothing of it."""
        BaseConverter.init_assignment(self, assignment_id, student_id)
        known = Path(
            self.coursedir.format_path(self.coursedir.source_directory, ".", assignment_id)
        )
        names = {path.name for path in known.glob("*.ipynb")}
        self.notebooks = [one for one in self.notebooks if Path(one).name in names]


def early_look(
    unit: str, crew: Crew, jobs: int, students: Sequence[str], told: Callable[[str, End], None]
) -> EarlyLook:
    """What looks at these students' submissions in the course of the current folder: `start` it.

    Raises `BadConfig`.
    """
    app = autograde_app(unit, force=False)
    app.coursedir.autograded_directory = LOOKED_AT
    app.coursedir.feedback_directory = f"{LOOKED_AT}-pages"  # nothing: no page goes out of date
    return EarlyLook(crew, jobs, told, students, coursedir=app.coursedir, parent=app)
