"""Right answers to the exercises on Flatten, each written in another way."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class WithOps(keras.layers.Layer):
    """The textbook way."""

    def compute_output_shape(self, input_shape):
        return (input_shape[0], math.prod(input_shape[1:]))

    def call(self, inputs):
        return ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))


class RawTensorFlow(WithOps):
    """Asks for the batch size while it runs, and leaves the features to be found out."""

    def call(self, inputs):
        return tf.reshape(inputs, (tf.shape(inputs)[0], -1))


class TwoByTwo(keras.layers.Layer):
    """Joins the last two axes until two are left."""

    def compute_output_shape(self, input_shape):
        length = 1
        for axis in input_shape[1:]:
            length *= axis
        return [input_shape[0], length]

    def call(self, inputs):
        while len(inputs.shape) > 2:
            _, *front, rows, columns = inputs.shape
            inputs = ops.reshape(inputs, (-1, *front, rows * columns))
        return inputs


class SideBySide(WithOps):
    """Unstacks the second axis and lays the parts side by side."""

    def call(self, inputs):
        while len(inputs.shape) > 2:
            inputs = ops.concatenate(self.rows(inputs), axis=-1)
        return inputs

    def rows(self, inputs):
        if len(inputs.shape) == 3:
            return ops.unstack(inputs, axis=1)
        return [self.call(part) for part in ops.unstack(inputs, axis=1)]


class SampleBySample(WithOps):
    """One sample after the other, by a loop of TensorFlow's."""

    def call(self, inputs):
        return tf.map_fn(lambda sample: tf.reshape(sample, [-1]), inputs)


class ByEinsum(WithOps):
    """A product with a grid that holds a one for each place: slow, and right."""

    def call(self, inputs):
        sample = inputs.shape[1:]
        length = math.prod(sample)
        grid = np.eye(length, dtype="float32").reshape(*sample, length)
        letters = "abcdefg"[: len(sample)]
        return ops.einsum(f"z{letters},{letters}y->zy", inputs, grid)


def checked(call: Callable) -> Callable:
    """A decorator on call."""

    @functools.wraps(call)
    def wrapper(self, inputs):
        outputs = call(self, inputs)
        assert len(outputs.shape) == 2
        return outputs

    return wrapper


class Decorated(WithOps):
    """compute_output_shape asks call itself."""

    def compute_output_shape(self, input_shape):
        return super().compute_output_shape(tuple(input_shape))

    @checked
    def call(self, inputs):
        return ops.reshape(inputs, (-1, self.compute_output_shape(inputs.shape)[1]))


class Target(keras.layers.Layer):
    """A more general class, for a factory function."""

    def __init__(self, keep):
        super().__init__()
        self.keep = keep

    def compute_output_shape(self, input_shape):
        front, rest = input_shape[: self.keep], input_shape[self.keep :]
        return (*front, math.prod(rest))

    def call(self, inputs):
        shape = self.compute_output_shape(inputs.shape)
        return ops.reshape(inputs, (-1, *shape[1:]))


def adapted():
    """A factory function."""
    return Target(keep=1)


def by_product(input_shape):
    """The textbook way."""
    return (input_shape[0], math.prod(input_shape[1:]))


def by_loop(input_shape):
    """A list instead of a tuple."""
    batch, *rest = input_shape
    length = 1
    for axis in rest:
        length *= axis
    return [batch, length]


def in_numpy(input_shape):
    """The length is a NumPy number."""
    return (input_shape[0], np.prod(input_shape[1:]))


def by_trying(input_shape):
    """Makes one sample and counts its numbers."""
    return (input_shape[0], np.zeros(input_shape[1:]).size)


RIGHT: dict[str, list[Callable]] = {
    "Flatten": [
        WithOps,
        RawTensorFlow,
        TwoByTwo,
        SideBySide,
        SampleBySample,
        ByEinsum,
        Decorated,
        adapted,
        functools.partial(Target, 1),
    ],
    "flatten_shape": [by_product, by_loop, in_numpy, by_trying],
}
