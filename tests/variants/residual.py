"""Right answers to the exercises on residual networks, each written in another way."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import layers, ops


def narrow(filters, size, strides=1):
    return layers.Conv2D(filters, size, strides=strides, padding="same", use_bias=False)


class Residual(layers.Layer):
    """ResidualBlock of Keras's layers, which build themselves."""

    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides = filters, strides
        self.conv1, self.norm1 = narrow(filters, 3, strides), layers.BatchNormalization()
        self.conv2, self.norm2 = narrow(filters, 3), layers.BatchNormalization()

    def build(self, input_shape):
        self.project = None
        if self.strides != 1 or input_shape[-1] != self.filters:
            self.project = narrow(self.filters, 1, self.strides)
            self.project_norm = layers.BatchNormalization()

    def call(self, inputs, training=None):
        hidden = ops.relu(self.norm1(self.conv1(inputs), training=training))
        outputs = self.norm2(self.conv2(hidden), training=training)
        if self.project is not None:
            inputs = self.project_norm(self.project(inputs), training=training)
        return ops.relu(outputs + inputs)


class ResidualProjectedFirst(layers.Layer):
    """The shortcut is made first, and all normalizations lie in one list; no `training` is
    handed on: Keras does that."""

    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides = filters, strides

    def build(self, input_shape):
        self.changes = self.strides > 1 or input_shape[-1] != self.filters
        self.norms = [layers.BatchNormalization() for _ in range(2 + self.changes)]
        if self.changes:
            self.shortcut = keras.Sequential([narrow(self.filters, 1, self.strides), self.norms[0]])
        self.convs = [narrow(self.filters, 3), narrow(self.filters, 3, self.strides)]

    def call(self, inputs):
        outputs = layers.ReLU()(self.norms[-1](self.convs[1](inputs)))
        outputs = self.norms[-2](self.convs[0](outputs))
        other = self.shortcut(inputs) if self.changes else inputs
        return layers.ReLU()(layers.Add()([other, outputs]))


class ResidualModel(layers.Layer):
    """A functional model inside, made when the input is known."""

    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides = filters, strides

    def build(self, input_shape):
        inputs = keras.Input(input_shape[1:])
        x = narrow(self.filters, 3, self.strides)(inputs)
        x = layers.Activation("relu")(layers.BatchNormalization()(x))
        x = layers.BatchNormalization()(narrow(self.filters, 3)(x))
        other = inputs
        if x.shape[1:] != inputs.shape[1:] or self.strides != 1:
            other = narrow(self.filters, 1, self.strides)(inputs)
            other = layers.BatchNormalization()(other)
        self.model = keras.Model(inputs, layers.Activation("relu")(layers.add([x, other])))

    def call(self, inputs, training=None):
        return self.model(inputs, training=training)


class ByHand(layers.Layer):
    """What the blocks from weights of their own share: a normalization in TensorFlow."""

    def make_norm(self, name, channels):
        """Four weights, under names of their own."""
        return [
            self.add_weight(
                name=f"{name}_{kind}",
                shape=(channels,),
                initializer="ones" if kind in ("gamma", "moving_variance") else "zeros",
                trainable=not kind.startswith("moving"),
            )
            for kind in ("gamma", "beta", "moving_mean", "moving_variance")
        ]

    def normalize(self, inputs, weights, training):
        gamma, beta, mean, variance = weights
        if training:
            new_mean, new_variance = tf.nn.moments(inputs, axes=(0, 1, 2))
            mean.assign(0.99 * mean + 0.01 * new_mean)
            variance.assign(0.99 * variance + 0.01 * new_variance)
            mean, variance = new_mean, new_variance
        return gamma * (inputs - mean) / tf.sqrt(variance + 0.001) + beta


class ResidualByHand(ByHand):
    """Weights of its own, those of the shortcut first, and keras.ops."""

    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides = filters, strides

    def build(self, input_shape):
        channels = input_shape[-1]
        self.projects = self.strides != 1 or channels != self.filters
        if self.projects:
            shape = (1, 1, channels, self.filters)
            self.kernel = self.add_weight(name="shortcut_kernel", shape=shape)
            self.norm = self.make_norm("shortcut", self.filters)
        self.kernels, self.norms = [], []
        for place, width in enumerate((channels, self.filters)):
            shape = (3, 3, width, self.filters)
            self.kernels.append(self.add_weight(name=f"kernel{place}", shape=shape))
            self.norms.append(self.make_norm(f"norm{place}", self.filters))

    def call(self, inputs, training=None):
        outputs = inputs
        for place, strides in enumerate((self.strides, 1)):
            outputs = ops.conv(ops.relu(outputs) if place else outputs, self.kernels[place],
                               strides=strides, padding="same")  # fmt: skip
            outputs = self.normalize(outputs, self.norms[place], training)
        if self.projects:
            inputs = inputs[:, :: self.strides, :: self.strides]
            inputs = ops.tensordot(inputs, self.kernel[0, 0], axes=1)
            inputs = self.normalize(inputs, self.norm, training)
        return ops.maximum(outputs + inputs, 0.0)


