"""What is earned by kinds of cases, and by a layer that does nothing."""

from __future__ import annotations

import keras
import pytest
from keras import ops

from grader.bench.subject import LocalSubject
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.exercise import Case, Exercise, Kind
from tests.variants.dense import WithOps


class Power(keras.layers.Layer):
    """The reference of a small exercise: x ** exponent + bias, if there is one."""

    def __init__(self, exponent=2, use_bias=False, **kwargs):
        super().__init__(**kwargs)
        self.exponent, self.use_bias = exponent, use_bias

    def build(self, input_shape):
        self.bias = self.add_weight(name="bias", shape=()) if self.use_bias else 0.0

    def call(self, inputs):
        return ops.power(inputs, self.exponent) + self.bias

    def compute_mask(self, inputs, mask=None):
        return ops.not_equal(inputs[..., 0], 0) if self.use_bias else None


def drawn(draw, **config):
    return Case(config, draw.normal(*draw.sizes(2)))


POWER = Exercise(
    name="Power",
    unit="none",
    layer="none",
    reference=Power,
    kinds=(
        Kind("the square", drawn),
        Kind("the cube", lambda d: drawn(d, exponent=3)),
        Kind("with a bias", lambda d: drawn(d, use_bias=True)),
        Kind("as they are", lambda d: drawn(d, exponent=1)),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 3, "mask": 1, "gradient": 1},
)


def earned(layer, exercise=POWER, **more):
    report = examine(layer, exercise, **more)
    return {finding.aspect: finding.earned for finding in report.findings}


def named(call, base=Power, **more):
    return type("Power", (base,), {"call": call, **more})


def test_a_right_layer_earns_all():
    assert earned(Power) == POWER.aspects


def test_a_wrong_default_costs_the_kinds_that_use_it():
    class Cubes(Power):
        def __init__(self, exponent=3, **kwargs):
            super().__init__(exponent, **kwargs)

    found = earned(Cubes)
    assert found["shape"] == found["mask"] == found["parameters"] == 1
    assert found["output"] == pytest.approx(3 / 3)  # the cube, of three kinds that tell or fail
    assert found["gradient"] == 0.3  # a third, in tenths


def test_an_exception_in_one_kind_leaves_what_the_others_earn():
    def call(self, inputs):
        if self.exponent == 3:
            raise ValueError("too much")
        return Power.call(self, inputs)

    found = earned(named(call))
    assert found["shape"] == 0.8  # three of four, in tenths
    assert found["output"] == pytest.approx(3 * 2 / 3)
    assert found["parameters"] == pytest.approx(1 / 2)  # only one of the other kinds has any
    assert found["mask"] == pytest.approx(1 / 2)


def test_what_is_wrong_everywhere_earns_nothing():
    found = earned(named(lambda self, inputs: 1 + Power.call(self, inputs)))
    assert (found["output"], found["shape"]) == (0, 1)


def test_a_share_wants_each_draw_of_a_kind_to_be_right():
    calls = []

    def call(self, inputs):
        calls.append(tuple(inputs.shape))
        broken = len(set(calls)) > 1 and self.exponent == 3
        return Power.call(self, inputs) + float(broken)

    assert earned(named(call), draws=2)["output"] < 3


def test_without_a_mask_of_its_own_a_layer_earns_none_for_it():
    found = earned(named(Power.call, compute_mask=lambda self, inputs, mask=None: None))
    assert found["mask"] == 0
    assert found["output"] == 3


@pytest.mark.parametrize(
    "call",
    [
        lambda self, inputs: inputs,
        lambda self, inputs: ops.zeros_like(inputs),
        lambda self, inputs: ops.zeros_like(inputs) + self.bias,
        lambda self, inputs: ops.ones_like(inputs),
    ],
    ids=["its inputs", "zeros", "its bias", "ones"],
)
def test_a_layer_that_does_nothing_earns_nothing(call):
    found = earned(named(call, compute_mask=lambda self, inputs, mask=None: None))
    assert set(found.values()) == {0}
    report = examine(named(call), POWER)
    assert "computes something from its inputs" in report.findings[0].message
    assert report.findings[0].passed is None


def test_a_layer_that_computes_another_thing_keeps_what_stands_around():
    found = earned(named(lambda self, inputs: -inputs))
    assert (found["shape"], found["output"]) == (1, 0)


def test_giving_the_inputs_back_is_no_fault_where_that_is_right():
    class Dropout(keras.layers.Layer):
        def __init__(self, rate, **kwargs):
            super().__init__(**kwargs)

        def call(self, inputs, training=False):
            return inputs

    found = earned(Dropout, "Dropout")
    assert found["shape"] == CATALOGUE["Dropout"].aspects["shape"]
    assert found["dropping"] == 0


def zeros(**config):
    layer = keras.layers.Dropout(config["rate"])
    layer.call = lambda inputs, training=False: ops.zeros_like(inputs)
    return layer


def test_zeros_are_nothing_even_there():
    assert examine(LocalSubject(zeros), "Dropout").score == 0


def test_a_function_that_predicts_gets_all_or_nothing():
    right = CATALOGUE["dense_params"].reference
    report = examine(lambda f, u, b=True: right(f, u, True), "dense_params")
    assert report.score == 0


def test_one_wrong_default_of_dense_costs_less_than_a_wrong_formula():
    class NoBias(WithOps):
        def __init__(self, units, activation=None, use_bias=False, **kwargs):
            super().__init__(units, activation, use_bias, **kwargs)

    class Doubled(WithOps):
        def call(self, inputs):
            return 2 * super().call(inputs)

    default, formula = (earned(layer, "Dense") for layer in (NoBias, Doubled))
    assert formula["output"] == formula["gradient"] == 0
    assert 0 <= default["output"] < CATALOGUE["Dense"].aspects["output"]
