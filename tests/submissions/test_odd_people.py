"""What people really hand in: each gets the points of the right answers, and nothing is said of
them but what is true."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader.demo.sample import Member
from grader.grading.grading_record import NOTICED
from tests import odd_class
from tests.courses import Course, Done, course, find
from tests.odd_people import PEOPLE

PAGES = sorted(name for name in PEOPLE if name.startswith("page-"))


@pytest.fixture(scope="module")
def people(odd_project: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Done]:
    """All of them, graded together; and what was said."""
    right = {"essay": odd_class.ESSAY}
    members = [Member(name, "", {}, right) for name in PEOPLE]
    made = course(odd_project, tmp_path_factory.mktemp("people") / "odd", odd_class.UNIT, members)
    for name, person in PEOPLE.items():
        path = made.folder / "submitted" / name / made.unit / f"{made.unit}.ipynb"
        notebook = json.loads(path.read_text())
        person.change(notebook)
        path.write_bytes(person.written(notebook))
        person.filed(path)
    assert made.run("generate_assignment").status == 0
    return made, autograde(made)


def autograde(made: Course) -> Done:
    """What `grader autograde` says."""
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "autograde", made.unit],
        cwd=made.folder,
        capture_output=True,
        text=True,
        timeout=1500,
        env={**os.environ, "COLUMNS": "1000"},
    )
    return Done(done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()])


def test_there_are_many_kinds_of_people() -> None:
    assert len(PEOPLE) >= 40


@pytest.mark.parametrize("name", PEOPLE)
def test_each_gets_the_points_of_right_answers(people: tuple[Course, Done], name: str) -> None:
    made, _ = people
    assert made.points(name) == {**odd_class.POINTS, "essay": None}


@pytest.mark.parametrize("name", PEOPLE)
def test_the_written_answer_is_where_it_is_graded(people: tuple[Course, Done], name: str) -> None:
    made, _ = people
    assert find(made.autograded(name), "essay").source == PEOPLE[name].essay


@pytest.mark.parametrize("name", PEOPLE)
def test_only_what_may_be_said_is_said(people: tuple[Course, Done], name: str) -> None:
    made, done = people
    noticed = made.autograded(name).metadata[NOTICED]
    assert len(noticed) == len(PEOPLE[name].said), noticed
    for line, begin in zip(noticed, PEOPLE[name].said, strict=True):
        assert line.startswith(begin)
        assert len(line) < 500
        assert "tamper" not in line
    of_files = PEOPLE[name].of_files
    assert all(done.lines(rf"^{name}: .*{re.escape(words)}") for words in of_files)
    assert len(done.lines(rf"^{name}: ")) == len(noticed) + len(of_files)


def test_the_log_says_nothing_else(people: tuple[Course, Done]) -> None:
    _, done = people
    assert done.status == 0
    assert [line for line in done.log if not (is_told(line) or is_progress(line))] == []
    assert done.lines("\x1b|\ud83d") == []


def is_told(line: str) -> bool:
    """Whether it is a notice on one of them."""
    return any(line.startswith(f"{name}: ") for name in PEOPLE)


def is_progress(line: str) -> bool:
    """Whether it is the bar, or what comes at the end."""
    return not line.strip() or line.startswith((odd_class.UNIT, "Next: ")) or "━" in line


def test_nobody_is_graded_again_by_the_next_run(people: tuple[Course, Done]) -> None:
    made, _ = people
    again = autograde(made)
    assert again.status == 0
    assert again.lines(f"0 graded, {len(PEOPLE)} graded before, 0 not graded")


def test_they_get_feedback(people: tuple[Course, Done]) -> None:
    made, _ = people
    done = made.run("generate_feedback", "--student=page-*")
    assert done.status == 0
    assert done.lines("Traceback|ERROR") == []
    assert len(PAGES) == 4
    assert "data:image/png" in made.feedback("page-with-a-picture")
    for name in PAGES:
        assert "the hidden question" not in made.feedback(name)