class ResidualInTensorFlow(layers.Layer):
    """Weights without telling names, kind by kind, and TensorFlow's fused normalization."""

    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides = filters, strides

    def build(self, input_shape):
        channels, filters = input_shape[-1], self.filters
        shapes = [(3, 3, channels, filters), (3, 3, filters, filters)]
        if self.strides != 1 or channels != filters:
            shapes.append((1, 1, channels, filters))
        self.ks = [self.add_weight(name=f"w{n}", shape=shape) for n, shape in enumerate(shapes)]
        starts = (("s", "ones", True), ("o", "zeros", True), ("m", "zeros", False))
        self.sets = [
            [
                self.add_weight(name=f"{n}{i}", shape=(filters,), initializer=start, trainable=own)
                for i in range(len(shapes))
            ]
            for n, start, own in (*starts, ("v", "ones", False))
        ]

    def norm(self, inputs, place, training):
        scale, offset, mean, variance = (row[place] for row in self.sets)
        if not training:
            factor = scale / tf.sqrt(variance + 1e-3)
            return inputs * factor + (offset - mean * factor)
        own_mean = tf.reduce_mean(inputs, (0, 1, 2))
        own = tf.reduce_mean(tf.math.squared_difference(inputs, own_mean), (0, 1, 2))
        mean.assign_sub((mean - own_mean) * 0.01)
        variance.assign_sub((variance - own) * 0.01)
        return tf.nn.batch_normalization(inputs, own_mean, own, offset, scale, 1e-3)

    def call(self, inputs, training=None):
        steps = [1, self.strides, self.strides, 1]
        outputs = tf.nn.conv2d(inputs, self.ks[0], steps, "SAME")
        outputs = tf.nn.relu(self.norm(outputs, 0, training))
        outputs = self.norm(tf.nn.conv2d(outputs, self.ks[1], 1, "SAME"), 1, training)
        if len(self.ks) > 2:
            inputs = self.norm(tf.nn.conv2d(inputs, self.ks[2], steps, "SAME"), 2, training)
        return tf.nn.relu(inputs + outputs)


class Squeeze(layers.Layer):
    """SqueezeExcitation of a global pooling layer and two Dense layers with activations."""

    def __init__(self, ratio=4, **kwargs):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, input_shape):
        channels = input_shape[-1]
        self.pool = layers.GlobalAveragePooling2D(keepdims=True)
        self.down = layers.Dense(channels // self.ratio, activation="relu")
        self.up = layers.Dense(channels, activation="sigmoid")

    def call(self, inputs):
        return layers.Multiply()([inputs, self.up(self.down(self.pool(inputs)))])


class SqueezeByHand(layers.Layer):
    """Matrices and biases of its own; the biases first."""

    def __init__(self, ratio=4, **kwargs):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, input_shape):
        channels = input_shape[-1]
        units = channels // self.ratio
        self.b1 = self.add_weight(name="b1", shape=(units,), initializer="zeros")
        self.b2 = self.add_weight(name="b2", shape=(channels,), initializer="zeros")
        self.w1 = self.add_weight(name="w1", shape=(channels, units))
        self.w2 = self.add_weight(name="w2", shape=(units, channels))

    def call(self, inputs):
        means = ops.mean(inputs, axis=(1, 2))
        hidden = ops.maximum(means @ self.w1 + self.b1, 0.0)
        return ops.einsum("bhwc,bc->bhwc", inputs, ops.sigmoid(hidden @ self.w2 + self.b2))


