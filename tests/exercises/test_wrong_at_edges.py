"""Layers that are right but at an edge, or but in a second call: each must be caught."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from grader.bench.subject import LocalSubject
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.regularization.dropping import dropping


def spoiled(base, spoil):
    """The layer with its outputs spoiled: a function of the layer, the outputs and the inputs."""

    class Spoiled(base):
        if spoil is squeezes:
            compute_output_shape = keras.layers.Layer.compute_output_shape

        def call(self, inputs, *args, **kwargs):
            return spoil(self, super().call(inputs, *args, **kwargs), inputs)

    return Spoiled


def keeps_the_first_batch(layer, outputs, inputs):
    layer.batch = vars(layer).get("batch") or inputs.shape[0]
    return ops.reshape(outputs, (layer.batch or -1, *outputs.shape[1:]))


def adds_the_last_outputs(layer, outputs, inputs):
    before = vars(layer).get("before", 0.0)
    layer.before = ops.mean(outputs) if hasattr(outputs, "numpy") else 0.0
    return outputs + before


def squeezes(layer, outputs, inputs):
    return ops.squeeze(outputs)


def clips(layer, outputs, inputs):
    return outputs * ops.cast(ops.abs(inputs) < 20, outputs.dtype)


def halves_from(rank):
    """Half of what it should be, for inputs of this rank and more."""
    return lambda layer, outputs, inputs: outputs * (0.5 if len(inputs.shape) >= rank else 1.0)


class FlattenByShape(keras.layers.Layer):
    def call(self, inputs):
        return ops.reshape(inputs, (inputs.shape[0], -1))

    def compute_output_shape(self, input_shape):
        return (input_shape[0], int(np.prod(input_shape[1:])))


class PadsWithTen(keras.layers.MaxPool2D):
    def call(self, inputs):
        outputs = super().call(inputs)
        return ops.maximum(outputs, -10.0) if self.padding == "same" else outputs


class CountsWhatIsNotZero(keras.layers.AveragePooling2D):
    def call(self, inputs):
        share = super().call(ops.cast(ops.not_equal(inputs, 0), inputs.dtype))
        return super().call(inputs) / share


class Infinite(keras.layers.Attention):
    def call(self, inputs, mask=None, **kwargs):
        outputs = super().call(inputs, mask=mask, **kwargs)
        if mask is None or mask[1] is None:
            return outputs
        shut = ops.logical_not(ops.any(mask[1], axis=-1))[:, None, None]
        return keras.tree.map_structure(lambda part: ops.where(shut, np.nan, part), outputs)


def without_maximum(activation):
    powers = ops.exp
    softmax = lambda x: powers(x) / ops.sum(powers(x), axis=-1, keepdims=True)  # noqa: E731
    return keras.layers.Activation(softmax if activation == "softmax" else activation)


def overflowing(activation):
    sigmoid = lambda x: ops.exp(x) / (1 + ops.exp(x))  # noqa: E731
    return keras.layers.Activation(sigmoid if activation == "sigmoid" else activation)


class CropsForSmallStrides(keras.layers.Conv1D):
    def call(self, inputs):
        outputs = super().call(inputs)
        return outputs * (1.0 if self.strides[0] <= self.kernel_size[0] else 0.5)


class TwoGroupsAtMost(keras.layers.Conv2D):
    def call(self, inputs):
        return super().call(inputs) * (0.5 if self.groups > 2 else 1.0)


class NothingAtZero(keras.layers.BatchNormalization):
    def call(self, inputs, training=None, mask=None):
        outputs = super().call(inputs, training=training)
        return outputs * (0.5 if self.momentum == 0 and training else 1.0)


class ReadsForwards(keras.layers.SimpleRNN):
    def call(self, sequences, initial_state=None, mask=None, training=False):
        if initial_state is not None and not self.go_backwards:
            initial_state = [2 * state for state in initial_state]
        return super().call(sequences, initial_state=initial_state, mask=mask)


class StateAloneIsZero(keras.layers.LSTM):
    def call(self, sequences, initial_state=None, mask=None, training=False):
        outputs = super().call(sequences, initial_state=initial_state, mask=mask)
        if self.return_state and not self.return_sequences:
            return [outputs[0], *(0 * state for state in outputs[1:])]
        return outputs


class StackWithoutMask(keras.layers.RNN):
    def call(self, sequences, initial_state=None, mask=None, training=False):
        mask = None if isinstance(self.cell, keras.layers.StackedRNNCells) else mask
        return super().call(sequences, initial_state=initial_state, mask=mask)


class OneMask(keras.layers.Bidirectional):
    def compute_mask(self, inputs, mask=None):
        return mask if self.forward_layer.return_sequences else None


class BuildsAnew(keras.layers.TimeDistributed):
    """Puts a new layer in the place of one that is built."""

    def build(self, input_shape):
        if self.layer.built:
            self.layer = type(self.layer).from_config(self.layer.get_config())
        super().build(input_shape)


class BuildsAgain(keras.layers.TimeDistributed):
    def build(self, input_shape):
        self.layer.build((input_shape[0], *input_shape[2:]))


class NothingExpandedByOne(CATALOGUE["InvertedResidual"].reference):
    """Leaves out the first convolution if it would not expand anything, as the paper does."""

    def inner(self, inputs, training):
        if self.expansion > 1:
            return super().inner(inputs, training)
        inputs = self.activate(self.norms[1](self.depthwise(inputs), training=training), 1)
        return self.norms[2](self.project(inputs), training=training)


class ThirdByDefault(CATALOGUE["SqueezeExcitation"].reference):
    def __init__(self, ratio=3, **kwargs):
        super().__init__(ratio, **kwargs)


def with_reference(name, spoil):
    return spoiled(CATALOGUE[name].reference, spoil)


WRONG = {
    "Flatten: batch from the shape": FlattenByShape,
    "Flatten: the first batch": with_reference("Flatten", keeps_the_first_batch),
    "Dense: the first batch": with_reference("Dense", keeps_the_first_batch),
    "Dense: a state": with_reference("Dense", adds_the_last_outputs),
    "Dense: squeezed": with_reference("Dense", squeezes),
    "GlobalMaxPool2D: squeezed": with_reference("GlobalMaxPool2D", squeezes),
    "Activation: softmax without its maximum": without_maximum,
    "Activation: a sigmoid that overflows": overflowing,
    "Activation: nothing large": with_reference("Activation", clips),
    "MaxPool2D: padded with -10": PadsWithTen,
    "AveragePooling2D: zeros not counted": CountsWhatIsNotZero,
    "Attention: -inf in the mask": Infinite,
    "Conv1D: a stride above the window": CropsForSmallStrides,
    "Conv2D: two groups at most": TwoGroupsAtMost,
    "BatchNormalization: no momentum": NothingAtZero,
    "SimpleRNN: initial_state forwards": ReadsForwards,
    "LSTM: return_state alone": StateAloneIsZero,
    "RNN: a list of cells without the mask": StackWithoutMask,
    "Bidirectional: one mask for two outputs": OneMask,
    "TimeDistributed: new weights for a layer that is built": BuildsAnew,
    "InvertedResidual: an expansion of 1": NothingExpandedByOne,
    "SqueezeExcitation: a ratio of 3 by default": ThirdByDefault,
    "GroupNormalization: four axes at most": with_reference("GroupNormalization", halves_from(5)),
    "SwiGLU: three axes at most": with_reference("SwiGLU", halves_from(4)),
}
HIDDEN_ONLY = {
    "LSTM: return_state alone",
    "InvertedResidual: an expansion of 1",
    "GroupNormalization: four axes at most",
    "SwiGLU: three axes at most",
}
"""What costs too much time to be tried in the open."""


@pytest.mark.parametrize("what", WRONG)
def test_a_layer_that_is_wrong_at_an_edge_is_caught(what):
    name = what.partition(":")[0]
    wrong = LocalSubject(WRONG[what])
    hidden = examine(wrong, name, seed=3, hidden=True, named=True)
    assert not hidden.passed
    assert any(finding.passed for finding in hidden.findings), "wrong everywhere"
    assert examine(wrong, name, seed=3, named=True).passed == (what in HIDDEN_ONLY)


def test_an_expansion_of_1_shows_where_a_single_channel_hides_it():
    """With this seed the one channel of the other edge is 0 after relu6, in each case."""
    wrong = LocalSubject(NothingExpandedByOne)
    assert not examine(wrong, "InvertedResidual", seed=100, hidden=True, named=True).passed


def test_a_layer_that_is_built_again_raises_and_keeps_what_the_other_kinds_earn():
    report = examine(LocalSubject(BuildsAgain), "TimeDistributed")
    assert not report.passed
    assert 0.5 < report.score < 1
    assert "a layer that is built already" in str(report)


def exact(shape, rate):
    """As many values as the rate says, to the number, in a random order."""
    count = int(np.prod(shape))
    order = np.random.default_rng().permutation(count)
    return (order < round(rate * count)).reshape(shape)


def in_pairs(shape, rate):
    """Two neighbours have one coin."""
    half = np.random.default_rng().random((*shape[:-1], (shape[-1] + 1) // 2)) < rate
    return np.repeat(half, 2, axis=-1)[..., : shape[-1]]


def first_kept(shape, rate):
    """The first channel never falls."""
    fell = np.random.default_rng().random(shape) < rate
    fell[..., 0] = False
    return fell


def too_many(shape, rate):
    """5 % and one point more than the rate."""
    return np.random.default_rng().random(shape) < 1.05 * rate + 0.01


SAYS = {
    exact: "Every training call drops the same number",
    in_pairs: "Some values are not dropped independently",
    first_kept: "Some values are dropped too rarely or too often",
    too_many: "With many values, the share that is dropped",
}


@pytest.mark.parametrize(("throw", "says"), SAYS.items())
@pytest.mark.parametrize("name", ["Dropout", "SpatialDropout2D"])
def test_coins_that_are_no_coins_are_caught(name, throw, says):
    class Loaded(keras.layers.Layer):
        def __init__(self, rate):
            super().__init__()
            self.rate = rate

        def call(self, inputs, training=False):
            if not training or not self.rate:
                return inputs
            fell = tf.numpy_function(self.fell, [tf.shape(inputs)], bool)
            return tf.where(fell, 0.0, inputs / (1 - self.rate))

        def fell(self, shape):
            if name == "Dropout":
                return throw(tuple(shape), self.rate)
            return throw((shape[0], shape[-1]), self.rate)[:, None, None]

    report = examine(Loaded, name, seed=5, named=True)
    assert not report.passed
    (finding,) = (f for f in report.findings if f.aspect == "dropping")
    assert finding.message.startswith(says)


def test_right_coins_pass_as_the_reference_does():
    right = dropping(lambda shape: shape)
    assert examine(LocalSubject(right), "Dropout", seed=5, hidden=True).passed
