"""A layer that is given with a fault has that fault and no other, and mending it earns all."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import pytest

from grader.authoring.given import give
from grader.bench.subject import LocalSubject
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE, WRITTEN, find
from grader.exercises.mend import mend
from grader.hint import ladder
from tests.ideas import long_if_dear
from tests.variants import RIGHT

UNITS = Path(__file__).parents[2] / "solutions"
MENDED = [exercise for exercise in CATALOGUE.values() if exercise.mends]

every_mended = pytest.mark.parametrize(
    "exercise", long_if_dear(MENDED), ids=lambda exercise: exercise.name
)


def unit_cells(exercise):
    """The cells of its unit, as the author writes them."""
    return jupytext.read(UNITS / f"{exercise.unit}.py").cells


def cell_of(exercise):
    """The cell that holds the layer, with the answer and what is given."""
    (found,) = (c for c in unit_cells(exercise) if f"class {exercise.name}(" in c.source)
    return found.source


def layer(exercise, source):
    """The layer that a cell defines where nothing but the unit's imports has run."""
    (imports,) = (c.source for c in unit_cells(exercise) if c.metadata.get("id") == "imports")
    scope = {"__name__": "__main__"}
    exec(imports, scope)
    exec(source, scope)
    return scope[exercise.name]


@pytest.fixture
def as_given(exercise):
    return layer(exercise, give(cell_of(exercise)))


@every_mended
@pytest.mark.parametrize("hidden", [False, True])
def test_what_is_given_has_the_fault_and_earns_nothing(exercise, as_given, hidden):
    report = examine(as_given, exercise, seed=hidden, hidden=hidden)
    assert report.given, f"it is not {exercise.fault.name!r}:\n{report}"
    assert report.given.name == exercise.fault.name
    assert (report.score, report.attempted, report.diagnosis) == (0, False, None)
    assert any(finding.passed for finding in report.findings), "nothing in it is right"
    assert sum(finding["earned"] for finding in report.to_json()["findings"]) == 0


@every_mended
def test_the_card_says_that_it_is_not_mended_and_does_not_name_the_fault(exercise, as_given):
    report = examine(as_given, exercise)
    card = report._repr_html_()
    assert str(report).startswith(f"{exercise.name}: not mended yet\n  Note: The fault that ")
    assert f"On <b>{report.failed[0].aspect}</b>" in card
    for words in (exercise.fault.says, exercise.fault.hint, exercise.fault.name):
        assert words not in str(report) + card + give(cell_of(exercise))
    rungs = ladder(report, report.failed[0])
    assert rungs[-2:] == [exercise.fault.hint, exercise.fault.says]


@every_mended
def test_the_mended_layer_is_right_and_so_is_what_is_right_for_its_base(exercise):
    answer = layer(exercise, cell_of(exercise))
    for right in (answer, exercise.reference, *RIGHT[exercise.base.name][:2]):
        report = examine(LocalSubject(right), exercise)
        assert report.passed, str(report)
        assert report.score == 1


@every_mended
def test_another_fault_earns_nothing_and_is_named(exercise):
    others = (idea for idea in exercise.misconceptions if idea is not exercise.fault)
    other = next(others)
    report = examine(LocalSubject(other.wrong), exercise)
    assert (report.score, report.attempted, report.given) == (0, True, None)
    assert report.diagnosis.name == other.name
    assert "of 1 point" not in str(report), "it earns all or nothing"


@every_mended
def test_it_gives_nothing_away_that_another_exercise_of_its_unit_asks_for(exercise):
    base = exercise.base
    assert base.name not in WRITTEN or base.unit < exercise.unit


@every_mended
def test_its_text_says_what_it_is_worth_and_how_it_is_examined(exercise):
    cells = unit_cells(exercise)
    call = rf"^check\({exercise.name}\)$"
    (place,) = (n for n, cell in enumerate(cells) if re.search(call, cell.source, re.MULTILINE))
    points = cells[place].metadata["nbgrader"]["points"]
    assert points in (2, 3)
    assert f"check({exercise.name}, hidden=True)" in cells[place].source
    asked = next(c.source for c in reversed(cells[:place]) if "### Exercise:" in c.source)
    said = " ".join(re.sub(r"^> ?", "", asked, flags=re.MULTILINE).split())
    assert asked.startswith("### Exercise: find and mend the fault")
    assert f"· {points} points" in asked
    assert "when everything is right, and nothing before" in said
    assert "**How to find a fault.**" in said
    assert asked.count("<details>") >= 2


def test_a_fault_must_be_a_misconception_of_the_exercise():
    with pytest.raises(ValueError, match="Flatten has no misconception 'bias omitted': "):
        mend(find("Flatten"), "MendedFlatten", "bias omitted")
