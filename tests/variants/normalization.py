"""Right answers to the exercises of the unit on normalization, each written in another way."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class ByVectors(keras.layers.Layer):
    """The textbook way, with the weights by other names and in another order."""

    def __init__(self, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        self.shift = self.add_weight(name="shift", shape=(input_shape[-1],), initializer="zeros")
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs):
        centred = inputs - ops.mean(inputs, -1, keepdims=True)
        variance = ops.mean(centred**2, -1, keepdims=True)
        return centred * ops.rsqrt(variance + self.epsilon) * self.scale + self.shift


class ByMoments(ByVectors):
    """Raw TensorFlow, and its formula for normalized values."""

    def call(self, inputs):
        mean, variance = tf.nn.moments(inputs, [-1], keepdims=True)
        return tf.nn.batch_normalization(
            inputs, mean, variance, self.shift, self.scale, self.epsilon
        )


class FeaturesFirst(ByVectors):
    """Moves the features to the front, where a mean needs no kept axis, and back."""

    def call(self, inputs):
        moved = ops.moveaxis(inputs, -1, 0)
        deviation = ops.sqrt(ops.var(moved, axis=0) + self.epsilon)
        normal = ops.moveaxis((moved - ops.mean(moved, axis=0)) / deviation, 0, -1)
        return self.scale * normal + self.shift


class ByEinsum(ByVectors):
    """Sums by einsum, divided by a count."""

    def call(self, inputs):
        count = inputs.shape[-1]
        mean = ops.einsum("...f->...", inputs) / count
        rest = inputs - mean[..., None]
        variance = ops.einsum("...f,...f->...", rest, rest) / count
        normal = rest / ops.sqrt(variance + self.epsilon)[..., None]
        return ops.einsum("...f,f->...f", normal, self.scale) + self.shift


class RowByRow(ByVectors):
    """All vectors as rows of one matrix; no weight has a name."""

    def build(self, input_shape):
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones")
        self.shift = self.add_weight(shape=(input_shape[-1],), initializer="zeros")

    def call(self, inputs):
        rows = tf.reshape(inputs, (-1, inputs.shape[-1]))
        mean = tf.reduce_mean(rows, axis=1, keepdims=True)
        variance = tf.reduce_mean(tf.math.squared_difference(rows, mean), 1, keepdims=True)
        normal = (rows - mean) * (variance + self.epsilon) ** -0.5
        return tf.reshape(normal * self.scale + self.shift, tf.shape(inputs))


class BothInOne(keras.layers.Layer):
    """Gamma and beta are variables in a list, and the config is written by hand."""

    def __init__(self, epsilon=1e-3, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        size = (input_shape[-1],)
        self.both = [keras.Variable(start, shape=size) for start in ("ones", "zeros")]

    def call(self, inputs):
        mean, variance = ops.moments(inputs, axes=-1, keepdims=True)
        factor = self.both[0] / ops.sqrt(variance + self.epsilon)
        return inputs * factor + (self.both[1] - mean * factor)

    def get_config(self):
        return {**super().get_config(), "epsilon": self.epsilon}


class RootMeanSquare(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, epsilon=1e-6, **kwargs):
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape):
        self.gain = self.add_weight(name="gain", shape=(input_shape[-1],), initializer="ones")

    def call(self, inputs):
        square = ops.mean(ops.square(inputs), axis=-1, keepdims=True)
        return self.gain * inputs / ops.sqrt(square + self.epsilon)


class RmsInTensorFlow(RootMeanSquare):
    def call(self, inputs):
        square = tf.reduce_mean(inputs * inputs, -1, True)
        return inputs * tf.math.rsqrt(square + self.epsilon) * self.gain


class ByLength(RootMeanSquare):
    """From the length of the vector: its square is the number of features times the mean square."""

    def call(self, inputs):
        count = inputs.shape[-1]
        length = ops.sqrt(ops.sum(inputs**2, axis=-1, keepdims=True) + count * self.epsilon)
        return inputs / length * (count**0.5 * self.gain)


class RmsByEinsum(RootMeanSquare):
    def call(self, inputs):
        square = ops.einsum("...f,...f->...", inputs, inputs) / inputs.shape[-1]
        return ops.einsum("...f,...,f->...f", inputs, ops.rsqrt(square + self.epsilon), self.gain)


class RmsByMoments(RootMeanSquare):
    """The mean square as variance plus the square of the mean."""

    def call(self, inputs):
        mean, variance = ops.moments(inputs, axes=[-1], keepdims=True)
        return inputs / (variance + mean**2 + self.epsilon) ** 0.5 * self.gain


class RmsByMatrix(RootMeanSquare):
    """A matrix product with 1/n makes the means."""

    def call(self, inputs):
        count = inputs.shape[-1]
        square = ops.matmul(ops.square(inputs), ops.full((count, 1), 1 / count))
        return ops.multiply(self.gain, ops.divide(inputs, ops.sqrt(ops.add(square, self.epsilon))))


class Grouped(keras.layers.Layer):
    """The textbook way: the places in one axis, the channels in two."""

    def __init__(self, groups=32, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        self.groups = groups
        self.epsilon = epsilon

    def build(self, input_shape):
        self.scale = self.add_weight(name="scale", shape=(input_shape[-1],), initializer="ones")
        self.shift = self.add_weight(name="shift", shape=(input_shape[-1],), initializer="zeros")

    def call(self, inputs):
        shape = ops.shape(inputs)
        parts = ops.reshape(inputs, (shape[0], -1, self.groups, shape[-1] // self.groups))
        mean = ops.mean(parts, axis=(1, 3), keepdims=True)
        variance = ops.var(parts, axis=(1, 3), keepdims=True)
        normal = (parts - mean) / ops.sqrt(variance + self.epsilon)
        return ops.reshape(normal, shape) * self.scale + self.shift


class GroupByGroup(Grouped):
    """A slice of the channels for each group, joined again in the end."""

    def call(self, inputs):
        width = inputs.shape[-1] // self.groups
        axes = tuple(range(1, len(inputs.shape)))
        parts = []
        for first in range(0, inputs.shape[-1], width):
            part = inputs[..., first : first + width]
            rest = part - ops.mean(part, axis=axes, keepdims=True)
            variance = ops.mean(rest * rest, axis=axes, keepdims=True)
            parts.append(rest * ops.rsqrt(variance + self.epsilon))
        return self.scale * ops.concatenate(parts, axis=-1) + self.shift


class GroupsInTensorFlow(Grouped):
    """Keeps rows and columns apart, and takes the moments over all axes that are not kept."""

    def call(self, inputs):
        shape = tf.shape(inputs)
        width = inputs.shape[-1] // self.groups
        parts = tf.reshape(inputs, tf.concat([shape[:-1], [self.groups, width]], axis=0))
        axes = [*range(1, inputs.shape.rank - 1), inputs.shape.rank]
        mean, variance = tf.nn.moments(parts, axes, keepdims=True)
        normal = (parts - mean) * tf.math.rsqrt(variance + self.epsilon)
        return tf.reshape(normal, shape) * self.scale + self.shift


class BySplit(Grouped):
    """Groups by ops.split; gamma and beta are folded into a factor and a rest."""

    def call(self, inputs):
        axes = list(range(1, len(inputs.shape)))
        factors, rests = [], []
        for part in ops.split(inputs, self.groups, axis=-1):
            mean, variance = ops.moments(part, axes=axes, keepdims=True)
            root = ops.rsqrt(variance + self.epsilon)
            factors.append(ops.repeat(root, part.shape[-1], axis=-1))
            rests.append(ops.repeat(mean * root, part.shape[-1], axis=-1))
        factor, rest = ops.concatenate(factors, -1), ops.concatenate(rests, -1)
        return inputs * factor * self.scale + (self.shift - rest * self.scale)


class ByMembership(Grouped):
    """A matrix says which channels share a group; means by two products."""

    def build(self, input_shape):
        super().build(input_shape)
        number = np.arange(input_shape[-1]) * self.groups // input_shape[-1]
        same = number[:, None] == number
        self.share = (same / same.sum(axis=0)).astype("float32")

    def shared(self, values):
        axes = list(range(1, len(values.shape) - 1))
        each = ops.mean(values, axis=axes, keepdims=True) if axes else values
        return ops.matmul(each, self.share)

    def call(self, inputs):
        rest = inputs - self.shared(inputs)
        return self.scale * rest / ops.sqrt(self.shared(rest**2) + self.epsilon) + self.shift


class GroupsAsRows(Grouped):
    """Each group of each sample becomes a row of its own."""

    def call(self, inputs):
        shape, width = ops.shape(inputs), inputs.shape[-1] // self.groups
        parts = ops.reshape(inputs, (-1, math.prod(shape[1:-1]), self.groups, width))
        rows = ops.reshape(ops.transpose(parts, (0, 2, 1, 3)), (-1, parts.shape[1] * width))
        rows = (rows - ops.mean(rows, 1, keepdims=True)) / ops.sqrt(
            ops.var(rows, axis=1, keepdims=True) + self.epsilon
        )
        back = ops.reshape(rows, (-1, self.groups, parts.shape[1], width))
        normal = ops.reshape(ops.transpose(back, (0, 2, 1, 3)), shape)
        return normal * self.scale + self.shift


class NormalizedFirst(keras.layers.Layer):
    """The residual block, with all of its layers made in `build`."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        self.out = keras.layers.Dense(input_shape[-1])
        self.hidden = keras.layers.Dense(self.units)
        self.norm = keras.layers.LayerNormalization()
        self.norm.build(input_shape)
        self.hidden.build(input_shape)
        self.out.build((*input_shape[:-1], self.units))

    def call(self, inputs):
        return ops.add(self.out(ops.relu(self.hidden(self.norm(inputs)))), inputs)


