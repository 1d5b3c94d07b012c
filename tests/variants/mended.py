"""Right answers where a layer with a fault is given, for those layers that are only mended."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Scaled(keras.layers.Layer):
    """Rescaling, by way of what is to be added before the scale."""

    def __init__(self, scale, offset=0.0, **kwargs):
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def call(self, inputs):
        return (inputs + self.offset / self.scale) * self.scale


class ScaledInTensorFlow(Scaled):
    def call(self, inputs):
        return tf.add(tf.multiply(inputs, self.scale), self.offset)


class Bent(keras.layers.Layer):
    """PReLU by a choice for each number."""

    def build(self, input_shape):
        self.slope = self.add_weight(name="slope", shape=input_shape[1:], initializer="ones")

    def call(self, inputs):
        return ops.where(inputs < 0, self.slope * inputs, inputs)


class BentByHalves(Bent):
    def call(self, inputs):
        size = ops.abs(inputs)
        return (inputs + size) / 2 + self.slope * (inputs - size) / 2


class Standard(keras.layers.Layer):
    """Normalization, as a scale and a shift that are computed once."""

    def __init__(self, mean, variance, **kwargs):
        super().__init__(**kwargs)
        self.factor = 1 / np.sqrt(np.array(variance, "float32"))
        self.shift = -np.array(mean, "float32") * self.factor

    def call(self, inputs):
        return inputs * self.factor + self.shift


class StandardInTensorFlow(keras.layers.Layer):
    def __init__(self, mean, variance, **kwargs):
        super().__init__(**kwargs)
        self.mean, self.variance = mean, variance

    def call(self, inputs):
        deviation = tf.sqrt(tf.constant(self.variance, tf.float32))
        return tf.divide(tf.subtract(inputs, tf.constant(self.mean, tf.float32)), deviation)


class Cut(keras.layers.Layer):
    """Cropping1D by slices whose end may be None."""

    def __init__(self, cropping=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.cropping = cropping

    def call(self, inputs):
        first, last = self.cropping
        return inputs[:, first : -last or None]


class CutByNumbers(Cut):
    def call(self, inputs):
        first, last = self.cropping
        return ops.take(inputs, np.arange(first, inputs.shape[1] - last), axis=1)


class Framed(keras.layers.Layer):
    """ZeroPadding2D by a matrix for each side, which puts each row into its new place."""

    def __init__(self, padding=(1, 1), **kwargs):
        super().__init__(**kwargs)
        self.padding = padding

    def call(self, inputs):
        down, right = (
            np.eye(length + 2 * pad, length, -pad, dtype="float32")
            for length, pad in zip(inputs.shape[1:3], self.padding, strict=True)
        )
        return ops.einsum("ph,bhwc,qw->bpqc", down, inputs, right)


class FramedByJoining(Framed):
    """Zeros in the shape of the missing rows and columns are joined to both ends."""

    def call(self, inputs):
        for axis, pad in zip((1, 2), self.padding, strict=True):
            first = ops.zeros_like(ops.take(inputs, np.zeros(pad, int), axis=axis))
            inputs = ops.concatenate([first, inputs, first], axis=axis)
        return inputs


class Copied(keras.layers.Layer):
    """RepeatVector, by as many copies side by side."""

    def __init__(self, n, **kwargs):
        super().__init__(**kwargs)
        self.n = n

    def call(self, inputs):
        return ops.stack([inputs] * self.n, axis=1)


class CopiedByOnes(Copied):
    def call(self, inputs):
        return inputs[:, None] * tf.ones((1, self.n, 1))


class Skipping(keras.layers.Layer):
    """Masking by a count of the features that differ."""

    def __init__(self, mask_value=0.0, **kwargs):
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def compute_mask(self, inputs, mask=None):
        return ops.sum(ops.cast(inputs != self.mask_value, "int32"), axis=-1) > 0

    def call(self, inputs):
        kept = self.compute_mask(inputs)
        return inputs * ops.cast(kept[..., None], inputs.dtype)


class SkippingByLargest(Skipping):
    def compute_mask(self, inputs, mask=None):
        return ops.max(ops.abs(inputs - self.mask_value), axis=-1) > 0


class Shares(keras.layers.Layer):
    """Softmax by exponentials, which count only where the mask is open."""

    def call(self, inputs, mask=None):
        powers = ops.exp(inputs - ops.max(inputs, axis=-1, keepdims=True))
        if mask is not None:
            powers = ops.where(mask, powers, 0.0)
        return powers / ops.sum(powers, axis=-1, keepdims=True)


class SharesOfScores(Shares):
    """What is masked gets a score far below all others."""

    def call(self, inputs, mask=None):
        if mask is not None:
            inputs = inputs - 1e9 * (1.0 - ops.cast(mask, inputs.dtype))
        return tf.nn.softmax(inputs)


RIGHT: dict[str, list[Callable]] = {
    "Rescaling": [Scaled, ScaledInTensorFlow],
    "Rescaling from its config": [Scaled, ScaledInTensorFlow],
    "PReLU": [Bent, BentByHalves],
    "Normalization": [Standard, StandardInTensorFlow],
    "Cropping1D": [Cut, CutByNumbers],
    "ZeroPadding2D": [Framed, FramedByJoining],
    "RepeatVector": [Copied, CopiedByOnes],
    "Masking": [Skipping, SkippingByLargest],
    "Softmax": [Shares, SharesOfScores],
}
