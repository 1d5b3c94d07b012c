"""`hint`: a rung at a time, for what fails first, and never a verdict of its own."""

from __future__ import annotations

import pytest

from grader import hint
from grader.exercises.catalogue import find
from grader.hint import _STOPPED, WHERE_TO_LOOK, _given
from tests.variants.dense import WithOps


class NoBias(WithOps):
    def build(self, input_shape):
        self.kernel = self.add_weight(shape=(input_shape[-1], self.units), name="kernel")
        self.bias = 0.0


class Stops(WithOps):
    def call(self, inputs):
        return inputs @ self.kernle


class AsGiven(WithOps):
    """The fault of MendedDense, before anything is mended."""

    def call(self, inputs):
        outputs = self.activation(inputs @ self.kernel)
        return outputs + self.bias if self.use_bias else outputs


def untouched(features, units, use_bias=True):
    raise NotImplementedError


@pytest.fixture(autouse=True)
def _no_rung_given():
    _given.clear()


def said(capsys, *asked):
    hint(*asked)
    return capsys.readouterr().out


def test_one_rung_at_a_time_and_after_the_last_the_first_again(capsys):
    first, *rest = [said(capsys, NoBias, "Dense") for _ in range(5)]
    assert first.startswith("Dense, parameters, hint 1 of 4:")
    assert WHERE_TO_LOOK["parameters"] in first
    assert "Call hint again for the next one." in first
    assert "The smallest case that fails:" in rest[0]
    assert "should be added for each unit" in rest[1]
    assert "Your layer never adds a bias" in rest[2]
    assert "That was the last." in rest[2]
    assert rest[3] == first


def test_code_that_stops_is_shown_its_line(capsys):
    first, second = (said(capsys, Stops, "Dense") for _ in range(2))
    assert _STOPPED in first
    assert "return inputs @ self.kernle" in second


def test_a_layer_that_is_given_with_a_fault_is_begun_by_looking_at_it(capsys):
    fault = find("MendedDense").fault
    first, *_, last = [said(capsys, AsGiven, "MendedDense") for _ in range(4)]
    assert first.startswith("MendedDense, output, hint 1 of 4:")
    assert fault.says in last


def test_where_nothing_is_wrong_or_begun_it_says_so(capsys):
    assert "everything is right" in said(capsys, WithOps, "Dense")
    assert said(capsys, untouched, "dense_params").startswith("dense_params is not started yet. ")
