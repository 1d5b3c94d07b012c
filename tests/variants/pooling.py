"""Right answers to the exercises on pooling, each written in another way."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from grader.data import load


def pair(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def span(length, size, stride, padding):
    """Number of windows, and what is missing before and after."""
    if padding == "valid":
        return (length - size) // stride + 1, 0, 0
    count = math.ceil(length / stride)
    total = max((count - 1) * stride + size - length, 0)
    return count, total // 2, total - total // 2


class Pool(keras.layers.Layer):
    """The arguments; each layer below pools in its own way."""

    def __init__(self, pool_size=(2, 2), strides=None, padding="valid", **kwargs):
        super().__init__(**kwargs)
        self.pool_size = pair(pool_size)
        self.strides = self.pool_size if strides is None else pair(strides)
        self.padding = padding

    def get_config(self):
        own = {"pool_size": self.pool_size, "strides": self.strides, "padding": self.padding}
        return super().get_config() | own

    def spans(self, inputs):
        sides = zip(inputs.shape[1:3], self.pool_size, self.strides, strict=True)
        return [span(*side, self.padding) for side in sides]

    def padded(self, inputs, value):
        (_, top, bottom), (_, left, right) = self.spans(inputs)
        edges = ((0, 0), (top, bottom), (left, right), (0, 0))
        return ops.pad(inputs, edges, constant_values=value)

    def slices(self, inputs, value):
        """For each place in the window, what every window has there."""
        (rows, _, _), (columns, _, _) = self.spans(inputs)
        whole = self.padded(inputs, value)
        (down, right), (height, width) = self.strides, self.pool_size
        for i in range(height):
            for j in range(width):
                yield whole[
                    :,
                    i : i + (rows - 1) * down + 1 : down,
                    j : j + (columns - 1) * right + 1 : right,
                ]


class MaxOfSlices(Pool):
    """The textbook way."""

    def call(self, inputs):
        return ops.max(ops.stack(list(self.slices(inputs, float("-inf")))), axis=0)


class MaxOneByOne(Pool):
    """Keeps the largest so far; pads with a very negative number."""

    def call(self, inputs):
        return functools.reduce(ops.maximum, self.slices(inputs, -60000.0))


class MaxWindowByWindow(Pool):
    """Loops over the windows; cuts them off at the edge instead of padding."""

    def window(self, inputs, row, column):
        (_, top, _), (_, left, _) = self.spans(inputs)
        y, x = row * self.strides[0] - top, column * self.strides[1] - left
        return inputs[:, max(y, 0) : y + self.pool_size[0], max(x, 0) : x + self.pool_size[1], :]

    def join(self, window):
        return ops.max(window, axis=(1, 2))

    def call(self, inputs):
        (rows, _, _), (columns, _, _) = self.spans(inputs)
        return ops.stack(
            [
                ops.stack([self.join(self.window(inputs, i, j)) for j in range(columns)], axis=1)
                for i in range(rows)
            ],
            axis=1,
        )


class MaxOfPatches(Pool):
    """Cuts patches with raw TensorFlow, from inputs that are padded beforehand."""

    def call(self, inputs):
        whole = self.padded(inputs, inputs.dtype.min if hasattr(inputs.dtype, "min") else -1e30)
        patches = tf.image.extract_patches(
            whole, (1, *self.pool_size, 1), (1, *self.strides, 1), (1, 1, 1, 1), "VALID"
        )
        (rows, _, _), (columns, _, _) = self.spans(inputs)
        parts = (-1, rows, columns, math.prod(self.pool_size), inputs.shape[-1])
        return tf.reduce_max(tf.reshape(patches, parts), axis=3)


class MaxByIndex(Pool):
    """First along the height, then along the width: looks the pixels of each window up."""

    def along(self, inputs, axis):
        length, size, stride = inputs.shape[axis], self.pool_size[axis - 1], self.strides[axis - 1]
        count, before, _ = span(length, size, stride, self.padding)
        places = np.arange(count)[:, None] * stride + np.arange(size) - before
        # A place outside is told to look at the edge again, which is in the window already.
        return ops.max(ops.take(inputs, np.clip(places, 0, length - 1), axis=axis), axis=axis + 1)

    def call(self, inputs):
        return self.along(self.along(inputs, 1), 2)


class MeanOfSlices(Pool):
    """The textbook way: counts by pooling ones."""

    def call(self, inputs):
        total = ops.sum(ops.stack(list(self.slices(inputs, 0))), axis=0)
        count = ops.sum(ops.stack(list(self.slices(ops.ones_like(inputs), 0))), axis=0)
        return total / count


class MeanWindowByWindow(MaxWindowByWindow):
    def join(self, window):
        return ops.mean(window, axis=(1, 2))


class MeanByMatrices(Pool):
    """A matrix for each side: a row for each window, with 1/count where it looks."""

    def shares(self, length, size, stride):
        count, before, _ = span(length, size, stride, self.padding)
        places = np.arange(length)[None] - (np.arange(count) * stride - before)[:, None]
        inside = (places >= 0) & (places < size)
        return inside / inside.sum(axis=1, keepdims=True)

    def call(self, inputs):
        sides = zip(inputs.shape[1:3], self.pool_size, self.strides, strict=True)
        rows, columns = (ops.cast(self.shares(*side), inputs.dtype) for side in sides)
        return ops.einsum("ih,jw,bhwc->bijc", rows, columns, inputs)


class MeanByConvolution(Pool):
    """A kernel of ones for each channel, in raw TensorFlow, on the inputs and on ones."""

    def call(self, inputs):
        kernel = tf.ones((*self.pool_size, 1, 1), inputs.dtype)
        moved = tf.transpose(inputs, (0, 3, 1, 2))
        flat = tf.reshape(moved, (-1, *inputs.shape[1:3], 1))
        padding = self.padding.upper()
        total = self.convolved(flat, kernel, padding) / self.convolved(
            tf.ones_like(flat), kernel, padding
        )
        parts = (-1, inputs.shape[3], *total.shape[1:3])
        return tf.transpose(tf.reshape(total, parts), (0, 2, 3, 1))

    def convolved(self, inputs, kernel, padding):
        if self.strides[0] == self.strides[1]:
            return tf.nn.conv2d(inputs, kernel, self.strides, padding)
        # TensorFlow's kernels are fine with other strides for each side on a CPU.
        return tf.nn.conv2d(inputs, kernel, (1, *self.strides, 1), padding)


class MeanOfWhatIsThere(Pool):
    """NaN stands for what is not there."""

    def call(self, inputs):
        stack = ops.stack(list(self.slices(inputs, float("nan"))))
        there = ops.logical_not(ops.isnan(stack))
        total = ops.sum(ops.where(there, stack, ops.zeros_like(stack)), axis=0)
        return total / ops.cast(ops.count_nonzero(there, axis=0), total.dtype)


class GlobalMax(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, keepdims=False, **kwargs):
        super().__init__(**kwargs)
        self.keepdims = keepdims

    def call(self, inputs):
        return self.join(inputs, keepdims=self.keepdims)

    def join(self, inputs, keepdims):
        return ops.max(inputs, axis=(1, 2), keepdims=keepdims)


class GlobalMaxTensorFlow(GlobalMax):
    def join(self, inputs, keepdims):
        return tf.reduce_max(inputs, [1, 2], keepdims)


class GlobalMaxInTurn(GlobalMax):
    """One side after the other, from the back."""

    def join(self, inputs, keepdims):
        tall = ops.max(inputs, axis=-2, keepdims=keepdims)
        return ops.max(tall, axis=-3 if keepdims else -2, keepdims=keepdims)


class GlobalMaxFlat(GlobalMax):
    """Lays the pixels of a channel in a row first."""

    def join(self, inputs, keepdims):
        _, height, width, channels = inputs.shape
        row = ops.max(ops.reshape(inputs, (-1, height * width, channels)), axis=1)
        return ops.expand_dims(row, (1, 2)) if keepdims else row


class GlobalMaxSorted(GlobalMax):
    """Sorts a channel and takes the last."""

    def join(self, inputs, keepdims):
        _, height, width, channels = inputs.shape
        row = ops.sort(ops.reshape(inputs, (-1, height * width, channels)), axis=1)[:, -1]
        return ops.reshape(row, (-1, 1, 1, channels)) if keepdims else row


class GlobalMean(GlobalMax):
    def join(self, inputs, keepdims):
        return ops.mean(inputs, axis=(1, 2), keepdims=keepdims)


class GlobalMeanTensorFlow(GlobalMax):
    def join(self, inputs, keepdims):
        return tf.math.reduce_mean(inputs, [-3, -2], keepdims)


class GlobalMeanInTurn(GlobalMax):
    """Means of rows, and the mean of those."""

    def join(self, inputs, keepdims):
        rows = ops.mean(inputs, axis=2, keepdims=True)
        means = ops.mean(rows, axis=1, keepdims=True)
        return means if keepdims else ops.squeeze(means, (1, 2))


class GlobalMeanByEinsum(GlobalMax):
    def join(self, inputs, keepdims):
        means = ops.einsum("bhwc->bc", inputs) / (inputs.shape[1] * inputs.shape[2])
        return means[:, None, None] if keepdims else means


class GlobalMeanByProduct(GlobalMax):
    """A Dense of equal weights on the flat pixels, so to say."""

    def join(self, inputs, keepdims):
        _, height, width, channels = inputs.shape
        pixels = ops.transpose(ops.reshape(inputs, (-1, height * width, channels)), (0, 2, 1))
        weights = ops.full((height * width, 1), 1 / (height * width), dtype=inputs.dtype)
        means = ops.matmul(pixels, weights)[..., 0]
        return ops.reshape(means, (-1, 1, 1, channels)) if keepdims else means


def pooled_by_formula(input_shape, pool_size, strides, padding):
    batch, height, width, channels = input_shape
    sides = zip((height, width), pool_size, strides or pool_size, strict=True)
    return (batch, *(span(*side, padding)[0] for side in sides), channels)


def pooled_by_walking(input_shape, pool_size, strides, padding):
    """Lays the windows down one by one."""
    found = []
    for length, size, stride in zip(input_shape[1:3], pool_size, strides or pool_size, strict=True):
        last = length if padding == "same" else length - size + 1
        found.append(len(range(0, last, stride)))
    return [input_shape[0], *found, input_shape[-1]]


def pooled_by_trying(input_shape, pool_size, strides, padding):
    layer = keras.layers.MaxPool2D(pool_size, strides, padding)
    return layer.compute_output_shape(input_shape)


def counts_by_mask(length, pool_size, strides, padding):
    count, before, after = span(length, pool_size, strides, padding)
    there = [0] * before + [1] * length + [0] * after
    return [sum(there[i * strides : i * strides + pool_size]) for i in range(count)]


def counts_by_overlap(length, pool_size, strides, padding):
    count, before, _ = span(length, pool_size, strides, padding)
    return [
        len(range(max(0, i * strides - before), min(length, i * strides - before + pool_size)))
        for i in range(count)
    ]


def counts_by_convolving(length, pool_size, strides, padding):
    """With NumPy; gives an array."""
    count, before, after = span(length, pool_size, strides, padding)
    there = np.pad(np.ones(length, int), (before, after + pool_size))
    return np.convolve(there, np.ones(pool_size, int), "valid")[::strides][:count]


def shape_by_hand(input_shape, keepdims=False):
    batch, _, _, channels = input_shape
    return (batch, 1, 1, channels) if keepdims else (batch, channels)


def shape_by_slices(input_shape, keepdims=False):
    return [*input_shape[:1], *([1, 1] * keepdims), *input_shape[3:]]


def shape_by_trying(input_shape, keepdims=False):
    return GlobalMax(keepdims)(keras.KerasTensor(input_shape)).shape


def head_by_formula(input_shape, units, head):
    features = math.prod(input_shape[1:]) if head == "flatten" else input_shape[-1]
    return (features + 1) * units


def head_by_building(input_shape, units, head):
    inputs = keras.Input(input_shape[1:])
    row = keras.layers.Flatten()(inputs) if head == "flatten" else GlobalMax()(inputs)
    return keras.Model(inputs, keras.layers.Dense(units)(row)).count_params()


def head_by_match(input_shape, units, head):
    match head:
        case "flatten":
            features = np.prod(input_shape[1:])
        case _:
            *_, features = input_shape
    return features * units + units


def field_forwards(windows):
    field, jump = 1, 1
    for size, stride in windows:
        field += (size - 1) * jump
        jump *= stride
    return field


def field_backwards(windows):
    """From the one output back to the picture."""
    field = 1
    for size, stride in reversed(windows):
        field = (field - 1) * stride + size
    return field


def field_by_sets(windows):
    """Which pixels does the window see? NumPy's set of them."""
    seen = np.array([0])
    for size, stride in windows[::-1]:
        seen = np.unique(seen[:, None] * stride + np.arange(size))
    return len(seen)


