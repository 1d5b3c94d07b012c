"""One subject on one case: what it gets, and what is kept of what it did."""

from __future__ import annotations

import dataclasses

import keras
import numpy as np
import pytest

from grader.bench.subject import LocalSubject
from grader.bench.weight_matching import is_as_it_comes
from grader.examination.attempt import ExerciseError, Key, attempt, expect
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from tests.variants.dense import WithOps

DENSE = CATALOGUE["Dense"]
PLAIN = Key(seed=0, kind=0, draw=0)


def tried(layer, exercise=DENSE, key=PLAIN):
    return attempt(LocalSubject(layer), exercise, expect(exercise, key))


def test_the_same_key_is_expected_once():
    assert expect(DENSE, PLAIN) is expect(DENSE, Key(0, 0, 0))


@pytest.mark.parametrize("key", [Key(1, 0, 0), Key(0, 1, 0), Key(0, 0, 1)])
def test_each_part_of_the_key_makes_another_case(key):
    one, other = expect(DENSE, PLAIN), expect(DENSE, key)
    assert one.case.inputs.ravel()[0] != other.case.inputs.ravel()[0]


def test_two_exercises_do_not_share_their_random_numbers():
    key = Key(0, 0, 0)
    one, other = (expect(CATALOGUE[name], key).case.inputs for name in ("Dense", "Flatten"))
    assert one.ravel()[0] != other.ravel()[0]


def test_dear_aspects_are_tried_on_the_kinds_that_name_them():
    tried_on = {
        kind.name: set(expect(DENSE, Key(0, number, 0)).aspects)
        for number, kind in enumerate(DENSE.kinds)
    }
    assert [name for name, aspects in tried_on.items() if "model" in aspects] == ["plain"]
    assert {"config" in tried_on["plain"], "config" in tried_on["no bias"]} == {False, True}
    assert all({"shape", "output", "gradient"} <= aspects for aspects in tried_on.values())


def test_a_broken_reference_is_the_exercises_own_fault():
    broken = dataclasses.replace(DENSE, reference=lambda units, **config: keras.layers.Dense("x"))
    with pytest.raises(ExerciseError, match="Dense, plain: the reference fails"):
        expect(broken, PLAIN)


def test_a_right_layer_fails_nothing_and_a_wrong_one_says_where():
    assert tried(WithOps).failed == frozenset()

    class Doubled(WithOps):
        def call(self, inputs):
            return 2 * super().call(inputs)

    found = tried(Doubled)
    assert found.failed == {"output", "gradient"}
    want, got = found.verdicts["output"].expected, found.verdicts["output"].actual
    np.testing.assert_allclose(got, 2 * want, rtol=1e-5)


def test_what_stops_a_layer_stops_every_aspect():
    found = tried(lambda **config: 5)
    assert found.stopped.type == "BadAnswer"
    assert set(found.verdicts.values()) == {found.stopped}
    assert found.failed == set(expect(DENSE, PLAIN).aspects)


class Scale(keras.layers.Layer):
    """gamma * x + beta; the reference of an exercise with two weights of one shape."""

    first, second = "gamma", "beta"

    def build(self, input_shape):
        self.gamma = self.add_weight(name=self.first, shape=input_shape[-1:])
        self.beta = self.add_weight(name=self.second, shape=input_shape[-1:])

    def call(self, inputs):
        return self.gamma * inputs + self.beta


class NamesExchanged(Scale):
    first, second = "beta", "gamma"


class ThreeTimes(Scale):
    def call(self, inputs):
        return 3 * super().call(inputs)


class OneMore(Scale):
    def build(self, input_shape):
        self.more = self.add_weight(name="more", shape=(2, 2))
        super().build(input_shape)


class FarTooMuch(Scale):
    def build(self, input_shape):
        self.more = self.add_weight(name="more", shape=(3000, 2000), initializer="zeros")
        super().build(input_shape)


SCALE = Exercise(
    name="Scale",
    unit="none",
    layer="none",
    reference=Scale,
    kinds=(Kind("one", lambda draw: Case({}, draw.normal(*draw.sizes(2)))),),
    aspects={"parameters": 1, "output": 1, "gradient": 1},
)


def test_names_that_lie_are_found_out_by_the_output():
    found = tried(NamesExchanged, SCALE)
    assert found.failed == frozenset()
    assert is_as_it_comes(found.trial.assignment, found.trial.reference_weights)


def test_where_nothing_fits_the_names_are_believed():
    found = tried(ThreeTimes, SCALE)
    assert found.failed == {"output", "gradient"}
    assert is_as_it_comes(found.trial.assignment, found.trial.reference_weights)


@pytest.mark.parametrize("layer", [OneMore, FarTooMuch])
def test_a_weight_too_many_costs_parameters_only(layer):
    found = tried(layer, SCALE)
    assert found.failed == {"parameters"}
    assert found.trial.assignment[0] is None


def test_the_exercise_draws_its_own_weights_if_it_wants_to():
    tiny = dataclasses.replace(SCALE, weight=lambda draw, name, shape: np.full(shape, 1e-3, "f4"))
    values = expect(tiny, PLAIN).values
    assert [set(np.unique(value)) for value in values] == [{np.float32(1e-3)}] * 2


def test_the_tolerance_is_the_exercises_own():
    class AlmostRight(Scale):
        def call(self, inputs):
            return 1.0005 * super().call(inputs)

    assert tried(AlmostRight, SCALE).failed == {"output"}
    loose = dataclasses.replace(SCALE, tolerance=0.01, misconceptions=(Misconception(*"abcd"),))
    assert tried(AlmostRight, loose).failed == frozenset()
