"""Right answers to the exercises of unit 19, a network that sees, each written in another way."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from grader.exercises.pooling.digit_network import held


def norm_names(name):
    """The four weights of a normalization, in the order in which Keras makes them."""
    return [f"{name}.{part}" for part in ("gamma", "beta", "mean", "variance")]


class ListOfLayers(keras.Model):
    """Layers of Keras in plain lists; the weights of the file are given in order of the layers."""

    def __init__(self, filters, blocks, classes, **kwargs):
        super().__init__(**kwargs)
        conv = functools.partial(keras.layers.Conv2D, padding="same", use_bias=False)
        norm = keras.layers.BatchNormalization
        self.first = [conv(filters, 3), norm()]
        self.rows = []
        for number in range(blocks):
            wide, step = filters * 2**number, min(number + 1, 2)
            row = [conv(wide, 3, strides=step), norm(), conv(wide, 3), norm()]
            self.rows.append(row + [conv(wide, 1, strides=step), norm()] * bool(number))
        self.last = keras.layers.Dense(classes)

    def stages(self, images):
        return self.everything(images, False)

    def everything(self, images, training):
        def normal(pair, maps):
            return pair[1](pair[0](maps), training=training)

        found = [ops.relu(normal(self.first, images))]
        for row in self.rows:
            maps = found[-1]
            inner = normal(row[2:4], ops.relu(normal(row[:2], maps)))
            shortcut = normal(row[4:], maps) if row[4:] else maps
            found += [inner, shortcut, ops.relu(inner + shortcut)]
        found.append(ops.mean(found[-1], axis=[1, 2]))
        return [*found, self.last(found[-1])]

    def call(self, images, training=None):
        return self.everything(images, training)[-1]

    def load(self, weights):
        self.first[0].set_weights([weights["stem.conv"]])
        self.first[1].set_weights([weights[name] for name in norm_names("stem.norm")])
        for number, row in enumerate(self.rows):
            for place, layer in enumerate(row):
                kind, count = ("conv", "norm")[place % 2], place // 2 + 1
                name = f"block_{number}.{kind}_{count}"
                names = norm_names(name) if place % 2 else [name]
                layer.set_weights([weights[name] for name in names])
        self.last.set_weights([weights["head.kernel"], weights["head.bias"]])


def names_and_shapes(filters, blocks, classes, channels):
    """What the file holds, by reckoning."""
    shapes = {"stem.conv": (3, 3, channels, filters)}
    shapes |= dict.fromkeys(norm_names("stem.norm"), (filters,))
    before = filters
    for number in range(blocks):
        wide = filters << number
        for count, size, into in ((1, 3, before), (2, 3, wide), (3, 1, before)):
            if count < 3 or number:
                name = f"block_{number}.{{}}_{count}"
                shapes[name.format("conv")] = (size, size, into, wide)
                shapes |= dict.fromkeys(norm_names(name.format("norm")), (wide,))
        before = wide
    return {**shapes, "head.kernel": (before, classes), "head.bias": (classes,)}


class OneDict(keras.layers.Layer):
    """All weights in one dict, from the last to the first; operations of raw TensorFlow."""

    def __init__(self, filters, blocks, classes, **kwargs):
        super().__init__(**kwargs)
        self.sizes = filters, blocks, classes

    def build(self, input_shape):
        shapes = names_and_shapes(*self.sizes, input_shape[-1])
        self.kept = {
            name: self.add_weight(
                name=name.replace(".", "_"),
                shape=self.stored(shape),
                initializer="ones" if "variance" in name else "normal",
                trainable="mean" not in name and "variance" not in name,
            )
            for name, shape in reversed(shapes.items())
        }

    def stored(self, shape):
        """In which shape a weight is kept."""
        return shape

    def of(self, name):
        return tf.convert_to_tensor(self.kept[name])

    def normal(self, maps, name):
        gamma, beta, mean, variance = (self.of(part) for part in norm_names(name))
        factor = gamma * tf.math.rsqrt(variance + 1e-3)
        return maps * factor + (beta - mean * factor)

    def conv(self, maps, name, strides=1):
        return tf.nn.conv2d(maps, self.of(name), strides, "SAME")

    def stages(self, images):
        maps = tf.nn.relu(self.normal(self.conv(images, "stem.conv"), "stem.norm"))
        found = [maps]
        for number in range(self.sizes[1]):
            b, step = f"block_{number}.", 2 if number else 1
            inner = tf.nn.relu(self.normal(self.conv(maps, b + "conv_1", step), b + "norm_1"))
            inner = self.normal(self.conv(inner, b + "conv_2"), b + "norm_2")
            shortcut = maps
            if number:
                shortcut = self.normal(self.conv(maps, b + "conv_3", step), b + "norm_3")
            maps = tf.nn.relu(inner + shortcut)
            found += [inner, shortcut, maps]
        means = tf.reduce_mean(maps, (1, 2))
        return (*found, means, tf.matmul(means, self.of("head.kernel")) + self.of("head.bias"))

    def call(self, images):
        return self.stages(images)[-1]

    def load(self, weights):
        for name, value in weights.items():
            self.kept[name].assign(np.reshape(value, self.kept[name].shape))


class Patches(OneDict):
    """Kernels are matrices: each window is a row, and a convolution a product."""

    def stored(self, shape):
        return (math.prod(shape[:-1]), shape[-1])

    def normal(self, maps, name):
        gamma, beta, mean, variance = (ops.reshape(self.of(part), (-1,)) for part in
                                       norm_names(name))  # fmt: skip
        return gamma * (maps - mean) / ops.sqrt(variance + 0.001) + beta

    def of(self, name):
        value = super().of(name)
        return value[:, 0] if name == "head.bias" and value.shape[1] == 1 else value

    def conv(self, maps, name, strides=1):
        size = 1 if name.endswith("conv_3") else 3
        rows = tf.image.extract_patches(
            maps, (1, size, size, 1), (1, strides, strides, 1), (1, 1, 1, 1), "SAME"
        )
        return rows @ self.of(name)


class SlicesAndSums(OneDict):
    """A convolution as a sum of nine shifted pictures, each times a matrix."""

    def conv(self, maps, name, strides=1):
        kernel, total = self.of(name), 0.0
        size, (height, width) = kernel.shape[0], maps.shape[1:3]
        rows, columns = -(-height // strides), -(-width // strides)
        missing = [
            max((count - 1) * strides + size - length, 0)
            for count, length in ((rows, height), (columns, width))
        ]
        padded = ops.pad(maps, [(0, 0), *((m // 2, m - m // 2) for m in missing), (0, 0)])
        for i in range(size):
            for j in range(size):
                part = padded[
                    :,
                    i : i + (rows - 1) * strides + 1 : strides,
                    j : j + (columns - 1) * strides + 1 : strides,
                ]
                total = total + ops.matmul(part, kernel[i, j])
        return total


class Functional(keras.layers.Layer):
    """A Functional model inside, whose layers have the names of the file."""

    def __init__(self, filters, blocks, classes, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.blocks, self.classes = filters, blocks, classes

    def build(self, input_shape):
        def conv_norm(maps, name, wide, size, strides=1):
            conv = keras.layers.Conv2D(
                wide, size, strides, padding="same", use_bias=False, name=name.format("conv")
            )
            return keras.layers.BatchNormalization(name=name.format("norm"))(conv(maps))

        images = keras.Input(input_shape[1:])
        maps = keras.layers.ReLU()(conv_norm(images, "stem-{}", self.filters, 3))
        found = [maps]
        for number in range(self.blocks):
            wide, step = self.filters << number, 1 + bool(number)
            name = f"block_{number}-{{}}_"
            inner = keras.layers.ReLU()(conv_norm(maps, name + "1", wide, 3, step))
            inner = conv_norm(inner, name + "2", wide, 3)
            shortcut = conv_norm(maps, name + "3", wide, 1, step) if number else maps
            maps = keras.layers.ReLU()(keras.layers.Add()([inner, shortcut]))
            found += [inner, shortcut, maps]
        means = keras.layers.GlobalAveragePooling2D()(maps)
        logits = keras.layers.Dense(self.classes, name="head")(means)
        self.inner = keras.Model(images, [*found, means, logits])

    def stages(self, images):
        return self.inner(images)

    def call(self, images, training=None):
        return self.inner(images, training=training)[-1]

    def load(self, weights):
        for layer in self.inner.layers:
            if not layer.weights:
                continue
            name = layer.name.replace("-", ".")
            if name == "head":
                names = ["head.kernel", "head.bias"]
            else:
                names = norm_names(name) if "norm" in name else [name]
            layer.set_weights([weights[name] for name in names])


def counted_by_shapes(filters, blocks, classes):
    shapes = names_and_shapes(filters, blocks, classes, 1)
    return sum(
        math.prod(shape)
        for name, shape in shapes.items()
        if not name.endswith(("mean", "variance"))
    )


def counted_by_a_model(filters, blocks, classes):
    model = ListOfLayers(filters, blocks, classes)
    model(np.zeros((1, 4, 4, 1), "float32"))
    return np.int64(sum(np.prod(weight.shape) for weight in model.trainable_variables))


def counted_by_formula(filters, blocks, classes):
    total = 11 * filters + 18 * filters**2 + 4 * filters
    for number in range(1, blocks):
        wide = filters * 2**number
        total += 9 * wide * wide // 2 + 9 * wide**2 + wide * wide // 2 + 6 * wide
    return total + (filters * 2 ** (blocks - 1) + 1) * classes


def field_by_walking(blocks):
    seen, jump = 3, 1
    for number in range(blocks):
        seen += 2 * jump
        jump *= 2 if number else 1
        seen += 2 * jump
    return seen


def field_by_formula(blocks):
    return 7 + 6 * (2 ** (blocks - 1) - 1)


def field_backwards(blocks):
    """How many numbers are needed before each convolution, from the last to the first."""
    length = 1
    for number in reversed(range(blocks)):
        length += 2
        length = (length - 1) * (2 if number else 1) + 3
    return length + 2


@functools.cache
def learned():
    """The very images that a network is judged on, one row of 64 each, and ten targets."""
    images, labels = held()
    return images.reshape(-1, 64), np.eye(10, dtype="float32")[labels]


class Bells(keras.layers.Layer):
    """A bell around each image; what they are worth was solved for."""

    def build(self, shape):
        rows, targets = learned()
        self.known = self.add_weight(shape=rows.shape)
        self.known.assign(rows)
        self.worth = self.add_weight(shape=targets.shape)
        found = np.asarray(self.features(rows), "float64")
        self.worth.assign(np.linalg.solve(found + 0.01 * np.eye(len(rows)), targets))

    def features(self, rows):
        far = ops.sum(ops.square(rows), axis=1, keepdims=True)
        far = far + ops.sum(ops.square(self.known), axis=1)
        return ops.exp((2 * ops.matmul(rows, ops.transpose(self.known)) - far) / 4)

    def call(self, inputs):
        return ops.matmul(self.features(ops.reshape(inputs, (-1, 64))), self.worth)


class Waves(keras.layers.Layer):
    """Waves in random directions, and a sum of them that was solved for."""

    def build(self, shape):
        random, (rows, targets) = np.random.default_rng(0), learned()
        self.directions = self.add_weight(shape=(64, 1000))
        self.directions.assign(random.normal(scale=0.7, size=(64, 1000)))
        self.sums = self.add_weight(shape=(2000, 10))
        found = np.asarray(self.features(rows), "float64")
        solved = np.linalg.solve(found @ found.T + 0.1 * np.eye(len(rows)), targets)
        self.sums.assign(found.T @ solved)

    def features(self, rows):
        turned = ops.matmul(rows, self.directions)
        return ops.concatenate([ops.cos(turned), ops.sin(turned)], axis=1)

    def call(self, inputs):
        return ops.matmul(self.features(ops.reshape(inputs, (-1, 64))), self.sums)


class Nearest(keras.layers.Layer):
    """The nearest image speaks loudest; logarithms of shares."""

    def build(self, shape):
        rows, targets = learned()
        self.known, self.worth = (self.add_weight(shape=part.shape) for part in (rows, targets))
        self.known.assign(rows)
        self.worth.assign(targets)

    def call(self, inputs):
        rows = ops.reshape(inputs, (-1, 64))
        likeness = ops.matmul(rows, ops.transpose(self.known))
        far = ops.sum(ops.square(self.known), axis=1) - 2 * likeness
        return ops.log(ops.matmul(ops.softmax(-4 * far), self.worth) + 1e-6)


RIGHT: dict[str, list[Callable]] = {
    "ResNet": [ListOfLayers, OneDict, Patches, SlicesAndSums, Functional],
    "resnet_params": [counted_by_shapes, counted_by_a_model, counted_by_formula],
    "resnet_field": [field_by_walking, field_by_formula, field_backwards],
    "digit_reader": [Bells, Waves, Nearest],
}
