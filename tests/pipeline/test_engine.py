"""`grader autograde`: a class graded by several workers gets what nbgrader's own command gives."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from courses import Course, Done

STATUSES = {"graded", "were graded before", "not graded"}


def autograde(course: Course, *options: str) -> Done:
    """Run `grader autograde` in the course's folder."""
    done = subprocess.run(
        [sys.executable, "-m", "grader.cli", "autograde", *options],
        cwd=course.folder,
        capture_output=True,
        text=True,
        timeout=900,
        env={**os.environ, "COLUMNS": "1000", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    return Done(done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()])


@pytest.fixture(scope="module")
def twin(odd: tuple[Course, Done], tmp_path_factory: pytest.TempPathFactory) -> tuple[Course, Done]:
    """The same class once more, with more workers than cores, and what was said."""
    first, _ = odd
    folder = tmp_path_factory.mktemp("twin") / "course"
    made = ("autograded", "gradebook.db", "notebooks", "feedback")
    shutil.copytree(first.folder, folder, ignore=shutil.ignore_patterns(*made))
    course = Course(folder, first.unit)
    assert course.run("generate_assignment").status == 0
    return course, autograde(course, course.unit, "--jobs", "4")


def students(course: Course) -> list[str]:
    """Who handed something in."""
    return sorted(path.name for path in (course.folder / "submitted").iterdir())


def graded(course: Course) -> dict[str, str]:
    """The autograded notebook of each student who was graded."""
    paths = sorted((course.folder / "autograded").glob(f"*/{course.unit}/*.ipynb"))
    return {path.parts[-3]: path.read_text() for path in paths}


def test_the_scores_are_those_of_nbgrader(
    odd: tuple[Course, Done], twin: tuple[Course, Done]
) -> None:
    names = sorted(graded(odd[0]))
    assert len(names) > 5
    ours = {name: twin[0].grades(name) for name in names}
    assert {score for grades in ours.values() for _, score in grades.values()} == {None}
    # Another test gives a manual score in the first course: only that may differ.
    assert {name: twin[0].points(name) for name in names} == {
        name: odd[0].points(name) for name in names
    }


def test_the_graded_notebooks_are_those_of_nbgrader_byte_for_byte(
    odd: tuple[Course, Done], twin: tuple[Course, Done]
) -> None:
    ours, theirs = graded(twin[0]), graded(odd[0])
    assert ours.keys() == theirs.keys()
    assert [name for name in ours if ours[name] != theirs[name]] == []


def test_the_end_is_told(odd: tuple[Course, Done], twin: tuple[Course, Done]) -> None:
    course, done = twin
    count = len(graded(course))
    failed = len(students(course)) - count
    assert done.lines(rf"^{course.unit}: {count} graded, {failed} not graded$")
    assert done.status == odd[1].status == (1 if failed else 0)
    assert not done.lines("Traceback|has changed!")
    assert done.lines("^Next: ")


def test_a_second_run_goes_on_where_it_was(twin: tuple[Course, Done]) -> None:
    course, _ = twin
    before = graded(course)
    again = sorted(before)[0]
    shutil.rmtree(course.folder / "autograded" / again)
    done = autograde(course, "--jobs", "1", "--json")
    counted, _ = json.JSONDecoder().raw_decode("\n".join(done.log))
    assert counted == {course.unit: {"graded": 1, "skipped": len(before) - 1, "failed": 0}}
    assert done.lines(rf": 1 graded, {len(before) - 1} were graded before")
    assert graded(course) == before


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (("--student", "nobody"), "grader: nobody: no such submission"),
        (("no-such-unit",), "grader: no submissions of no-such-unit"),
        (("--cluster", "local:x"), "write local:2 for two"),
    ],
)
def test_a_mistake_gets_one_line(
    twin: tuple[Course, Done], options: tuple[str, ...], line: str
) -> None:
    done = autograde(twin[0], *options)
    assert done.status == 1
    assert done.lines(line)
    assert not done.lines("Traceback")
