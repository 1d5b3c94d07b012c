"""Right answers to the exercises on Dropout, SpatialDropout2D and BatchNormalization."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import keras
import tensorflow as tf
from keras import ops


class Dropped(keras.layers.Layer):
    """The textbook way: Keras's dice, and a choice."""

    def __init__(self, rate, **kwargs):
        super().__init__(**kwargs)
        self.rate = rate
        self.dice = keras.random.SeedGenerator()

    def coins(self, inputs):
        return ops.shape(inputs)

    def call(self, inputs, training=False):
        if not training:
            return inputs
        dice = keras.random.uniform(self.coins(inputs), seed=self.dice)
        return ops.where(dice < self.rate, 0.0, inputs / (1 - self.rate))


class RawMask(Dropped):
    """Raw TensorFlow, and a mask of zeros and ones to multiply by."""

    def call(self, inputs, training=None):
        if training:
            mask = tf.random.uniform(self.coins(inputs)) >= self.rate
            inputs = inputs * tf.cast(mask, inputs.dtype) / (1.0 - self.rate)
        return inputs


class Bernoulli(Dropped):
    """Coins that say what is kept, and a scale that is computed once."""

    def __init__(self, rate, **kwargs):
        super().__init__(rate, **kwargs)
        self.keep = 1 - rate

    def call(self, inputs, training=False):
        kept = keras.random.binomial(self.coins(inputs), 1, self.keep, seed=self.dice)
        return inputs * kept * (1 / self.keep) if training else ops.convert_to_tensor(inputs)

    def get_config(self):
        return super().get_config() | {"rate": self.rate}


class Floored(Dropped):
    """The oldest trick: floor(keep + uniform) is 1 with the probability keep. No own seed."""

    def call(self, inputs, training=False):
        keep = 1 - self.rate
        if training and self.rate > 0:
            return inputs / keep * ops.floor(keep + keras.random.uniform(self.coins(inputs)))
        return inputs


class OwnGenerator(Dropped):
    """TensorFlow's generator, compiled as in the old chapter."""

    def __init__(self, rate, **kwargs):
        super().__init__(rate, **kwargs)
        self.generator = tf.random.Generator.from_non_deterministic_state()

    @tf.function
    def call(self, inputs, training=False):
        if training:
            normal = self.generator.normal(self.coins(inputs))
            border = math.sqrt(2) * tf.math.erfinv(2 * self.rate - 1.0)
            return tf.where(normal < border, tf.zeros_like(inputs), inputs / (1 - self.rate))
        return inputs


class Stateless(Dropped):
    """Seeds are drawn by hand, as Keras draws them."""

    def call(self, inputs, training=False):
        if not training:
            return inputs
        seed = self.dice.next()
        dice = tf.random.stateless_uniform(self.coins(inputs), tf.cast(seed, "int32"))
        gone = ops.less(dice, self.rate)
        return ops.multiply(ops.logical_not(gone), inputs) / (1 - self.rate)


def whole_maps(base):
    """The same, with one coin for each map of each sample."""

    class WholeMaps(base):
        def coins(self, inputs):
            batch, *_, channels = ops.shape(inputs)
            return (batch, 1, 1, channels)

    WholeMaps.__name__ = f"{base.__name__}Maps"
    return WholeMaps


class FlatMaps(Dropped):
    """One coin for each map, brought into the form of the inputs afterwards."""

    def call(self, inputs, training=False):
        if not training:
            return inputs
        batch, rows, columns, channels = ops.shape(inputs)
        dice = keras.random.uniform((batch, channels), seed=self.dice)
        kept = ops.cast(dice > self.rate, "float32")
        kept = ops.repeat(ops.expand_dims(kept, 1), rows * columns, axis=1)
        return ops.reshape(kept, (batch, rows, columns, channels)) * inputs / (1 - self.rate)


class EinsumMaps(Dropped):
    """The mask is multiplied in by einsum."""

    def call(self, inputs, training=False):
        if training:
            shape = tf.shape(inputs)
            dice = tf.random.uniform([shape[0], shape[3]])
            scale = tf.where(dice < self.rate, 0.0, 1 / (1 - self.rate))
            inputs = tf.einsum("brsc,bc->brsc", inputs, scale)
        return inputs


class MapsByDropout(keras.layers.Layer):
    """An own Dropout, as a sublayer, drops from a mask of ones."""

    def __init__(self, rate):
        super().__init__()
        self.dropout = Dropped(rate)

    def call(self, inputs, training=None):
        shape = ops.shape(inputs)
        mask = self.dropout(ops.ones((shape[0], 1, 1, shape[-1])), training=training)
        return mask * inputs