class NormalizedFirstByHand(keras.layers.Layer):
    """The same without a layer inside."""

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape):
        width, units = input_shape[-1], self.units
        self.gamma = self.add_weight(shape=(width,), initializer="ones")
        self.beta = self.add_weight(shape=(width,), initializer="zeros")
        self.first = self.add_weight(shape=(width, units))
        self.first_bias = self.add_weight(shape=(units,))
        self.second = self.add_weight(shape=(units, width))
        self.second_bias = self.add_weight(shape=(width,))

    def call(self, inputs):
        mean, variance = tf.nn.moments(inputs, [-1], keepdims=True)
        normal = self.gamma * (inputs - mean) / tf.sqrt(variance + 0.001) + self.beta
        hidden = tf.nn.relu(tf.tensordot(normal, self.first, 1) + self.first_bias)
        return inputs + tf.tensordot(hidden, self.second, 1) + self.second_bias


def two_of_each(input_shape):
    """By names."""
    *_, features = input_shape
    return 2 * features, 0


def as_sum(input_shape):
    """A gamma and a beta for each feature, in a list."""
    return [sum((input_shape[-1], input_shape[-1])), 0]


def asked_of_a_layer(input_shape):
    """Counted in a layer of one's own."""
    layer = ByVectors()
    layer.build(input_shape)
    return layer.count_params(), len(layer.non_trainable_weights)


