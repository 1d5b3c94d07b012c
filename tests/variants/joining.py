"""Right answers to the exercises of the unit on joining, each written in another way."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Joins(keras.layers.Layer):
    """The textbook way to join along an axis."""

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.axis = axis

    def compute_output_shape(self, input_shape):
        shape = list(input_shape[0])
        shape[self.axis] = sum(other[self.axis] for other in input_shape)
        return tuple(shape)

    def call(self, inputs):
        return ops.concatenate(inputs, axis=self.axis)

    def get_config(self):
        return super().get_config() | {"axis": self.axis}


class JoinsInTensorFlow(keras.layers.Layer):
    """Raw TensorFlow; the config is what Keras takes down by itself."""

    def __init__(self, axis=-1, **kwargs):
        super().__init__(**kwargs)
        self.where = axis

    def compute_output_shape(self, input_shape):
        parts = [tf.TensorShape(shape)[self.where] for shape in input_shape]
        place = self.where % len(input_shape[0])
        return [sum(parts) if i == place else n for i, n in enumerate(input_shape[0])]

    def call(self, inputs):
        return tf.concat(inputs, self.where)


class JoinsOnTheLastAxis(Joins):
    """Moves the axis to the end and back again."""

    def call(self, inputs):
        turned = [ops.moveaxis(each, self.axis, -1) for each in inputs]
        return ops.moveaxis(ops.concatenate(turned, axis=-1), -1, self.axis)


class JoinsSliceBySlice(Joins):
    """Takes every input apart along the axis, and stacks all the slices."""

    def call(self, inputs):
        slices = [part for each in inputs for part in ops.unstack(each, axis=self.axis)]
        return ops.stack(slices, axis=self.axis)


class JoinsByPadding(Joins):
    """Each input between zeros, and the sum of them all."""

    def call(self, inputs):
        axis = self.axis % len(inputs[0].shape)
        lengths = [each.shape[axis] for each in inputs]
        starts = [0, *itertools.accumulate(lengths)]
        total = 0.0
        for each, start, length in zip(inputs, starts, lengths, strict=False):
            widths = [(0, 0)] * len(each.shape)
            widths[axis] = (start, starts[-1] - start - length)
            total = total + ops.pad(each, widths)
        return total


class JoinsByEinsum(Joins):
    """Each input times a piece of the identity matrix."""

    def call(self, inputs):
        axis = self.axis % len(inputs[0].shape)
        letters = "abcdefg"[: len(inputs[0].shape)]
        lengths = [each.shape[axis] for each in inputs]
        pieces = np.split(np.eye(sum(lengths), dtype="float32"), np.cumsum(lengths)[:-1])
        rule = f"{letters},{letters[axis]}z->{letters.replace(letters[axis], 'z')}"
        return sum(
            ops.einsum(rule, each, piece) for each, piece in zip(inputs, pieces, strict=True)
        )


class JoinsTwoAtATime(Joins):
    """A fold, and a place in the shape that is found in build."""

    def build(self, input_shape):
        self.place = self.axis if self.axis >= 0 else len(input_shape[0]) + self.axis

    def call(self, inputs):
        return functools.reduce(lambda a, b: ops.concatenate([a, b], self.place), inputs)

    def compute_output_shape(self, input_shape):
        self.build(input_shape)
        first, *rest = input_shape
        before, after = first[: self.place], first[self.place + 1 :]
        return (*before, first[self.place] + sum(s[self.place] for s in rest), *after)


def joined_along(axis=-1):
    """A factory function around a class with a wider signature."""
    return JoinsOnTheLastAxis(axis=axis, name="mine")


class SameShape(keras.layers.Layer):
    """What all the layers below share: one shape comes in, often, and goes out, once."""

    def compute_output_shape(self, input_shape):
        return tuple(input_shape[0])


class Sums(SameShape):
    """The textbook way."""

    def call(self, inputs):
        total = inputs[0]
        for each in inputs[1:]:
            total = total + each
        return total


class SumsWithPython(SameShape):
    """Python's own sum starts at 0."""

    def call(self, inputs):
        return sum(inputs)

    def compute_output_shape(self, input_shape):
        return input_shape[-1]


