"""Reads a class's ideas: from the reports of its units, and from the checks that students sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from nbgrader.coursedir import CourseDirectory

from grader.class_report.class_report import ClassReport
from grader.class_report.ideas import ClassIdeas, UnitIdeas, unit_ideas
from grader.class_report.shared_checks import read_shared
from grader.exercises.catalogue import CATALOGUE
from grader.gradebook.course import students_with
from grader.sharing import FILE


def read_ideas(course: CourseDirectory, reports: Sequence[ClassReport]) -> ClassIdeas:
    """The ideas of these units."""
    return ClassIdeas(tuple(_unit(course, report) for report in reports))


def _unit(course: CourseDirectory, report: ClassReport) -> UnitIdeas:
    says = _ideas(report.unit)
    known = {
        name: {idea for exercise, idea in says if exercise == name}
        for name, exercise in CATALOGUE.items()
        if exercise.unit == report.unit
    }
    shared, unread = [], 0
    for student in students_with(course, report.unit):
        folder = Path(course.format_path(course.submitted_directory, student, report.unit))
        if (found := read_shared(folder / FILE, known)) is not None:
            shared.append(found[0])
            unread += found[1]
    return unit_ideas(report, shared, says, unread)


def _ideas(unit: str) -> Mapping[tuple[str, str], str]:
    """What the card says of each idea, by exercise and name."""
    return {
        (name, idea.name): idea.says
        for name, exercise in CATALOGUE.items()
        if exercise.unit == unit
        for idea in (*exercise.misconceptions, *exercise.base.misconceptions)
    }
