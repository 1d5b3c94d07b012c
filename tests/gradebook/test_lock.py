"""Two runs at once: which of them has a submission."""

import logging
import os
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory

from grader.gradebook.lock import Claim, alone
from grader.gradebook.resume import clear_half_written
from grader.submissions.submission import _begin, _prepare

HOLD = """
import sys
from pathlib import Path
from grader.gradebook.lock import Claim
claim = Claim()
print(claim.take(Path(sys.argv[1])), flush=True)
sys.stdin.read()
"""


@contextmanager
def other_run(submission: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that has the submission, until it ends."""
    command = [sys.executable, "-c", HOLD, str(submission)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        yield process
        process.kill()


def test_a_submission_is_one_runs_and_comes_free(tmp_path: Path) -> None:
    first, second = Claim(), Claim()
    assert first.take(tmp_path)
    assert first.take(tmp_path)  # it has it already
    assert not second.take(tmp_path)
    first.drop(tmp_path)
    assert second.take(tmp_path)
    second.drop_all()
    assert first.take(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_run_that_is_killed_lets_go(tmp_path: Path) -> None:
    claim = Claim()
    with other_run(tmp_path) as process:
        assert not claim.take(tmp_path)
        process.kill()
        process.wait()
        assert claim.take(tmp_path)


def test_alone_and_again(tmp_path: Path) -> None:
    with alone(tmp_path):
        assert not Claim().take(tmp_path)
    assert Claim().take(tmp_path)


def test_a_student_whom_another_instructor_has_just_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripts = [sysconfig.get_path("scripts"), os.environ["PATH"]]
    monkeypatch.setenv("PATH", os.pathsep.join(scripts))  # a new gradebook calls alembic by name
    with closing(Gradebook(f"sqlite:///{tmp_path}/gradebook.db")) as book:

        def begin(unit: str, student: str) -> None:
            begun.append(student)
            if len(begun) == 1:  # the other one is first, after we have looked
                book.add_student(student)
                book.add_student(student)
            book.update_or_create_student(student)

        begun: list[str] = []
        _begin(begin, "01", "kim", tmp_path)
        assert begun == ["kim", "kim"]
        assert [student.id for student in book.students] == ["kim"]


@pytest.fixture
def half(tmp_path: Path) -> tuple[SimpleNamespace, Path, Path]:
    """A converter, a submission, and its folder in autograded/ with half a notebook."""
    submitted, autograded = (tmp_path / step / "kim" / "01" for step in ("submitted", "autograded"))
    (tmp_path / "solutions" / "01").mkdir(parents=True)
    (tmp_path / "solutions" / "01" / "01.ipynb").touch()
    for folder in (submitted, autograded):
        folder.mkdir(parents=True)
        (folder / "01.ipynb").write_text('{"cells": [')
    course = CourseDirectory(root=str(tmp_path), source_directory="solutions")

    def format_source(unit: str, student: str, escape: bool = False) -> str:
        return str(course.format_path("submitted", student, unit, escape=escape))

    converter = SimpleNamespace(
        coursedir=course,
        assignments={str(submitted): [str(submitted / "01.ipynb")]},
        _format_source=format_source,
        _format_dest=lambda unit, student: course.format_path("autograded", student, unit),
    )
    return converter, submitted, autograded


def test_what_another_run_is_writing_is_not_cleared(
    half: tuple[SimpleNamespace, Path, Path],
) -> None:
    converter, submitted, autograded = half
    with other_run(submitted):
        assert clear_half_written(converter) == []
        assert (autograded / "01.ipynb").exists()
    assert clear_half_written(converter) == ["kim"]
    assert not autograded.exists()


def test_after_a_run_nothing_is_held(half: tuple[SimpleNamespace, Path, Path]) -> None:
    """Formgrader grades in the process of its server, which goes on."""
    converter, submitted, _ = half
    free = []

    def loop() -> None:
        converter.init_destination("01", "kim")
        free.append(Claim().take(submitted))

    converter.log = logging.getLogger("test-claim")
    converter.init_destination = lambda unit, student: True
    converter.init_assignment = converter.convert_single_notebook = None
    converter.set_permissions = None
    converter.convert_notebooks = loop
    _prepare(converter)
    converter.convert_notebooks()
    assert free == [False]
    assert Claim().take(submitted)
