"""The references of the unit on a network that sees, and what is worth nothing there."""

from __future__ import annotations

import keras
import numpy as np
import pytest
from keras import ops

from grader.examination.examine import examine
from grader.exercises.seeing.resnet import SHIPPED, ResNet, stage_names, weight_shapes
from tests.variants.seeing import ListOfLayers, Nearest, learned


def images(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def test_the_reference_is_a_network_of_keras_alone():
    """The same as a plain stack of Keras's layers, in training and at inference."""
    ours, plain, inputs = ResNet(4, 3, 5), ListOfLayers(4, 3, 5), images(3, 8, 6, 2)
    ours(inputs), plain(inputs)
    plain.load({name: ops.convert_to_numpy(weight) for name, weight in ours.named().items()})
    for training in (False, True, False):
        np.testing.assert_allclose(
            ours(inputs, training=training), plain(inputs, training=training), rtol=1e-4, atol=1e-5
        )


def test_there_are_as_many_stages_as_names_and_as_many_weights_as_the_text_says():
    model = ResNet(**SHIPPED)
    model.build((None, 8, 8, 1))
    assert len(model.stages(images(1, 8, 8, 1))) == len(stage_names(SHIPPED["blocks"]))
    norms = 1 + 3 * SHIPPED["blocks"] - 1
    assert len(weight_shapes(SHIPPED)) == len(model.weights) == 5 * norms + 2


class ByHeart(keras.layers.Layer):
    """No network at all: the digit that looks most like it, in no weights."""

    def call(self, inputs):
        known, targets = learned()
        rows = ops.reshape(inputs, (-1, 64))
        far = np.sum(known**2, axis=1) - 2 * ops.matmul(rows, known.T)
        return ops.take(ops.convert_to_tensor(targets), ops.argmin(far, axis=1), axis=0)


class WithAWeight(ByHeart):
    """A weight that changes the scores, and hardly ever the answer."""

    def build(self, shape):
        self.w = self.add_weight(shape=(64, 10), initializer="ones")

    def call(self, inputs):
        return super().call(inputs) + 1e-3 * ops.matmul(ops.reshape(inputs, (-1, 64)), self.w)


@pytest.mark.parametrize("network", [ByHeart, WithAWeight])
def test_reading_by_heart_is_worth_nothing_here_either(network):
    report = examine(network, "digit_reader")
    assert report.score == 0
    [finding] = report.findings
    assert "The network reads the digits, but" in finding.message


class Worse(Nearest):
    """Reads a known share of the digits: some labels are exchanged."""

    wrong = 0

    def build(self, shape):
        super().build(shape)
        targets = np.array(self.worth)
        targets[: self.wrong] = np.roll(targets[: self.wrong], 1, axis=1)
        self.worth.assign(targets)


@pytest.mark.parametrize(("wrong", "passes"), [(12, True), (13, False)])
def test_985_of_1000_are_asked_for_and_no_digit_more(wrong, passes):
    """Of 823 digits 811 are more than 98.5 %, and 810 are fewer."""
    network = type("Network", (Worse,), {"wrong": wrong})
    report = examine(network, "digit_reader")
    assert report.passed == passes, str(report)
    if not passes:
        assert "right on at least 98.5%" in str(report)


@pytest.mark.parametrize("missing", ["load", "stages"])
def test_a_network_without_one_of_its_methods_keeps_the_rest(missing):
    crippled = type("Crippled", (ResNet,), {missing: None})
    report = examine(crippled, "ResNet")
    failed = {finding.aspect for finding in report.failed}
    if missing == "load":
        assert "loading" in failed
        assert not failed & {"shape", "parameters"}
    else:
        assert failed == {"stages"}
    assert f"has no method {missing}" in str(report)