class SumsInPlace(SameShape):
    """Writes into the list that it was given: Keras makes a new one for each call."""

    def call(self, inputs):
        while len(inputs) > 1:
            inputs[0] += inputs.pop()
        return inputs[0]


class SumsInTensorFlow(SameShape):
    """tf.add_n, and a shape from TensorFlow."""

    def call(self, inputs):
        return tf.add_n(inputs)

    def compute_output_shape(self, input_shape):
        return tf.broadcast_static_shape(*map(tf.TensorShape, (input_shape[0], input_shape[1])))


class SumsAStack(SameShape):
    """A new axis at the end, and it is gone again."""

    def call(self, inputs):
        return ops.sum(ops.stack(inputs, axis=-1), axis=-1)


class SumsByEinsum(SameShape):
    """A weighted sum whose weights are all 1."""

    def call(self, inputs):
        return ops.einsum("n...,n->...", ops.stack(inputs), ops.ones(len(inputs)))


@keras.saving.register_keras_serializable("tests")
class SumsByDifferences(SameShape):
    """a + b is a - (0 - b), with Keras's own Subtract."""

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.minus = keras.layers.Subtract()

    def call(self, inputs):
        def plus(one, other):
            return self.minus([one, self.minus([ops.zeros_like(other), other])])

        return functools.reduce(plus, inputs)


class Subtracts(SameShape):
    """The textbook way."""

    def call(self, inputs):
        first, second = inputs
        return first - second


class SubtractsInTensorFlow(SameShape):
    """Compiled, which does no harm here."""

    @tf.function
    def call(self, inputs):
        return tf.subtract(*inputs)

    def compute_output_shape(self, input_shape):
        first, _ = input_shape
        return list(first)


class SubtractsByEinsum(SameShape):
    """1 times the first, -1 times the second."""

    def call(self, inputs):
        return ops.einsum("n...,n->...", ops.stack(inputs), np.array([1, -1], "float32"))


class SubtractsADiff(SameShape):
    """The step from the second to the first, along a new axis."""

    def call(self, inputs):
        return ops.squeeze(ops.diff(ops.stack(inputs[::-1], axis=1), axis=1), axis=1)


class SubtractsByAdding(SameShape):
    """Keras's own Add, of the first and the second's opposite."""

    def __init__(self):
        super().__init__()
        self.plus = keras.layers.Add()

    def call(self, inputs):
        return self.plus([inputs[0], ops.negative(inputs[1])])


class Largest(SameShape):
    """The textbook way."""

    def call(self, inputs):
        return functools.reduce(ops.maximum, inputs)


class LargestOfAStack(SameShape):
    """Along a new axis in front."""

    def call(self, inputs):
        return ops.max(ops.stack(inputs, axis=0), axis=0)


class LargestInTensorFlow(SameShape):
    """A loop of tf.where."""

    def call(self, inputs):
        best = inputs[0]
        for each in inputs[1:]:
            best = tf.where(each > best, each, best)
        return best


class LargestByRelu(SameShape):
    """max(a, b) = a + relu(b - a)."""

    def call(self, inputs):
        best, *rest = inputs
        while rest:
            best = best + ops.relu(rest.pop() - best)
        return best


class LargestOfASort(SameShape):
    """The last one of each sorted row."""

    def call(self, inputs):
        return ops.sort(ops.stack(inputs, axis=-1), axis=-1)[..., -1]


class LargestByItsPlace(SameShape):
    """Asks who it is, and then goes to fetch it."""

    def call(self, inputs):
        stack = ops.stack(inputs, axis=-1)
        winner = ops.argmax(stack, axis=-1, keepdims=True)
        return ops.squeeze(ops.take_along_axis(stack, winner, axis=-1), axis=-1)


def opposite(largest: type) -> type:
    """The smallest is the opposite of the largest of the opposites."""

    class Smallest(largest):
        def call(self, inputs):
            return -super().call([-each for each in inputs])

    return Smallest


class Smallest(SameShape):
    """The textbook way."""

    def call(self, inputs):
        least = inputs[0]
        for each in inputs[1:]:
            least = ops.minimum(least, each)
        return least


class SmallestOfAStack(SameShape):
    """TensorFlow's reduction."""

    def call(self, inputs):
        return tf.reduce_min(tf.stack(inputs, axis=1), axis=1)