@functools.cache
def written():
    """Images, one row of 64 each, ink from 0 to 1, and which digits they are."""
    digits, more = load("digits"), load("more_digits")
    images = np.concatenate([digits["images"], more["images"]]).reshape(-1, 64) / 16
    return images.astype("float32"), np.concatenate([digits["labels"], more["labels"]])


def targets():
    """A row of ten for each image, with a 1 at its digit."""
    return np.eye(10, dtype="float32")[written()[1]]


@functools.cache
def nearness():
    """Weights of a sum of bells, one around each image."""
    images, _ = written()
    bells = np.exp(-squares(images, images) / 4)
    return np.linalg.solve(bells + 0.01 * np.eye(len(bells)), targets()).astype("float32")


def squares(asked, known):
    """The squared distance of each row from each."""
    return (
        np.sum(asked**2, axis=1)[:, None]
        + np.sum(known**2, axis=1)
        - 2 * asked @ np.transpose(known)
    )


class Remembers(keras.layers.Layer):
    """The images that it has seen are its weights, and so is what they are worth."""

    def build(self, shape):
        images, _ = written()
        self.known = self.add_weight(shape=images.shape)
        self.worth = self.add_weight(shape=(len(images), 10))
        self.known.assign(images)
        self.worth.assign(self.worths())

    def worths(self):
        return targets()

    def call(self, inputs):
        asked = ops.reshape(inputs, (-1, 64))
        far = ops.sum(ops.square(asked), axis=1, keepdims=True) + ops.sum(
            ops.square(self.known), axis=1
        )
        return self.weighed(far - 2 * ops.matmul(asked, ops.transpose(self.known)))

    def weighed(self, far):
        """The nearest speak loudest; logarithms of shares."""
        return ops.log(ops.matmul(ops.softmax(-4 * far), self.worth) + 1e-6)


