"""Right answers to the exercises on Activation, each written in another way."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Formulas(keras.layers.Layer):
    """The textbook way: one formula after the other."""

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation

    def call(self, inputs):
        match self.activation:
            case "relu":
                return ops.maximum(inputs, 0)
            case "leaky_relu":
                return ops.where(inputs > 0, inputs, 0.2 * inputs)
            case "sigmoid":
                return (1 + ops.tanh(inputs / 2)) / 2
            case "hard_sigmoid":
                return ops.clip(inputs + 3, 0, 6) / 6
            case "tanh":
                return ops.tanh(inputs)
            case "softmax":
                powers = ops.exp(inputs - ops.max(inputs, axis=-1, keepdims=True))
                return powers / ops.sum(powers, axis=-1, keepdims=True)
            case function:
                return function(inputs)


RAW = {
    "relu": tf.nn.relu,
    "leaky_relu": lambda x: tf.nn.leaky_relu(x, alpha=0.2),
    "sigmoid": tf.math.sigmoid,
    "tanh": tf.math.tanh,
    "softmax": tf.nn.softmax,
    "hard_sigmoid": lambda x: tf.nn.relu6(x + 3) / 6,
}


class RawTensorFlow(keras.layers.Layer):
    """A table of TensorFlow's own functions."""

    def __init__(self, activation):
        super().__init__()
        self.bend = RAW.get(activation, activation) if isinstance(activation, str) else activation

    def call(self, inputs):
        return self.bend(inputs)


class OtherFormulas(keras.layers.Layer):
    """Absolute values, logarithms and one exponential; a method for each name."""

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        known = isinstance(activation, str)
        self.method = getattr(self, f"bend_by_{activation}") if known else activation

    def call(self, inputs):
        return self.method(inputs)

    def bend_by_relu(self, x):
        return (x + ops.abs(x)) / 2

    def bend_by_leaky_relu(self, x):
        return ops.maximum(x, x / 5)

    def bend_by_sigmoid(self, x):
        return 1 / (1 + ops.exp(-x))

    def bend_by_tanh(self, x):
        return 2 * self.bend_by_sigmoid(2 * x) - 1

    def bend_by_softmax(self, x):
        return ops.exp(x - ops.logsumexp(x, axis=-1, keepdims=True))

    def bend_by_hard_sigmoid(self, x):
        return ops.minimum(ops.maximum(x / 6 + 0.5, 0), 1)


class ColumnByColumn(keras.layers.Layer):
    """A Python loop along the last axis; softmax is written with unstack and stack."""

    def __init__(self, activation, **kwargs):
        super().__init__(**kwargs)
        self.activation = activation

    def call(self, inputs):
        columns = ops.unstack(inputs, axis=-1)
        if self.activation == "softmax":
            return ops.stack(shares(columns), axis=-1)
        bend = RAW.get(self.activation) if isinstance(self.activation, str) else self.activation
        return ops.stack([bend(column) for column in columns], axis=-1)


def shares(columns):
    """Softmax over a list of tensors."""
    top = functools.reduce(ops.maximum, columns)
    powers = [ops.exp(column - top) for column in columns]
    return [power / sum(powers) for power in powers]


def looked_up(cls: type) -> type:
    """A class decorator that turns a name into a function before the class sees it."""

    class Looked(cls):
        def __init__(self, activation, **kwargs):
            super().__init__(activation if callable(activation) else RAW[activation], **kwargs)

    return Looked


@looked_up
class Decorated(keras.layers.Layer):
    """Knows functions only."""

    def __init__(self, function, **kwargs):
        super().__init__(**kwargs)
        self.function = function

    @tf.function
    def call(self, inputs):
        return self.function(inputs)


class Bend(keras.layers.Layer):
    """Another class with another argument, for a factory function."""

    def __init__(self, activation, table):
        super().__init__()
        self.by, self.table = activation, table

    def call(self, inputs):
        return self.table[self.by](inputs) if self.by in self.table else self.by(inputs)


def adapted(activation):
    """A factory function."""
    return Bend(activation, RAW)


class OneFormulaReplaced(Formulas):
    """A subclass of one's own class; its softmax compares each number with each other one."""

    def call(self, inputs):
        if self.activation == "softmax":
            gaps = ops.clip(inputs[..., None, :] - inputs[..., :, None], -80, 80)
            return 1 / ops.sum(ops.exp(gaps), axis=-1)
        return super().call(inputs)


def in_pairs(features, widths):
    """One layer and the next."""
    sizes = [features, *widths]
    return sum((a + 1) * b for a, b in itertools.pairwise(sizes))


def recursive(features, widths):
    """The first layer, and the rest."""
    if not widths:
        return 0
    first, *rest = widths
    return features * first + first + recursive(first, rest)


def in_numpy(features, widths):
    """A dot product; the answer is a NumPy number."""
    sizes = np.array([features, *widths])
    return np.dot(sizes[:-1] + 1, sizes[1:])


def eats_its_list(features, widths):
    """Takes the list apart: it must be the student's own copy."""
    total = 0
    while widths:
        width = widths.pop(0)
        total, features = total + (features + 1) * width, width
    return total


RIGHT: dict[str, list[Callable]] = {
    "Activation": [
        Formulas,
        RawTensorFlow,
        OtherFormulas,
        ColumnByColumn,
        Decorated,
        adapted,
        functools.partial(Bend, table=RAW),
        OneFormulaReplaced,
    ],
    "stack_params": [in_pairs, recursive, in_numpy, eats_its_list],
}
