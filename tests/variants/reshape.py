"""Right answers to the exercises on Reshape, each written in another way."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


def filled(target, sample):
    """The target with its -1 filled in."""
    known = math.prod(size for size in target if size != -1)
    return tuple(math.prod(sample) // known if size == -1 else size for size in target)


class WithOps(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def compute_output_shape(self, input_shape):
        return (input_shape[0], *filled(self.target_shape, input_shape[1:]))

    def call(self, inputs):
        return ops.reshape(inputs, (-1, *filled(self.target_shape, inputs.shape[1:])))


class RawTensorFlow(WithOps):
    """Asks for the batch size while it runs, so that the -1 may stay."""

    def call(self, inputs):
        return tf.reshape(inputs, tf.concat([tf.shape(inputs)[:1], self.target_shape], axis=0))


class SplitAndStack(WithOps):
    """One row of numbers, cut up axis by axis."""

    def call(self, inputs):
        row = ops.reshape(inputs, (-1, math.prod(inputs.shape[1:])))
        return self.cut(row, filled(self.target_shape, inputs.shape[1:]))

    def cut(self, row, target):
        if len(target) == 1:
            return row
        parts = ops.split(row, target[0], axis=1)
        return ops.stack([self.cut(part, target[1:]) for part in parts], axis=1)


class TakesByIndex(WithOps):
    """Looks each number up by its place in the order."""

    def call(self, inputs):
        sample = inputs.shape[1:]
        places = np.arange(math.prod(sample)).reshape(self.target_shape)
        return ops.take(ops.reshape(inputs, (-1, math.prod(sample))), places, axis=1)


class SampleBySample(WithOps):
    """One sample after the other, by a loop of TensorFlow's."""

    def call(self, inputs):
        return tf.map_fn(lambda sample: tf.reshape(sample, self.target_shape), inputs)


class FillsInBuild(keras.layers.Layer):
    """Fills the -1 once, when the input shape is known."""

    def __init__(self, target_shape):
        super().__init__()
        self.wanted = list(target_shape)

    def build(self, input_shape):
        _, *sample = input_shape
        if -1 in self.wanted:
            rest = -math.prod(self.wanted)
            self.wanted[self.wanted.index(-1)] = math.prod(sample) // rest

    def compute_output_shape(self, input_shape):
        self.build(input_shape)
        return [input_shape[0], *self.wanted]

    def call(self, inputs):
        return ops.reshape(inputs, [-1, *self.wanted])


def with_shape(cls: type) -> type:
    """A class decorator that writes compute_output_shape by trying NumPy's reshape."""

    def compute_output_shape(self, input_shape):
        sample = np.empty(input_shape[1:], dtype="int8").reshape(self.target_shape)
        return (input_shape[0], *sample.shape)

    cls.compute_output_shape = compute_output_shape
    return cls


@with_shape
class Decorated(keras.layers.Layer):
    """call asks what the decorator wrote."""

    def __init__(self, target_shape, **kwargs):
        super().__init__(**kwargs)
        self.target_shape = target_shape

    def call(self, inputs):
        return ops.reshape(inputs, (-1, *self.compute_output_shape(inputs.shape)[1:]))


class Form(WithOps):
    """Another argument name, for a factory function; a subclass of one's own class."""

    def __init__(self, *lengths):
        super().__init__(lengths)


def adapted(target_shape):
    """A factory function."""
    return Form(*target_shape)


def by_filling(input_shape, target_shape):
    """The textbook way."""
    return (input_shape[0], *filled(target_shape, input_shape[1:]))


def by_trying(input_shape, target_shape):
    """Reshapes a real sample; a list instead of a tuple."""
    return [input_shape[0], *np.zeros(input_shape[1:]).reshape(target_shape).shape]


def by_dividing(input_shape, target_shape):
    """Divides what is left by one known length after the other; NumPy numbers."""
    left = np.prod(input_shape[1:])
    for size in target_shape:
        left = left if size == -1 else left // size
    return tuple([input_shape[0]] + [left if size == -1 else size for size in target_shape])


RIGHT: dict[str, list[Callable]] = {
    "Reshape": [
        WithOps,
        RawTensorFlow,
        SplitAndStack,
        TakesByIndex,
        SampleBySample,
        FillsInBuild,
        Decorated,
        adapted,
        functools.partial(WithOps, name="mine"),
    ],
    "reshape_shape": [by_filling, by_trying, by_dividing],
}
