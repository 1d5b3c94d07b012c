"""What grading found, read back from nbgrader's gradebook and the autograded notebooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.coursedir import CourseDirectory

from grader.class_report.graded_notebook import read_graded
from grader.gradebook.course import course_directory, gradebook


@dataclass(frozen=True)
class Result:
    """One student's result in one unit.

    `points` and `most` are by test cell; `points` is None where the submission was not graded.
    `reports` holds the report of each exercise, as `Report.to_json` gives it.
    """

    student: str
    points: Mapping[str, float] | None
    most: Mapping[str, float] = field(default_factory=dict)
    reports: tuple[Mapping[str, Any], ...] = ()

    @property
    def total(self) -> float | None:
        """All points."""
        return None if self.points is None else sum(self.points.values())


def results(folder: Path, unit: str, students: list[str], db_url: str = "") -> list[Result]:
    """The result of each student, from the gradebook of the course in this folder.

    `db_url` is another gradebook's address than the configured one.
    """
    course = course_directory(folder)
    course.db_url = db_url or course.db_url
    with gradebook(course) as opened:
        return [_result(opened, course, unit, student) for student in students]


def _result(opened: Gradebook, course: CourseDirectory, unit: str, student: str) -> Result:
    folder = Path(course.format_path(course.autograded_directory, student, unit))
    notebook = read_graded(folder / f"{unit}.ipynb")
    try:
        submission = opened.find_submission_notebook(unit, unit, student)
    except MissingEntry:
        return Result(student, None)
    if notebook is None:
        return Result(student, None)
    graded = [grade for grade in submission.grades if grade.auto_score is not None]
    return Result(
        student,
        {grade.name: float(grade.auto_score) for grade in graded},
        {grade.name: float(grade.max_score) for grade in graded},
        tuple(report for reports in notebook.reports.values() for report in reports),
    )


def losses(result: Result) -> list[tuple[str, float, str]]:
    """Exercise, score from 0 to 1 and what was wrong, for each exercise that is not all right."""
    return [(r["exercise"], r["score"], _why(r)) for r in result.reports if r["score"] < 1]


def _why(report: Mapping[str, Any]) -> str:
    if not report["attempted"]:
        return "not attempted"
    if report["diagnosis"]:
        return str(report["diagnosis"]["name"])
    if report["crash"]:
        return str(report["crash"])
    return ", ".join(f["aspect"] for f in report["findings"] if not f["passed"])
