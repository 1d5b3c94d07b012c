"""A PostgreSQL gradebook, and two instructors who grade into it at the same time."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from small_course import POINTS, UNIT, Course

from grader.class_report.results import Result, losses, results
from grader.demo.sample import Member, submission
from grader.sandbox.confine import CannotConfine, bwrap
from tests import postgres

WRONG = """
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (inputs.shape[0], -1))[:, ::-1]
"""
SORTS = {
    "right": Member("", "", {}),
    "wrong": Member("", "", {}, {"flatten": WRONG}),
}
FIRST, SECOND = ("a-right", "a-wrong"), ("b-right", "b-wrong")
"""The students of each of two instructors."""
STUDENTS = (*FIRST, *SECOND)
SEED = 31_415_926
LIMITS = {"cell": 20.0, "probe": 20.0}
MANUAL = 3.5


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A server's empty database."""
    found = postgres.programs()
    if found is None:
        pytest.skip("there is no PostgreSQL server on this machine: apt-get install postgresql")
    with postgres.server(found) as address:
        yield address


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course with a SQLite gradebook, not graded yet."""
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    course = Course.make(tmp_path_factory.mktemp("instructors") / "sqlite", LIMITS)
    for student in STUDENTS:
        member = SORTS[student.split("-")[1]]
        course.hand_in(student, submission(member, course.release, course.solution))
    (course.path / "gradebook.seeds.json").write_text(json.dumps({UNIT: SEED}))
    return course


def grader(course: Course, *options: str) -> subprocess.Popen[str]:
    """Start `grader autograde` in the course's folder."""
    command = [sys.executable, "-m", "grader.cli", "autograde", UNIT, *options]
    return subprocess.Popen(
        command, cwd=course.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


@dataclass(frozen=True)
class Graded:
    """A course that two instructors have graded, and what was said to them."""

    course: Course
    url: str
    said: tuple[str, str]

    def results(self) -> dict[str, Result]:
        """What grading found, by student."""
        return {r.student: r for r in results(self.course.path, UNIT, list(STUDENTS), self.url)}


@pytest.fixture(scope="module")
def graded(handed_in: Course, url: str) -> Graded:
    """One grades with `grader autograde`, the other with nbgrader's own command; meanwhile
    somebody enters a score by hand."""
    folder = handed_in.path.with_name("postgres")
    shutil.copytree(handed_in.path, folder, ignore=shutil.ignore_patterns("gradebook.db"))
    with (folder / "nbgrader_config.py").open("a") as config:
        config.write(f"c.CourseDirectory.db_url = {url!r}\n")
    course = Course(folder)
    course.nbgrader("generate_assignment", UNIT, "--force", check=True)
    ours = grader(course, "--jobs", "1", *(word for one in FIRST for word in ("--student", one)))
    theirs = course.start("autograde", UNIT, "--student", "b-*")
    assert theirs.stderr is not None
    log = []
    for line in theirs.stderr:
        log.append(line)
        if f"Autograding {folder}/autograded/b-right/" in line:
            _enter(url, "b-right")
    said = ours.communicate(timeout=600)[0]
    assert (ours.returncode, theirs.wait()) == (0, 0), said + "".join(log)
    return Graded(course, url, (said, "".join(log)))


def _enter(url: str, student: str) -> None:
    with closing(Gradebook(url)) as book:
        book.find_grade("check-flatten", UNIT, UNIT, student).manual_score = MANUAL
        book.db.commit()


@pytest.mark.long
def test_scores_are_those_of_a_sqlite_gradebook(graded: Graded, handed_in: Course) -> None:
    process = grader(handed_in, "--jobs", "2")
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0, said
    expected = handed_in.results(STUDENTS)
    assert graded.results() == expected
    assert expected["a-right"].total == sum(POINTS.values())
    assert [name for name, *_ in losses(expected["b-wrong"])] == ["Flatten"]


@pytest.mark.long
def test_a_score_entered_meanwhile_is_kept_and_marked_for_a_look(graded: Graded) -> None:
    with closing(Gradebook(graded.url)) as book:
        grades = {s: book.find_grade("check-flatten", UNIT, UNIT, s) for s in STUDENTS}
        assert {s: grade.manual_score for s, grade in grades.items()} == {
            **dict.fromkeys(STUDENTS), "b-right": MANUAL
        }  # fmt: skip
        assert [s for s, grade in grades.items() if grade.needs_manual_grade] == ["b-right"]


@pytest.mark.long
def test_nothing_is_in_a_file_but_the_seed(graded: Graded) -> None:
    assert [path.name for path in graded.course.path.glob("gradebook*")] == ["gradebook.seeds.json"]
    seeds = json.loads((graded.course.path / "gradebook.seeds.json").read_text())
    assert seeds == {UNIT: SEED}


@pytest.mark.long
def test_neither_instructor_saw_a_traceback_or_a_warning(graded: Graded) -> None:
    for said in graded.said:
        assert "Traceback" not in said
        assert "Warning:" not in said
        assert "half graded" not in said
    assert f"{UNIT}: 2 graded, 0 not graded" in graded.said[0]


@pytest.mark.long
def test_nbgraders_own_commands_know_the_gradebook(graded: Graded) -> None:
    graded.course.nbgrader("db", "upgrade", check=True)
    graded.course.nbgrader("export", check=True)
    rows = (graded.course.path / "grades.csv").read_text().splitlines()
    assert sorted(row.split(",")[3] for row in rows[1:]) == list(STUDENTS)


def test_a_server_that_is_not_there_is_told_in_one_line(handed_in: Course, tmp_path: Path) -> None:
    nowhere = f"postgresql+psycopg://x@/x?host={tmp_path}"
    log = handed_in.nbgrader("autograde", UNIT, "--force", f"--CourseDirectory.db_url={nowhere}")
    [line] = [line for line in log.splitlines() if "ERROR" in line]
    assert "c.CourseDirectory.db_url: the gradebook cannot be opened" in line
    assert str(tmp_path) in line
    assert "Traceback" not in log
