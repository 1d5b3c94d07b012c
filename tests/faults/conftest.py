"""One class, graded in peace and again and again while something goes wrong."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty_class import SLOW_ONES, STUDENTS, hand_in
from outcome import LIMITS, MARK, SEED, Graded, Grades, Interrupted
from small_course import UNIT, Course
from trouble import (
    Ballast,
    Killer,
    Lock,
    boxes,
    grade,
    interrupt,
    kill,
    mounted,
    runners_of,
    soon,
    warm_of,
)

from grader.gradebook.resume import GRADED
from grader.sandbox.confine import CannotConfine, bwrap

LOCKED_SECONDS = 8.0
"""More than the 5 that SQLite waits if nobody tells it more."""


@pytest.fixture(scope="session")
def handed_in(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The course before grading, to be copied."""
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    made = Course.make(tmp_path_factory.mktemp("faults") / "course", LIMITS)
    hand_in(made)
    (made.path / "gradebook.seeds.json").write_text(json.dumps({UNIT: SEED}))
    return made.path


@pytest.fixture(scope="session")
def calm(handed_in: Path) -> Graded:
    """Nothing goes wrong but what is in the submissions themselves."""
    course = _copy(handed_in, "calm")
    return Graded(course, [grade(course)])


@pytest.fixture(scope="session")
def killed(handed_in: Path) -> tuple[Graded, list[Killer]]:
    """The warm process is killed, and later the two processes of another submission."""
    course = _copy(handed_in, "killed")
    killers = [Killer(warm_of), Killer(runners_of)]
    acts = [(_at(name), killer) for name, killer in zip(SLOW_ONES, killers, strict=False)]
    return Graded(course, [grade(course, acts=acts)]), killers


@pytest.fixture(scope="session")
def full(handed_in: Path) -> Iterator[Graded]:
    """The disk is full in the middle of two submissions."""
    folder = handed_in.with_name("full")
    if not mounted(folder, "64m"):
        pytest.skip("no small disk can be mounted: that takes the rights of root")
    try:
        course = _copy(handed_in, "full")
        ballast = Ballast(course.path / "ballast")
        acts = [
            (_at(SLOW_ONES[0]), ballast.fill),
            ("is full: waiting", ballast.free),
            (f"Sanitizing .*/{SLOW_ONES[1]}/", ballast.fill),
            ("is full: waiting", ballast.free),
        ]
        yield Graded(course, [grade(course, acts=acts)])
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session")
def locked(handed_in: Path) -> tuple[Graded, Lock]:
    """Another program holds the gradebook from the middle of a submission on."""
    course = _copy(handed_in, "locked")
    lock = Lock(course.path / "gradebook.db", LOCKED_SECONDS)
    return Graded(course, [grade(course, acts=[(_at(SLOW_ONES[0]), lock)])]), lock


@pytest.fixture(scope="session")
def interrupted(handed_in: Path) -> Interrupted:
    """Two runs end early, one in the second half of the class, and a third one ends the work."""
    course = _copy(handed_in, "interrupted")
    last = int(STUDENTS[-1][0])
    second_half = f"[{max(1, last // 2)}-{last}]*"
    found = Interrupted(course, [], [], [], [], [])
    for words, acts in (
        (("--student", second_half), [(_at(SLOW_ONES[-1]), interrupt)]),
        ((), [(_at(SLOW_ONES[1]), kill)]),
        ((), []),
    ):
        found.runs.append(grade(course, *words, acts=acts))
        soon(lambda: not boxes(str(MARK)))
        found.boxes.append(boxes(str(MARK)))
        files = {path.parts[-3]: path for path in course.path.glob(f"autograded/*/{UNIT}/*.ipynb")}
        whole = {name for name, path in files.items() if GRADED in path.read_text()}
        found.complete.append({name: files[name].stat().st_mtime_ns for name in whole})
        found.half.append(files.keys() - whole)
        found.scored.append({n for n, g in found.grades(STUDENTS).items() if g and _scored(g)})
    return found


def _scored(grades: Grades) -> bool:
    return any(score is not None for score, *_ in grades.values())


@pytest.fixture(params=["killed", "full", "locked", "interrupted"])
def troubled(request: pytest.FixtureRequest) -> Graded:
    """The class after each trouble."""
    found = request.getfixturevalue(request.param)
    return found[0] if isinstance(found, tuple) else found


def _copy(handed_in: Path, name: str) -> Course:
    folder = handed_in.with_name(name)
    shutil.copytree(handed_in, folder, dirs_exist_ok=True)
    return Course(folder)


def _at(student: str) -> str:
    """The line of the log after which the student's cells are run."""
    return f"Autograding .*/autograded/{student}/"
