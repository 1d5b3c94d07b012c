"""One class of attackers, graded together by one run of `nbgrader autograde`."""

from __future__ import annotations

import json

import nbformat
import pytest
from attacked import CLASS, LIMITS, NAMES, SEED, Graded, fitted, marked
from edits import EDITS
from small_course import Course

from grader.demo.sample import read_member, submission
from grader.sandbox.confine import CannotConfine, bwrap


@pytest.fixture(scope="session")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """The whole class, graded and with feedback written."""
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    course = Course.make(tmp_path_factory.mktemp("attacked"), LIMITS)
    members = {name: fitted(read_member(CLASS / f"{name}.py"), course) for name in NAMES}
    student, solution = course.release, course.solution
    for name, member in members.items():
        notebook = nbformat.reads(submission(member, student, solution), as_version=4)
        for edit in marked(name, "edit"):
            EDITS[edit](notebook)
        course.hand_in(name, nbformat.writes(notebook))
    (course.path / "gradebook.seeds.json").write_text(json.dumps({"small": SEED}))
    log = course.nbgrader("autograde", "small", check=True)
    course.nbgrader("generate_feedback", "small", check=True)
    pages = {name: course.file("feedback", name, "html") for name in NAMES}
    feedback = {name: path.read_text() for name, path in pages.items() if path.exists()}
    return Graded(course, members, course.results(NAMES), log, feedback)