class SqueezeByConvolution(layers.Layer):
    """Two convolutions of 1 × 1 on a picture of one pixel."""

    def __init__(self, ratio=4, **kwargs):
        super().__init__(**kwargs)
        self.ratio = ratio

    def build(self, input_shape):
        channels = input_shape[-1]
        self.reduce = layers.Conv2D(channels // self.ratio, 1, activation="relu")
        self.expand = layers.Conv2D(channels, 1)

    def call(self, inputs):
        squeezed = ops.expand_dims(ops.expand_dims(ops.mean(ops.mean(inputs, 1), 1), 1), 1)
        return inputs * (0.5 + 0.5 * ops.tanh(0.5 * self.expand(self.reduce(squeezed))))


class SqueezeInTensorFlow(SqueezeByHand):
    def call(self, inputs):
        size = tf.cast(tf.shape(inputs)[1] * tf.shape(inputs)[2], inputs.dtype)
        means = tf.reduce_sum(inputs, axis=[1, 2]) / size
        hidden = tf.nn.relu(tf.nn.bias_add(tf.matmul(means, self.w1), self.b1))
        scales = tf.nn.sigmoid(tf.nn.bias_add(tf.matmul(hidden, self.w2), self.b2))
        return tf.multiply(inputs, scales[:, tf.newaxis, tf.newaxis, :])


class Inverted(layers.Layer):
    """InvertedResidual of Keras's layers, which build themselves."""

    def __init__(self, filters, strides=1, expansion=6, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides, self.expansion = filters, strides, expansion

    def build(self, input_shape):
        self.adds = self.strides == 1 and input_shape[-1] == self.filters
        self.expand = narrow(self.expansion * input_shape[-1], 1)
        self.norm1 = layers.BatchNormalization()
        self.look = layers.DepthwiseConv2D(3, self.strides, "same", use_bias=False)
        self.norm2 = layers.BatchNormalization()
        self.project = narrow(self.filters, 1)
        self.norm3 = layers.BatchNormalization()

    def call(self, inputs, training=None):
        x = ops.relu6(self.norm1(self.expand(inputs), training=training))
        x = ops.relu6(self.norm2(self.look(x), training=training))
        x = self.norm3(self.project(x), training=training)
        return inputs + x if self.adds else x


class InvertedBackwards(layers.Layer):
    """All parts in a list, the last one made first; relu6 as a limit on both sides."""

    def __init__(self, filters, strides=1, expansion=6, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides, self.expansion = filters, strides, expansion

    def build(self, input_shape):
        wide = input_shape[-1] * self.expansion
        looks = layers.DepthwiseConv2D(3, strides=self.strides, padding="same", use_bias=False)
        self.parts = [
            *(layers.BatchNormalization(), narrow(self.filters, 1)),
            *(layers.BatchNormalization(), looks),
            *(layers.BatchNormalization(), narrow(wide, 1)),
        ]

    def call(self, inputs):
        outputs = inputs
        for place in (5, 4, 3, 2, 1, 0):
            outputs = self.parts[place](outputs)
            if place in (4, 2):
                outputs = ops.clip(outputs, 0.0, 6.0)
        return outputs + inputs if outputs.shape[1:] == inputs.shape[1:] else outputs


class InvertedModel(layers.Layer):
    """A Sequential model inside, and ReLU layers with a largest value."""

    def __init__(self, filters, strides=1, expansion=6, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides, self.expansion = filters, strides, expansion

    def build(self, input_shape):
        self.inner = keras.Sequential(
            [
                narrow(input_shape[-1] * self.expansion, 1),
                layers.BatchNormalization(),
                layers.ReLU(max_value=6.0),
                layers.DepthwiseConv2D(3, self.strides, "same", use_bias=False),
                layers.BatchNormalization(),
                layers.ReLU(max_value=6.0),
                narrow(self.filters, 1),
                layers.BatchNormalization(),
            ]
        )
        self.channels = input_shape[-1]

    def call(self, inputs, training=None):
        outputs = self.inner(inputs, training=training)
        if self.strides > 1 or self.channels != self.filters:
            return outputs
        return layers.add([inputs, outputs])


class InvertedByHand(ByHand):
    """Weights of its own; convolutions of 1 × 1 are products with a matrix."""

    def __init__(self, filters, strides=1, expansion=6, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.strides, self.expansion = filters, strides, expansion

    def build(self, input_shape):
        channels = input_shape[-1]
        wide = channels * self.expansion
        self.up = self.add_weight(name="up", shape=(channels, wide))
        self.look = self.add_weight(name="look", shape=(3, 3, wide, 1))
        self.down = self.add_weight(name="down", shape=(wide, self.filters))
        self.norms = [
            self.make_norm(name, width)
            for name, width in (("last", self.filters), ("middle", wide), ("first", wide))
        ]

    def call(self, inputs, training=None):
        last, middle, first = self.norms
        x = tf.nn.relu6(self.normalize(tf.matmul(inputs, self.up), first, training))
        x = ops.depthwise_conv(x, self.look, strides=self.strides, padding="same")
        x = tf.nn.relu6(self.normalize(x, middle, training))
        x = self.normalize(tf.matmul(x, self.down), last, training)
        if self.strides == 1 and inputs.shape[-1] == self.filters:
            x = x + inputs
        return x


class InvertedWithoutNames(InvertedByHand):
    """Names that tell nothing, and a row of nine numbers for each window of 3 × 3."""

    def make_norm(self, name, channels):
        shape, start = (channels,), {"s": "ones", "v": "ones"}
        return [
            self.add_weight(
                name=f"{name[0]}{kind}",
                shape=shape,
                initializer=start.get(kind, "zeros"),
                trainable=kind in "so",
            )
            for kind in "somv"
        ]

    def build(self, input_shape):
        channels = input_shape[-1]
        wide = channels * self.expansion
        self.norms = [
            self.make_norm(n, c) for n, c in zip("cba", (self.filters, wide, wide), strict=True)
        ]
        self.up = self.add_weight(name="a", shape=(channels, wide))
        self.rows = self.add_weight(name="b", shape=(9, wide))
        self.down = self.add_weight(name="c", shape=(wide, self.filters))

    @property
    def look(self):
        return ops.reshape(self.rows, (3, 3, -1, 1))


class Larger(layers.Layer):
    """UpSampling2D by a matrix for each side."""

    def __init__(self, size=(2, 2), interpolation="nearest", **kwargs):
        super().__init__(**kwargs)
        self.size = (size, size) if isinstance(size, int) else size
        self.interpolation = interpolation

    def matrix(self, length, times):
        rows = np.zeros((length * times, length), "float32")
        for row in range(length * times):
            place = (row + 0.5) / times - 0.5
            if self.interpolation == "nearest":
                rows[row, row // times] = 1
                continue
            place = min(max(place, 0), length - 1)
            low = int(place)
            rows[row, low] += 1 - (place - low)
            rows[row, min(low + 1, length - 1)] += place - low
        return rows

    def call(self, inputs):
        down = self.matrix(inputs.shape[1], self.size[0])
        right = self.matrix(inputs.shape[2], self.size[1])
        return ops.einsum("ph,bhwc,qw->bpqc", down, inputs, right)


class LargerByNeighbours(Larger):
    """Takes the two neighbours of each new pixel, and mixes them."""

    def call(self, inputs):
        for axis, times in zip((1, 2), self.size, strict=True):
            length = inputs.shape[axis]
            places = (np.arange(length * times) + 0.5) / times - 0.5
            if self.interpolation == "nearest":
                places = np.round(places)
            low = np.floor(places).astype(int)
            share = (places - low).astype("float32").reshape((-1, 1, 1) if axis == 1 else (-1, 1))
            before = ops.take(inputs, np.clip(low, 0, length - 1), axis=axis)
            after = ops.take(inputs, np.clip(low + 1, 0, length - 1), axis=axis)
            inputs = before * (1 - share) + after * share
        return inputs


class LargerByPhases(Larger):
    """Each new pixel of a group is a mix of three old ones; the groups are interleaved."""

    def call(self, inputs):
        for axis, times in zip((1, 2), self.size, strict=True):
            inputs = self.along(inputs, axis, times)
        return inputs

    def along(self, inputs, axis, times):
        length = inputs.shape[axis]
        before = ops.take(inputs, np.maximum(np.arange(length) - 1, 0), axis=axis)
        after = ops.take(inputs, np.minimum(np.arange(length) + 1, length - 1), axis=axis)
        phases = []
        for phase in range(times):
            shift = (phase + 0.5) / times - 0.5 if self.interpolation == "bilinear" else 0.0
            other = before if shift < 0 else after
            phases.append(inputs * (1 - abs(shift)) + other * abs(shift))
        shape = list(inputs.shape)
        shape[0], shape[axis] = -1, length * times
        return ops.reshape(ops.stack(phases, axis=axis + 1), shape)


class LargerInTensorFlow(Larger):
    """Repeats, and makes lines by a mean over a window of as many repeated pixels."""

    def call(self, inputs):
        for axis, times in zip((1, 2), self.size, strict=True):
            if self.interpolation == "nearest":
                inputs = tf.repeat(inputs, times, axis=axis)
            else:
                inputs = self.smooth(inputs, axis, times)
        return inputs

    def smooth(self, inputs, axis, times):
        """Each pixel `2 * times` times, then the mean of `2 * times` neighbours, every second."""
        length = inputs.shape[axis]
        fine = tf.repeat(inputs, 2 * times, axis=axis)
        ends = [tf.gather(inputs, [end], axis=axis) for end in (0, length - 1)]
        first, last = (tf.repeat(end, times, axis=axis) for end in ends)
        fine = tf.concat([first, fine, last], axis=axis)
        total = 0.0
        for step in range(2 * times):
            places = np.arange(length * times) * 2 + 1 + step
            total += tf.gather(fine, places, axis=axis)
        return total / (2 * times)


def block_by_formula(channels, filters, strides):
    total = 9 * channels * filters + 9 * filters**2 + 4 * filters
    if strides > 1 or channels != filters:
        total += channels * filters + 2 * filters
    return total


def block_by_shapes(channels, filters, strides):
    shapes = [(3, 3, channels, filters), (3, 3, filters, filters), *[(filters,)] * 4]
    if (strides, filters) != (1, channels):
        shapes += [(1, 1, channels, filters), (filters,), (filters,)]
    return sum(int(np.prod(shape)) for shape in shapes)


def block_by_layers(channels, filters, strides):
    pairs = [(9, channels), (9, filters)]
    if not (strides == 1 and channels == filters):
        pairs.append((1, channels))
    return float(sum((window * width + 2) * filters for window, width in pairs))


def squeeze_by_formula(channels, ratio):
    units = channels // ratio
    return 2 * channels * units + units + channels


def squeeze_by_layers(channels, ratio):
    return (channels + 1) * (channels // ratio) + (channels // ratio + 1) * channels


def squeeze_by_arrays(channels, ratio):
    units = int(np.floor(channels / ratio))
    shapes = [(channels, units), (units,), (units, channels), (channels,)]
    return sum(np.zeros(shape).size for shape in shapes)


def inverted_by_formula(channels, filters, expansion):
    wide = channels * expansion
    return wide * (channels + 9 + filters) + 4 * wide + 2 * filters


def inverted_by_shapes(channels, filters, expansion):
    wide = channels * expansion
    shapes = [
        *((1, 1, channels, wide), (wide,), (wide,), (3, 3, wide, 1), (wide,), (wide,)),
        *((1, 1, wide, filters), (filters,), (filters,)),
    ]
    return sum(int(np.prod(shape)) for shape in shapes)


def inverted_step_by_step(channels, filters, expansion):
    wide = expansion * channels
    total = (channels + 2) * wide
    total += (9 + 2) * wide
    return total + (wide + 2) * filters


def row_by_places(left, right, times):
    places = np.clip((np.arange(2 * times) + 0.5) / times - 0.5, 0, 1)
    return left + (right - left) * places


def row_in_a_loop(left, right, times):
    step = (right - left) / times
    between = [left + step / 2 + step * number for number in range(times)]
    return [left] * (times // 2) + between + [right] * (times // 2)


def row_by_interp(left, right, times):
    middles = [(number + 0.5) / times for number in range(2 * times)]
    return tuple(np.interp(middles, [0.5, 1.5], [left, right]))


RIGHT: dict[str, list[Callable]] = {
    "block_params": [block_by_formula, block_by_shapes, block_by_layers],
    "ResidualBlock": [
        Residual, ResidualProjectedFirst, ResidualModel, ResidualByHand, ResidualInTensorFlow,
    ],
    "squeeze_params": [squeeze_by_formula, squeeze_by_layers, squeeze_by_arrays],
    "SqueezeExcitation": [
        Squeeze, SqueezeByHand, SqueezeByConvolution, SqueezeInTensorFlow,
    ],
    "inverted_params": [inverted_by_formula, inverted_by_shapes, inverted_step_by_step],
    "InvertedResidual": [
        Inverted, InvertedBackwards, InvertedModel, InvertedByHand, InvertedWithoutNames,
    ],
    "bilinear_row": [row_by_places, row_in_a_loop, row_by_interp],
    "UpSampling2D": [Larger, LargerByNeighbours, LargerByPhases, LargerInTensorFlow],
}  # fmt: skip