def by_root(features, scale):
    """The formula."""
    return scale * math.sqrt(features)


def by_power(features, scale):
    return scale * features**0.5


def by_example(features, scale):
    """The length of a vector whose numbers all are what they are on average."""
    return float(np.linalg.norm(np.full(features, scale, "float64")))


def of_a_random_vector(features, scale):
    """Neither its numbers nor its sums are exact."""
    vector = np.random.default_rng(0).normal(size=features)
    normal = scale * vector / np.sqrt(np.mean(vector**2))
    return float(np.sqrt(np.sum(normal**2)))


def by_product(input_shape, groups):
    """Numbers of a sample, shared out among the groups."""
    batch, *places, channels = input_shape
    return batch * groups, math.prod(places) * channels // groups, 2 * channels


def by_shape(input_shape, groups):
    """The shape that the layer reshapes to, and what the mean leaves of it."""
    parts = np.zeros((*input_shape[:-1], groups, input_shape[-1] // groups))
    axes = (*range(1, parts.ndim - 2), parts.ndim - 1)
    means = parts.mean(axis=axes)
    return [means.size, parts.size // means.size, input_shape[-1] + input_shape[-1]]


def by_whole(input_shape, groups):
    """All numbers, divided by the number of means."""
    means = input_shape[0] * groups
    return means, np.prod(input_shape) / means, 2 * input_shape[-1]


RIGHT: dict[str, list[Callable]] = {
    "LayerNormalization": [
        ByVectors,
        ByMoments,
        FeaturesFirst,
        ByEinsum,
        RowByRow,
        BothInOne,
        functools.partial(ByVectors, dtype="float32"),
    ],
    "RMSNormalization": [
        RootMeanSquare,
        RmsInTensorFlow,
        ByLength,
        RmsByEinsum,
        RmsByMoments,
        RmsByMatrix,
    ],
    "GroupNormalization": [
        Grouped,
        GroupByGroup,
        GroupsInTensorFlow,
        BySplit,
        ByMembership,
        GroupsAsRows,
    ],
    "PreNorm": [NormalizedFirst, NormalizedFirstByHand],
    "layernorm_params": [two_of_each, as_sum, asked_of_a_layer],
    "rms_length": [by_root, by_power, by_example, of_a_random_vector],
    "group_statistics": [by_product, by_shape, by_whole],
}
