"""Where a course keeps what a class does, as its configuration says.

nbgrader lets a course name its folders, and say in which order student, unit and step follow each
other (`c.CourseDirectory.directory_structure`).
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path

from nbgrader.apps import ZipCollectApp
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory

WATCHED = "watched"
"""The step of what `grader watch` answers before the due date."""


def class_folders(app: NbGrader) -> Iterator[Path]:
    """The folders that there are of what a class handed in, was graded and got back, and of what
    was downloaded for it."""
    course = app.coursedir
    for step in (
        *(course.submitted_directory, course.autograded_directory, course.feedback_directory),
        WATCHED,
    ):
        yield from step_folders(course, step)
    settings = ZipCollectApp(parent=app, log=app.log)
    structure = settings.collect_directory_structure
    yield from _folders(course, structure, "downloaded", settings.downloaded_directory)


def unit_folders(course: CourseDirectory) -> Iterator[Path]:
    """The same of the units: the instructor's notebooks and the students'."""
    for step in (
        *(course.source_directory, course.release_directory),
        *(course.source_with_tests_directory, course.solution_directory),
    ):
        yield from step_folders(course, step)


def step_folders(course: CourseDirectory, step: str) -> Iterator[Path]:
    """The folders that there are of a step, such as `course.submitted_directory`: one, or one for
    each student or unit where the course's structure begins with those."""
    yield from _folders(course, course.directory_structure, "nbgrader_step", step)


def _folders(course: CourseDirectory, structure: str, key: str, name: str) -> Iterator[Path]:
    """Those of a structure, down to the part that holds the name."""
    parts = Path(structure).parts
    last = next(number for number, part in enumerate(parts) if f"{{{key}}}" in part)
    found: set[str] = set()
    for student in "*", ".":  # a unit's notebooks are those of the student "."
        names = {"student_id": student, "assignment_id": "*", "collect_step": "*"}
        pattern = str(Path(*parts[: last + 1])).format(**names, **{key: glob.escape(name)})
        found.update(glob.glob(str(Path(glob.escape(course.root), pattern))))
    yield from sorted({Path(path) for path in found if Path(path).is_dir()})
