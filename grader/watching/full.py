"""What is graded when it arrives: points into the gradebook, then the whole page of feedback."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nbgrader.apps import GenerateFeedbackApp
from nbgrader.apps.baseapp import NbGrader
from nbgrader.converters import GenerateFeedback, NbGraderException

from grader.batch.autograde import autograde_app
from grader.batch.crew import Crew
from grader.batch.engine import ClassAutograde, End
from grader.gradebook.course import config_read
from grader.gradebook.folders import find
from grader.regrading.pending import pending


def grading(
    unit: str, crew: Crew, jobs: int, students: Sequence[str], told: Callable[[str, End], None]
) -> ClassAutograde:
    """What grades these students' submissions, as `grader autograde` does: `start` it.

    Raises `BadConfig`, and `NbGraderException` where a regrade has to come first.
    """
    if pending(Path.cwd(), unit):
        raise NbGraderException(
            f"a regrade of {unit} was stopped: continue it with grader regrade {unit}"
        )
    app = autograde_app(unit, force=False)
    return ClassAutograde(crew, jobs, told, students, coursedir=app.coursedir, parent=app)


class FeedbackFor(GenerateFeedback):
    """nbgrader's GenerateFeedback for some students; it has a seat for one, or for all."""

    def __init__(self, students: Sequence[str], **more: Any) -> None:
        super().__init__(**more)
        self._students = students

    def init_notebooks(self) -> None:
        """Find the graded notebooks of these students."""
        course = self.coursedir
        folders = [self._format_source(course.assignment_id, one) for one in self._students]
        found = {folder: find(course.root, str(Path(folder) / "*.ipynb")) for folder in folders}
        self.assignments = {folder: files for folder, files in found.items() if files}


def write_feedback(unit: str, students: Sequence[str], listen: Callable[[Any], None]) -> None:
    """Write feedback/ for these students; `listen` gets the log.

    Raises `NbGraderException` where one page was not written, after all others, and `BadConfig`.
    """
    app = GenerateFeedbackApp(raise_config_file_errors=True)
    with config_read():
        app.initialize([unit, "--force", "--log-level=ERROR"])
    NbGrader.start(app)
    app.coursedir.assignment_id = unit
    listen(app.log)
    FeedbackFor(students, coursedir=app.coursedir, parent=app, force=True).start()
