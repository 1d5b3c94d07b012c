"""Edges and switches: what each exercise must try besides its sharp cases."""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Mapping

import pytest

from grader.examination.attempt import Key, expect
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.draw import Draw
from grader.exercises.edges import numbers
from tests.exercises.untried import APART, NO_DEFAULT, NO_EDGE

WRITTEN = [exercise for exercise in CATALOGUE.values() if exercise.kind == "implement"]
SEEDS = range(20)

every_written = pytest.mark.parametrize("exercise", WRITTEN, ids=lambda e: e.name)


def cases(exercise, seed):
    """One case of each kind."""
    return [kind.draw(Draw(seed, number)) for number, kind in enumerate(exercise.kinds)]


@every_written
def test_each_edge_that_is_named_occurs_on_each_seed(exercise):
    assert exercise.edges or exercise.name in NO_EDGE
    for seed in SEEDS:
        drawn = cases(exercise, seed)
        for name, is_there in exercise.edges.items():
            assert any(map(is_there, drawn)), f"seed {seed}: no case with {name}"


@every_written
def test_each_argument_has_an_edge(exercise):
    named = {name.partition(":")[0] for name in exercise.edges}
    numeric = {
        name
        for case in cases(exercise, 0)
        for name, value in case.config.items()
        if all(isinstance(n, int | float) and not isinstance(n, bool) for n in several(value))
    }
    without = set(NO_EDGE.get(exercise.name, ()))
    assert numeric - named - without == set()
    if any(True for case in cases(exercise, 0) for _ in numbers(case)):
        assert "inputs" in named | without


@every_written
def test_every_layer_is_called_with_another_batch_size(exercise):
    if "output" not in exercise.aspects:
        pytest.skip("it is judged by its chances: its crowd is another batch")
    sizes = [
        {array.shape[0] for array in numbers(case)}
        for case in cases(exercise, 0)
        if case.further and any(True for _ in numbers(case))
    ]
    assert any(1 in found and len(found) > 1 for found in sizes) or exercise.name in NO_EDGE


@every_written
def test_some_layer_is_built_by_a_call_with_numbers(exercise):
    """And not with symbols: what `build` keeps of the batch is then the size of that call's."""
    known = [case for case in cases(exercise, 0) if case.facts.get("known_batch")]
    assert any(case.further for case in known) or exercise.name in NO_EDGE


@every_written
def test_each_pair_of_switches_occurs(exercise):
    """Pairwise: of two arguments, each value of the one meets each value of the other in a kind."""
    drawn = [dict(switches(case)) for seed in SEEDS for case in cases(exercise, seed)]
    values: dict[str, set[str]] = {}
    for name in set().union(*drawn):
        values[name] = {found.get(name, "left out") for found in drawn}
    for one, other in itertools.combinations(sorted(values), 2):
        if frozenset((one, other)) in APART.get(exercise.name, frozenset()):
            continue
        met = {(found.get(one, "left out"), found.get(other, "left out")) for found in drawn}
        missing = set(itertools.product(values[one], values[other])) - met
        assert not missing, f"{one} and {other} never are {missing}"


def switches(case):
    """The arguments that switch something, each with a word for its value; sizes are none."""
    for name, value in case.config.items():
        if value is None or isinstance(value, bool | str):
            yield name, "given" if name == "activation" else repr(value)
        elif name in ("strides", "dilation_rate", "groups", "depth_multiplier", "activation"):
            yield name, "given"


def several(value):
    if isinstance(value, Mapping):
        return [value]
    return value if isinstance(value, list | tuple) else [value]


def test_a_further_call_asks_the_same_of_reference_and_student():
    expected = expect(CATALOGUE["Dense"], Key(0, 0, 0))
    assert len(expected.answers["output"]) == 1 + len(expected.case.further) == 2
    assert expected.case.further[0].inputs.shape[0] == 1


@every_written
def test_each_default_is_left_to_the_layer_in_some_case(exercise):
    """Else a layer with another default would pass."""
    parameters = inspect.signature(exercise.reference).parameters.values()
    defaults = {p.name for p in parameters if p.default is not inspect.Parameter.empty}
    for seed in SEEDS:
        given = [set(case.config) for case in cases(exercise, seed)]
        always = set.intersection(*given) & defaults
        assert always == set(NO_DEFAULT.get(exercise.name, ()))
