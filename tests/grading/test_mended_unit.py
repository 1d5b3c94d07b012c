"""A layer to be mended goes through nbgrader's own commands: released, handed in and graded."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbformat.notebooknode import NotebookNode

from grader.authoring.given import give, without_given
from grader.authoring.source import instructor_notebook
from grader.class_report.results import Result
from grader.exercises.catalogue import CATALOGUE
from tests.small_course import ROOT, Course

CELLS = ("imports", "mended-dense", "check-mended-dense")
HALF = ("outputs = self.activation(outputs)", "pass")
"""A change that takes the one fault away and makes another."""


def unit() -> NotebookNode:
    """The part of unit 02 that has a layer to be mended."""
    made = instructor_notebook(ROOT / "solutions" / "02-joining.py", frozenset(CATALOGUE))
    made.cells = [cell for cell in made.cells if cell.id in CELLS]
    return made


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Three have handed in: as it was given, mended, and with another fault."""
    patient = {"start": 900.0}  # a process takes long to start where others use the machine
    made = Course.make(tmp_path_factory.mktemp("mended"), patient, "mended", unit())
    answer = next(cell.source for cell in unit().cells if cell.id == "mended-dense")
    for student, source in {
        "anna": give(answer),
        "bela": without_given(answer),
        "cleo": give(answer).replace(*HALF),
    }.items():
        notebook = made.release
        notebook.cells[1].source = source
        made.hand_in(student, nbformat.writes(notebook))
    made.nbgrader("autograde", "mended", check=True)
    return made


def test_the_release_has_the_faulty_layer_and_no_mark(course: Course) -> None:
    answer = course.solution.cells[1].source
    assert course.release.cells[1].source == give(answer)
    text = Path(course.path / "notebooks" / "mended" / "mended.ipynb").read_text()
    assert not [word for word in ("SOLUTION", "GIVEN", "NotImplemented") if word in text]


def test_it_earns_all_or_nothing(course: Course) -> None:
    found = course.results(["anna", "bela", "cleo"])
    assert [found[name].points for name in ("anna", "bela", "cleo")] == [
        {"check-mended-dense": points} for points in (0, 3, 0)
    ]


def test_nobody_is_said_to_have_the_fault_that_was_given(course: Course) -> None:
    found = course.results(["anna", "cleo"])
    (as_given,), (other,) = report(found["anna"]), report(found["cleo"])
    assert (as_given["attempted"], as_given["diagnosis"], as_given["crash"]) == (False, None, "")
    assert other["attempted"]
    assert other["diagnosis"]["name"] == "activation forgotten"
    cards = [o for o in course.autograded("anna").cells[2].outputs if "text/html" in o["data"]]
    assert [o["data"]["text/plain"].split("\n")[0] for o in cards] == [
        "MendedDense: not mended yet"
    ]


def report(result: Result) -> list[dict]:
    """The merged report of each exercise."""
    return [dict(one) for one in result.reports]
