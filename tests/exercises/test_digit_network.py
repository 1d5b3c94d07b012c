"""A network is judged by what it learned: what reads digits without that gets nothing."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from grader.examination.examine import examine
from tests.variants.pooling import Remembers, squares, written


class Nearest(keras.layers.Layer):
    """No network at all: the digit that looks most like it."""

    def call(self, inputs):
        images, labels = written()
        asked = ops.convert_to_numpy(inputs).reshape(-1, 64)
        return ops.one_hot(labels[np.argmin(squares(asked, images), axis=1)], 10)


class WithAWeight(Nearest):
    """A weight that is there, and changes nothing."""

    def build(self, shape):
        self.w = self.add_weight(shape=(64, 10), initializer="ones")

    def call(self, inputs):
        return super().call(inputs) + 0 * ops.sum(self.w)


class WithALittle(WithAWeight):
    """A weight that changes the scores, and hardly ever the answer."""

    def call(self, inputs):
        flat = ops.reshape(inputs, (-1, 64))
        return Nearest.call(self, inputs) + 1e-3 * ops.matmul(flat, self.w)


class Scaled(Nearest):
    """Each score is multiplied by a weight."""

    def build(self, shape):
        self.w = self.add_weight(shape=(10,), initializer="ones")
        self.w.assign(np.linspace(0.9, 1.1, 10))

    def call(self, inputs):
        return super().call(inputs) * self.w


def of_kerass_own():
    """All trained weights are in a layer of Keras's."""
    return keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Rescaling(1.0), Nearest(),
                             keras.layers.BatchNormalization()])  # fmt: skip


@pytest.mark.parametrize("network", [Nearest, WithAWeight, WithALittle, Scaled, of_kerass_own])
def test_reading_by_heart_is_worth_nothing(network):
    report = examine(network, "digit_network")
    assert report.score == 0
    [finding] = report.findings
    assert "The network reads the digits, but" in finding.message


def test_a_check_leaves_the_weights_as_they_were():
    network = Remembers()
    network(np.zeros((1, 8, 8, 1), "float32"))
    before = [np.array(weight) for weight in network.weights]
    report = examine(lambda: network, "digit_network")
    assert report.passed, str(report)
    for weight, value in zip(network.weights, before, strict=True):
        np.testing.assert_array_equal(np.array(weight), value)


def test_a_network_may_learn_to_read_in_a_model():
    model = keras.Sequential([keras.Input((8, 8, 1)), Remembers()])
    assert examine(lambda: model, "digit_network").passed