class Normalized(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, momentum=0.99, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        self.momentum = momentum
        self.epsilon = epsilon

    def build(self, input_shape):
        def weight(name, start, trainable):
            shape = (input_shape[-1],)
            return self.add_weight(name=name, shape=shape, initializer=start, trainable=trainable)

        self.gamma = weight("gamma", "ones", True)
        self.beta = weight("beta", "zeros", True)
        self.moving_mean = weight("moving_mean", "zeros", False)
        self.moving_variance = weight("moving_variance", "ones", False)

    def call(self, inputs, training=False):
        mean, variance = self.moving_mean, self.moving_variance
        if training and self.trainable:
            mean, variance = self.moments(inputs)
            self.moving_mean.assign(self.momentum * self.moving_mean + (1 - self.momentum) * mean)
            self.moving_variance.assign(
                self.momentum * self.moving_variance + (1 - self.momentum) * variance
            )
        normal = (inputs - mean) / ops.sqrt(variance + self.epsilon)
        return self.gamma * normal + self.beta

    def moments(self, inputs):
        axes = tuple(range(len(inputs.shape) - 1))
        return ops.mean(inputs, axis=axes), ops.var(inputs, axis=axes)


class RawMoments(Normalized):
    """tf.nn.moments; no weight has a name, and they are made from the last to the first."""

    def build(self, input_shape):
        size = input_shape[-1:]
        self.moving_variance = self.add_weight(size, "ones", trainable=False)
        self.moving_mean = self.add_weight(size, "zeros", trainable=False)
        self.beta = self.add_weight(size, "zeros")
        self.gamma = self.add_weight(size, "ones")

    def moments(self, inputs):
        return tf.nn.moments(inputs, axes=list(range(len(inputs.shape) - 1)))


class OneLine(Normalized):
    """One scale and one shift, and the moving values are moved by a part of their distance."""

    def call(self, inputs, training=None):
        if training is True and self.trainable:
            rows = tf.reshape(inputs, (-1, inputs.shape[-1]))
            mean = tf.reduce_mean(rows, axis=0)
            variance = tf.reduce_mean(tf.math.squared_difference(rows, mean), axis=0)
            for moving, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
                moving.assign_sub((moving - now) * (1 - self.momentum))
        else:
            mean, variance = self.moving_mean, self.moving_variance
        scale = self.gamma * tf.math.rsqrt(variance + self.epsilon)
        return inputs * scale + (self.beta - mean * scale)


class ChannelByChannel(Normalized):
    """A Python loop over the channels; the variance as mean of squares less square of mean."""

    def moments(self, inputs):
        channels = [inputs[..., i] for i in range(inputs.shape[-1])]
        means = [ops.mean(channel) for channel in channels]
        squares = [ops.mean(channel * channel) for channel in channels]
        variances = [s - m * m for s, m in zip(squares, means, strict=True)]
        return ops.stack(means), ops.stack(variances)


class Einsum(Normalized):
    """Sums by einsum, over a picture whose axes have been joined."""

    def moments(self, inputs):
        rows = ops.reshape(inputs, (-1, inputs.shape[-1]))
        count = ops.cast(ops.shape(rows)[0], rows.dtype)
        mean = ops.einsum("nc->c", rows) / count
        rest = rows - mean
        return mean, ops.einsum("nc,nc->c", rest, rest) / count


class KeepDims(Normalized):
    """ops.moments, statistics that keep their axes, and Keras's own functions for the rest."""

    def moments(self, inputs):
        axes = list(range(inputs.ndim - 1))
        moments = ops.moments(inputs, axes=axes, keepdims=True)
        return [ops.squeeze(moment, axis=axes) for moment in moments]

    def call(self, inputs, training=False):
        learns = bool(training) and self.trainable
        mean, variance = self.moving_mean, self.moving_variance
        if learns:
            mean, variance = self.moments(inputs)
            for name, now in (("moving_mean", mean), ("moving_variance", variance)):
                moving = getattr(self, name)
                moving.assign(moving + (now - moving) * (1 - self.momentum))
        deviation = ops.power(ops.add(variance, self.epsilon), 0.5)
        normal = ops.divide(ops.subtract(inputs, mean), deviation)
        return ops.add(ops.multiply(normal, self.gamma), self.beta)

    def get_config(self):
        own = {"momentum": self.momentum, "epsilon": self.epsilon}
        return {**super().get_config(), **own}


class Affine(keras.layers.Layer):
    """A scale and a shift for each channel."""

    def build(self, input_shape):
        self.shift = self.add_weight(shape=(input_shape[-1],), initializer="zeros", name="shift")
        self.scale = self.add_weight(shape=(input_shape[-1],), initializer="ones", name="scale")

    def call(self, inputs):
        return inputs * self.scale + self.shift


class TwoParts(keras.layers.Layer):
    """Moving values of its own, made as variables; gamma and beta sit in a sublayer."""

    def __init__(self, momentum=0.99, epsilon=0.001, **kwargs):
        super().__init__(**kwargs)
        self.momentum, self.epsilon = momentum, epsilon
        self.affine = Affine()

    def build(self, input_shape):
        self.mean = keras.Variable("zeros", (input_shape[-1],), trainable=False, name="m")
        self.variance = keras.Variable("ones", (input_shape[-1],), trainable=False, name="v")
        self.affine.build(input_shape)

    def call(self, inputs, training=None):
        if self.trainable and training:
            return self.affine(self._train(inputs))
        return self.affine((inputs - self.mean) * ops.rsqrt(self.variance + self.epsilon))

    def _train(self, inputs):
        axes = tuple(range(ops.ndim(inputs) - 1))
        mean = ops.mean(inputs, axis=axes)
        variance = ops.mean((inputs - mean) ** 2, axis=axes)
        self.mean.assign(self._mixed(self.mean, mean))
        self.variance.assign(self._mixed(self.variance, variance))
        return (inputs - mean) * ops.rsqrt(variance + self.epsilon)

    def _mixed(self, old, new):
        return self.momentum * old + (1 - self.momentum) * new


def from_the_sum(value, rate):
    """A hundred values, of which (1 - rate) * 100 are kept, and their sum stays."""
    return 100 * value / (100 * (1 - rate))


def as_tensor(value, rate):
    """So is a tensor."""
    return tf.constant(float(value)) * (1 / (1 - rate))


def by_growth(value, rate):
    """What the lost ones had is shared out among the rest."""
    return value + value * rate / (1 - rate)


def as_list(input_shape):
    """A list, set in two places."""
    mask = [1, 1, 1, 1]
    mask[0], mask[-1] = input_shape[0], input_shape[-1]
    return mask


def unpacked(input_shape):
    """By names."""
    batch, _, _, channels = input_shape
    return batch, 1, 1, channels


def of_a_mean(input_shape):
    """The shape of a mean over rows and columns."""
    return ops.mean(ops.zeros(input_shape), axis=(1, 2), keepdims=True).shape


def doubled(input_shape):
    """Two of each."""
    *_, channels = input_shape
    return [channels * 2] * 2


def by_name(input_shape):
    """Counted one by one."""
    sizes = dict.fromkeys(("gamma", "beta", "mean", "variance"), input_shape[-1])
    return sizes["gamma"] + sizes["beta"], sizes["mean"] + sizes["variance"]


def half_of_four(input_shape):
    """Half of all weights."""
    return 4 * input_shape[-1] / 2, 4 * input_shape[-1] / 2


def mixed(old, batch_mean, momentum):
    """The formula."""
    return momentum * old + (1 - momentum) * batch_mean


def moved(old, batch_mean, momentum):
    """A part of the way."""
    return old + (batch_mean - old) * (1 - momentum)


def moved_back(old, batch_mean, momentum, steps=1):
    """The other way round, by a loop."""
    for _ in range(steps):
        old -= (1 - momentum) * (old - batch_mean)
    return ops.convert_to_tensor(old)


_RANDOM = (Dropped, RawMask, Bernoulli, Floored, OwnGenerator, Stateless)

RIGHT: dict[str, list[Callable]] = {
    "Dropout": [*_RANDOM],
    "SpatialDropout2D": [*map(whole_maps, _RANDOM), FlatMaps, EinsumMaps, MapsByDropout],
    "BatchNormalization": [
        Normalized,
        RawMoments,
        OneLine,
        ChannelByChannel,
        Einsum,
        KeepDims,
        TwoParts,
        functools.partial(Normalized, dtype="float32"),
    ],
    "dropout_value": [from_the_sum, as_tensor, by_growth],
    "spatial_mask_shape": [as_list, unpacked, of_a_mean],
    "batchnorm_params": [doubled, by_name, half_of_four],
    "moving_mean_after": [mixed, moved, moved_back],
}
