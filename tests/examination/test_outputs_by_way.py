"""Dozens of ways to give a block its weights: most are traced, and the outputs are the same."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

from grader.bench.subject import LocalSubject
from grader.examination.outputs_by_way import outputs_by_way
from grader.exercises.exercise import Case
from tests.junk import JUNK
from tests.liar import Liar

X = np.random.default_rng(1).normal(size=(2, 3)).astype("float32")
WAYS = [[np.full((3, 2), float(n), "float32")] for n in range(30)]
CASE = Case(config={}, inputs=X)


class Counted(keras.layers.Layer):
    """A product with a kernel; counts how often Python runs its `call`."""

    calls = 0

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], 2))

    def call(self, inputs):
        type(self).calls += 1
        return inputs @ self.kernel


class OtherInAGraph(Counted):
    def call(self, inputs):
        return super().call(inputs) * (1.0 if tf.executing_eagerly() else 2.0)


class NotInAGraph(Counted):
    def call(self, inputs):
        return super().call(tf.constant(inputs.numpy()))


class OneWayFails(Counted):
    def call(self, inputs):
        if tf.executing_eagerly() and float(self.kernel[0, 0]) == 2:
            raise ValueError("not this one")
        return super().call(inputs)


def outputs(subject):
    return list(outputs_by_way(subject, CASE, iter(WAYS), 1e-4))


@pytest.mark.parametrize("layer", [Counted, OtherInAGraph, NotInAGraph])
def test_each_way_has_the_output_of_a_call(layer):
    found = outputs(LocalSubject(layer))
    assert len(found) == len(WAYS)
    for (kernel,), output in zip(WAYS, found, strict=True):
        np.testing.assert_allclose(output, X @ kernel, rtol=1e-4, atol=1e-5)


def test_most_of_them_are_traced():
    Counted.calls = 0
    outputs(LocalSubject(Counted))
    assert Counted.calls < len(WAYS) / 2


def test_nothing_is_asked_before_it_is_wanted():
    Counted.calls = 0
    found = outputs_by_way(LocalSubject(Counted), CASE, iter(WAYS), 1e-4)
    assert Counted.calls == 0
    next(found)
    assert 0 < Counted.calls < 12


def test_a_way_that_fails_has_no_output_and_the_others_have_theirs():
    found = outputs(LocalSubject(OneWayFails))
    assert [n for n, output in enumerate(found) if output is None] == [2]
    np.testing.assert_allclose(found[20], X @ WAYS[20][0], rtol=1e-4)


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
@pytest.mark.parametrize("question", ["outputs", "call"])
def test_junk_breaks_nothing(question, junk):
    found = outputs(Liar(LocalSubject(Counted), question, junk))
    assert len(found) == len(WAYS)
