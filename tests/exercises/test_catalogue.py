"""What every exercise must stand. A new one is covered by its line in `grader.exercises`.

What holds for the layers that are given with a fault stands in `test_mending`.
"""

from __future__ import annotations

import functools
import re
from pathlib import Path

import jupytext
import keras
import pytest

from grader.bench.subject import LocalSubject
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE, WRITTEN
from grader.exercises.draw import Draw
from tests.ideas import first_of_each, quick_ones, report_on_idea, report_once
from tests.variants import RIGHT

UNITS = Path(__file__).parents[2] / "solutions"

UNNAMED: frozenset[tuple[str, str]] = frozenset()
"""Wrong ideas, as (exercise, idea), that cannot be told from another one and go without a name."""


def named(thing):
    """A short name for a test's id: that of the exercise comes first in all of them."""
    if isinstance(thing, str):
        return thing
    return getattr(thing, "name", None) or getattr(thing, "__name__", type(thing).__name__)


EXAMINED = {exercise.base.name: exercise.base for exercise in CATALOGUE.values()}
"""All that are written from nothing, and those of which students only mend a layer."""

every_exercise = pytest.mark.parametrize("exercise", EXAMINED.values(), ids=named)
every_written = pytest.mark.parametrize("exercise", WRITTEN.values(), ids=named)
every_variant = pytest.mark.parametrize(
    ("name", "right"),
    first_of_each((name, right) for name in RIGHT for right in RIGHT[name]),
    ids=named,
)
every_idea = pytest.mark.parametrize(
    ("exercise", "idea"),
    quick_ones(
        (exercise, idea) for exercise in EXAMINED.values() for idea in exercise.misconceptions
    ),
    ids=named,
)


@every_exercise
def test_the_reference_is_right_and_gets_no_wrong_idea(exercise):
    if exercise.kind == "test":
        pytest.skip("it is judged by a zoo, whose members are known to be right or wrong")
    reference = LocalSubject(exercise.reference)
    for hidden in (False, True):
        report = examine(reference, exercise, seed=hidden, hidden=hidden)
        assert report.score == 1, str(report)
        assert report.diagnosis is None


@every_variant
def test_a_right_answer_passes_however_it_is_written(name, right):
    report = examine(right, EXAMINED[name], seed=0)
    assert report.score == 1, str(report)


@pytest.mark.long
@every_variant
def test_a_right_answer_passes_on_other_seeds_and_hidden_cases(name, right):
    for seed, hidden in ((1, False), (2, True)):
        report = examine(right, EXAMINED[name], seed=seed, hidden=hidden)
        assert report.score == 1, str(report)


@every_idea
def test_a_wrong_idea_fails_and_is_named(exercise, idea):
    assert not_named(exercise, idea, report_once(exercise, idea)) == ""


@pytest.mark.long
@every_exercise
def test_a_hidden_case_names_a_wrong_idea_as_an_open_one_does(exercise):
    """As a layer that was handed in is examined: `report_once` knows what each idea does."""
    idea = exercise.misconceptions[0]
    report = examine(LocalSubject(idea.wrong), exercise, seed=0, hidden=True, draws=1)
    assert not_named(exercise, idea, report) == ""


@pytest.mark.long
@every_idea
def test_a_wrong_idea_fails_and_is_named_on_hidden_cases(exercise, idea):
    report = examine(LocalSubject(idea.wrong), exercise, seed=1, hidden=True)  # several cases each
    assert not_named(exercise, idea, report) == ""


@pytest.mark.long
@every_idea
def test_a_wrong_idea_is_no_luckier_on_other_seeds(exercise, idea):
    for seed in range(2, 8):
        assert not_named(exercise, idea, report_on_idea(exercise, idea, seed)) == "", seed


def not_named(exercise, idea, report):
    """Why the report does not catch the idea and name it; empty where it does."""
    if not report.failed or report.score == 1:
        return "everything passes"
    if (exercise.name, idea.name) in UNNAMED:
        return ""
    found = report.diagnosis and report.diagnosis.name
    return "" if found == idea.name else f"named {found}:\n{report}"


@every_exercise
def test_the_cases_are_sharp(exercise):
    if exercise.kind == "train":
        pytest.skip("its cases are images as they were written")
    sharp = [(n, kind) for n, kind in enumerate(exercise.kinds) if not kind.edge]
    draws = [(kind, Draw(seed, n)) for n, kind in sharp for seed in range(30)]
    for kind, draw in draws:
        for part in keras.tree.flatten(kind.draw(draw).inputs):
            if part is not None:
                assert part.shape[0] > 1
                assert len(set(part.shape)) == part.ndim, f"{kind.name}: {part.shape}"
                assert part.dtype.kind != "f" or part.min() < 0 < part.max()


@every_written
def test_there_are_wrong_ideas_and_right_variants_enough(exercise):
    names = [idea.name for idea in exercise.misconceptions]
    assert len(set(names)) == len(names) >= 3
    assert len(RIGHT[exercise.name]) >= (4 if exercise.kind == "implement" else 3)
    assert all(idea.says and idea.hint for idea in exercise.misconceptions)


@every_written
def test_its_unit_checks_it_in_the_open_and_hidden(exercise):
    cell = cell_that_checks(exercise)
    begin, end = "### BEGIN HIDDEN TESTS", "### END HIDDEN TESTS"
    shown, hidden = cell.source.split(begin)
    assert shown.strip() == f"check({exercise.name})"
    assert hidden.split() == [f"check({exercise.name},", "hidden=True)", *end.split()]


@every_written
def test_its_text_asks_for_what_is_judged(exercise):
    text, points = asked(exercise), cell_that_checks(exercise).metadata["nbgrader"]["points"]
    assert re.search(rf"· {points} point{'' if points == 1 else 's'}$", text, re.MULTILINE)
    if exercise.kind == "predict":
        assert "### Exercise: predict" in text
    else:
        stated = {
            name: float(worth) for name, worth in re.findall(r"\*\*(\w+)\*\* \((.+?)\)", text)
        }
        assert stated == exercise.aspects
        assert sum(exercise.aspects.values()) == points


@functools.cache
def cells(unit):
    return jupytext.read(UNITS / f"{unit}.py").cells


def place(exercise):
    """Index of the cell that checks the exercise."""
    call = re.compile(rf"^check\({exercise.name}\)$", re.MULTILINE)
    found = [i for i, cell in enumerate(cells(exercise.unit)) if call.search(cell.source)]
    assert len(found) == 1, f"{exercise.unit}.py has {len(found)} cells that check {exercise.name}"
    return found[0]


def cell_that_checks(exercise):
    return cells(exercise.unit)[place(exercise)]


def asked(exercise):
    """The text above it that says what is asked."""
    above = cells(exercise.unit)[: place(exercise)]
    return next(cell.source for cell in reversed(above) if "### Exercise:" in cell.source)
