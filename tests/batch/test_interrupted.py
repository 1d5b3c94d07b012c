"""`grader autograde` that is interrupted, or cannot write: one line, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import closing
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from grader.sandbox.confine import CannotConfine, bwrap
from tests.small_course import ROOT, UNIT, Course

COMMAND = [sys.executable, "-m", "grader.cli", "autograde", UNIT]
STUDENTS = ("ada", "ben")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Two have handed in what they got; nobody is graded."""
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    made = Course.make(tmp_path_factory.mktemp("interrupted"), {})
    for student in STUDENTS:
        made.hand_in(student, nbformat.writes(made.release))
    return made


def start(command: list[str], course: Course) -> subprocess.Popen[str]:
    """Leads a group of its own, which gets what Ctrl-C sends."""
    return subprocess.Popen(
        command,
        cwd=course.path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
    )


def rows(course: Course) -> int:
    """How many submissions the gradebook knows."""
    with closing(Gradebook(f"sqlite:///{course.path}/gradebook.db")) as book:
        return len(book.assignment_submissions(UNIT))


def loads_workers(process: subprocess.Popen[str]) -> bool:
    """Whether it has begun to load TensorFlow for its workers."""
    found = subprocess.run(["pgrep", "-g", str(process.pid)], capture_output=True, text=True)
    return len(found.stdout.split()) > 1


def test_ctrl_c_while_the_workers_load_ends_in_a_line(course: Course) -> None:
    process = start(COMMAND, course)
    while process.poll() is None and not loads_workers(process):
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    said, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Traceback" not in said
    assert said.rstrip().split("\n")[-1] == "grader: stopped"
    assert rows(course) == 0


def test_a_disk_that_is_read_only_is_told_in_a_line(course: Course, tmp_path: Path) -> None:
    closed = [shutil.which("bwrap") or "bwrap", "--dev-bind", "/", "/"]
    closed += ["--ro-bind", str(course.path), str(course.path), *COMMAND]
    process = start(closed, course)
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 1
    assert said == f"grader: {course.path}: Read-only file system\n"
    assert rows(course) == 0
    assert not (course.path / "autograded").exists()


def test_afterwards_everybody_is_graded(course: Course) -> None:
    process = start(COMMAND, course)
    said, _ = process.communicate(timeout=600)
    assert process.returncode == 0, said
    assert rows(course) == len(STUDENTS)