class Bells(Remembers):
    """Scores that are not between 0 and 1. The weights were solved for."""

    def worths(self):
        return nearness()

    def weighed(self, far):
        return ops.matmul(ops.exp(-far / 4), self.worth)


class Waves(keras.layers.Layer):
    """Two layers: waves in random directions, and a sum of them that was solved for."""

    def build(self, shape):
        random = np.random.default_rng(0)
        self.directions = self.add_weight(shape=(64, 2000))
        self.phases = self.add_weight(shape=(2000,))
        self.sum = self.add_weight(shape=(2000, 10))
        self.directions.assign(random.normal(scale=0.7, size=(64, 2000)))
        self.phases.assign(random.uniform(0, 2 * np.pi, 2000))
        waves = ops.convert_to_numpy(self.waves(written()[0]))
        normal = waves.T @ waves + 0.1 * np.eye(2000)
        self.sum.assign(np.linalg.solve(normal, waves.T @ targets()))

    def waves(self, rows):
        return ops.cos(ops.matmul(rows, self.directions) + self.phases)

    def call(self, inputs):
        return ops.matmul(self.waves(ops.reshape(inputs, (-1, 64))), self.sum)


RIGHT: dict[str, list[Callable]] = {
    "MaxPool2D": [
        MaxOfSlices,
        MaxOneByOne,
        MaxWindowByWindow,
        MaxOfPatches,
        MaxByIndex,
    ],
    "pool_shape": [pooled_by_formula, pooled_by_walking, pooled_by_trying],
    "AveragePooling2D": [
        MeanOfSlices,
        MeanWindowByWindow,
        MeanByMatrices,
        MeanByConvolution,
        MeanOfWhatIsThere,
    ],
    "window_counts": [counts_by_mask, counts_by_overlap, counts_by_convolving],
    "receptive_field": [field_forwards, field_backwards, field_by_sets],
    "GlobalMaxPool2D": [
        GlobalMax,
        GlobalMaxTensorFlow,
        GlobalMaxInTurn,
        GlobalMaxFlat,
        GlobalMaxSorted,
    ],
    "global_shape": [shape_by_hand, shape_by_slices, shape_by_trying],
    "GlobalAvgPool2D": [
        GlobalMean,
        GlobalMeanTensorFlow,
        GlobalMeanInTurn,
        GlobalMeanByEinsum,
        GlobalMeanByProduct,
    ],
    "head_params": [head_by_formula, head_by_building, head_by_match],
    "digit_network": [Remembers, Bells, Waves],
}
