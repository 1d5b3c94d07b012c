"""Courses that are graded once and looked at by many tests."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from grader.demo.sample import Member, read_member
from tests import odd_class
from tests.courses import Course, Done, course, project

FOLDER = Path(__file__).parent / "sample_class"
"""The made-up class, by unit."""
FIRST = sorted(path.name for path in FOLDER.iterdir())[0]


@pytest.fixture(scope="session")
def own_project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's units, built in a folder that tests may write to."""
    units = {path.stem: path.read_text() for path in (root / "solutions").glob("[0-9]*.py")}
    folder = tmp_path_factory.mktemp("project") / "layers"
    return project(folder, units, root / "nbgrader_config.py")


def sample(root: Path, unit: str) -> list[Member]:
    """The sample class of a unit."""
    return [read_member(path) for path in sorted((root / "tests/sample_class" / unit).glob("*.py"))]


@pytest.fixture(scope="session")
def graded(
    root: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], tuple[Course, Done]]:
    """Gives the course with a unit's sample class, graded, and what autograde said."""

    @cache
    def grade(unit: str) -> tuple[Course, Done]:
        source = {unit: (root / "solutions" / f"{unit}.py").read_text()}
        place = tmp_path_factory.mktemp("project") / "layers"
        built = project(place, source, root / "nbgrader_config.py")
        folder = tmp_path_factory.mktemp("course") / unit
        made = course(built, folder, unit, sample(root, unit))
        assert made.run("generate_assignment").status == 0
        return made, made.run("autograde")

    return grade


@pytest.fixture(scope="session")
def odd_project(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with the odd unit only."""
    folder = tmp_path_factory.mktemp("odd") / "project"
    return project(folder, {odd_class.UNIT: odd_class.SOURCE}, root / "nbgrader_config.py")


@pytest.fixture(scope="session")
def odd_released(odd_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course on the odd unit, with its submissions; nothing is graded."""
    cheats = [Member(name, "", {}, blank=True) for name in odd_class.GRADED_CHEATS]
    members = [*odd_class.MEMBERS, *cheats]
    folder = tmp_path_factory.mktemp("course") / "odd"
    edits = {**odd_class.CHEATS, **odd_class.OLD}
    made = course(odd_project, folder, odd_class.UNIT, members, edits)
    assert made.run("generate_assignment").status == 0
    return made


@pytest.fixture(scope="session")
def odd(odd_released: Course) -> tuple[Course, Done]:
    """The same, graded, and what autograde said."""
    return odd_released, odd_released.run("autograde")