class SmallestOfASort(SameShape):
    """The first one of each sorted row."""

    def call(self, inputs):
        return ops.sort(ops.stack(inputs, axis=-1), axis=-1)[..., 0]


def joined_shape(shapes, axis=-1):
    """The textbook way."""
    shape = list(shapes[0])
    shape[axis] = sum(other[axis] for other in shapes)
    return tuple(shape)


def joined_shape_by_place(shapes, axis=-1):
    """A generator over places; a list instead of a tuple."""
    place = axis % len(shapes[0])
    return [sum(n) if i == place else n[0] for i, n in enumerate(zip(*shapes, strict=True))]


def joined_shape_by_trying(shapes, axis=-1):
    """Joins real arrays, which hold one sample."""
    arrays = [np.zeros((1, *shape[1:])) for shape in shapes]
    return (shapes[0][0], *np.concatenate(arrays, axis=axis).shape[1:])


def residual_by_hand(features, hidden, depth):
    """The textbook way."""
    return depth * ((features + 1) * hidden + (hidden + 1) * features)


def residual_by_loop(features, hidden, depth):
    """Counts the entries of real arrays."""
    shapes = [(features, hidden), (hidden,), (hidden, features), (features,)]
    return sum(np.ones(shape).size for _ in range(depth) for shape in shapes)


def residual_as_float(features, hidden, depth):
    """5.0 is 5."""
    return float(2 * features * hidden + features + hidden) * depth


def twins_by_hand(features, width):
    """The textbook way."""
    return (features + 1) * width + width + 1


def twins_by_loop(features, width):
    """One layer after the other."""
    total = 0
    for units in (width, 1):
        total, features = total + features * units + units, units
    return total


def twins_in_numpy(features, width):
    """A NumPy number."""
    return np.dot([features + 1, 1], [width, width + 1])


def maxout_by_hand(features, units, pieces):
    """The textbook way."""
    return pieces * (features * units + units)


def maxout_by_loop(features, units, pieces):
    """One piece after the other."""
    return sum(features * units + units for _ in range(pieces))


def maxout_as_tensor(features, units, pieces):
    """A tensor that holds the number."""
    return tf.reduce_prod([features + 1, units, pieces])


def stretched_by_largest(shapes):
    """The textbook way."""
    batch, *lengths = zip(*shapes, strict=True)
    return (batch[0], *map(max, lengths))


def stretched_by_numpy(shapes):
    """NumPy's rule is the same one."""
    return [shapes[0][0], *np.broadcast_shapes(*[shape[1:] for shape in shapes])]


def stretched_by_loop(shapes):
    """A length of 1 gives way, pair by pair."""
    result = list(shapes[0])
    for shape in shapes[1:]:
        for axis, length in enumerate(shape):
            if result[axis] == 1:
                result[axis] = length
    return tuple(result)


RIGHT: dict[str, list[Callable]] = {
    "Concatenate": [
        Joins,
        JoinsInTensorFlow,
        JoinsOnTheLastAxis,
        JoinsSliceBySlice,
        JoinsByPadding,
        JoinsByEinsum,
        JoinsTwoAtATime,
        joined_along,
    ],
    "Add": [
        Sums,
        SumsWithPython,
        SumsInPlace,
        SumsInTensorFlow,
        SumsAStack,
        SumsByEinsum,
        SumsByDifferences,
    ],
    "Subtract": [
        Subtracts,
        SubtractsInTensorFlow,
        SubtractsByEinsum,
        SubtractsADiff,
        SubtractsByAdding,
    ],
    "Maximum": [
        Largest,
        LargestOfAStack,
        LargestInTensorFlow,
        LargestByRelu,
        LargestOfASort,
        LargestByItsPlace,
    ],
    "Minimum": [
        Smallest,
        SmallestOfAStack,
        SmallestOfASort,
        opposite(Largest),
        opposite(LargestByRelu),
    ],
    "concatenate_shape": [joined_shape, joined_shape_by_place, joined_shape_by_trying],
    "residual_params": [residual_by_hand, residual_by_loop, residual_as_float],
    "twin_params": [twins_by_hand, twins_by_loop, twins_in_numpy],
    "maxout_params": [maxout_by_hand, maxout_by_loop, maxout_as_tensor],
    "minimum_shape": [stretched_by_largest, stretched_by_numpy, stretched_by_loop],
}
