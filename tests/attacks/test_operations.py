"""Forbidden operations and networks that learned nothing, through `nbgrader autograde`.

The unit of the other attackers forbids layers only; pooling forbids operations too.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from attacked import LIMITS
from nbformat.notebooknode import NotebookNode
from small_course import ROOT, Course

from grader.authoring.source import instructor_notebook
from grader.class_report.results import Result
from grader.demo.sample import read_member, submission
from grader.exercises.catalogue import CATALOGUE
from grader.sandbox.confine import CannotConfine, bwrap

CLASS = Path(__file__).parent / "pooling"
NAMES = sorted(path.stem for path in CLASS.glob("*.py"))
POINTS = {"max-pool2d": 10.0, "average-pooling2d": 10.0, "digit-network": 8.0}


def unit() -> NotebookNode:
    """What unit 08 has of these exercises."""
    notebook = instructor_notebook(ROOT / "solutions" / "08-pooling.py", frozenset(CATALOGUE))
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    wanted = {"imports", "same-padding-helper", "start-code", *POINTS}
    wanted |= {f"check-{name}" for name in POINTS}
    ids = {cell.id: cell.metadata.get("nbgrader", {}).get("grade_id", cell.id) for cell in code}
    notebook.cells = [cell for cell in code if ids[cell.id] in wanted]
    assert len(notebook.cells) == len(wanted)
    return notebook


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    limits = {**LIMITS, "probe": 20.0}
    made = Course.make(tmp_path_factory.mktemp("pooling") / "course", limits, "pooling", unit())
    for name in NAMES:
        member = read_member(CLASS / f"{name}.py")
        made.hand_in(name, submission(member, made.release, made.solution))
    made.nbgrader("autograde", "pooling", check=True)
    return made


@pytest.fixture(scope="module")
def results(course: Course) -> dict[str, Result]:
    return course.results(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_each_gets_its_honest_worth(results: dict[str, Result], name: str) -> None:
    expected = read_member(CLASS / f"{name}.py").expected or {}
    found = results[name].points
    assert found.keys() == {f"check-{key}" for key in POINTS}
    for key, most in POINTS.items():
        low, high = expected.get(key, (most, most))
        assert low <= found[f"check-{key}"] <= high


@pytest.mark.parametrize("name", NAMES)
def test_the_card_says_what_was_used(course: Course, name: str) -> None:
    shown = json.dumps([cell.get("outputs") for cell in course.autograded(name).cells])
    words = re.findall(r"^# %% \[notice\] (.+)$", (CLASS / f"{name}.py").read_text(), re.MULTILINE)
    assert [word for word in words if word not in shown] == []
