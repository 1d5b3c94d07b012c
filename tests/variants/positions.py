"""Right answers to the exercises on positions, each written in another way."""

from __future__ import annotations

import math
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Table(keras.layers.Layer):
    """A slice of the table, as Keras's own extension does it."""

    def __init__(self, sequence_length, **kwargs):
        super().__init__(**kwargs)
        self.sequence_length = sequence_length

    def build(self, input_shape):
        self.embeddings = self.add_weight(
            name="embeddings", shape=(self.sequence_length, input_shape[-1])
        )

    def call(self, inputs, start_index=0):
        shape = ops.shape(inputs)
        rows = ops.slice(self.embeddings, (start_index, 0), (shape[1], shape[2]))
        return ops.broadcast_to(rows, shape)


class TableInTensorFlow(Table):
    """Raw TensorFlow: a slice by its ends, and tiles."""

    def call(self, inputs, start_index=0):
        rows = self.embeddings[start_index : start_index + tf.shape(inputs)[1]]
        return tf.tile(rows[tf.newaxis], [tf.shape(inputs)[0], 1, 1])


class TableByZeros(Table):
    """Zeros of the inputs' shape, to which the rows are added."""

    def call(self, inputs, start_index=0):
        end = start_index + inputs.shape[1]
        return ops.zeros_like(inputs) + self.embeddings[start_index:end]


class TableByEmbedding(keras.layers.Layer):
    """An Embedding of the numbers of the places: what most people would write."""

    def __init__(self, sequence_length, **kwargs):
        super().__init__(**kwargs)
        self.sequence_length = sequence_length

    def build(self, input_shape):
        self.lookup = keras.layers.Embedding(self.sequence_length, input_shape[-1])
        self.lookup.build()

    def call(self, inputs, start_index=0):
        rows = self.lookup(ops.arange(inputs.shape[1]) + start_index)
        return ops.repeat(rows[None], ops.shape(inputs)[0], axis=0)


class TableByOneHot(Table):
    """A matrix product with rows of zeros and one 1."""

    def call(self, inputs, start_index=0):
        places = start_index + np.arange(inputs.shape[1])
        rows = ops.matmul(ops.one_hot(places, self.sequence_length), self.embeddings)
        return ops.ones_like(inputs) * rows[None]


def rows_times_width(sequence_length, length, features):
    return sequence_length * features


def rows_as_embedding(sequence_length, length, features):
    layer = keras.layers.Embedding(sequence_length, features)
    layer.build()
    return layer.count_params()


def rows_added_up(sequence_length, length, features):
    return sum(features for _ in range(sequence_length))


class Sine(keras.layers.Layer):
    """Pairs side by side, then laid end to end; an odd last sine is cut off its cosine."""

    def __init__(self, max_wavelength=10000, **kwargs):
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength

    def call(self, inputs, start_index=0):
        _, length, features = inputs.shape
        pairs = np.arange((features + 1) // 2)
        places = start_index + np.arange(length)[:, None]
        angles = places / self.max_wavelength ** (2 * pairs / features)
        waves = np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(length, -1)
        return ops.broadcast_to(waves[:, :features].astype("float32"), ops.shape(inputs))


class SineInTensorFlow(Sine):
    """Raw TensorFlow; wavelengths by exp and log, as in the paper's code."""

    def call(self, inputs, start_index=0):
        shape = tf.shape(inputs)
        feature = tf.range(inputs.shape[-1])
        pair = tf.cast(feature // 2, "float32")
        speed = tf.exp(-math.log(self.max_wavelength) * 2.0 * pair / inputs.shape[-1])
        place = tf.cast(tf.range(shape[1]) + start_index, "float32")
        angles = place[:, tf.newaxis] * speed
        waves = tf.where(feature % 2 == 0, tf.sin(angles), tf.cos(angles))
        return tf.broadcast_to(waves, shape)


class SineByShift(Sine):
    """A cosine is a sine that is a quarter turn ahead."""

    def call(self, inputs, start_index=0):
        features = inputs.shape[-1]
        exponents = [2 * (feature // 2) / features for feature in range(features)]
        ahead = [math.pi / 2 * (feature % 2) for feature in range(features)]
        speeds = ops.convert_to_tensor([self.max_wavelength**-e for e in exponents], "float32")
        places = ops.arange(start_index, start_index + inputs.shape[1], dtype="float32")
        waves = ops.sin(ops.outer(places, speeds) + ops.convert_to_tensor(ahead, "float32"))
        return ops.repeat(waves[None], ops.shape(inputs)[0], axis=0)


class SineBySlots(Sine):
    """A table of zeros, filled at every other feature."""

    def call(self, inputs, start_index=0):
        _, length, features = inputs.shape
        table = np.zeros((length, features), "float32")
        for place in range(length):
            for feature in range(0, features, 2):
                angle = (place + start_index) / self.max_wavelength ** (feature / features)
                table[place, feature] = math.sin(angle)
                if feature + 1 < features:
                    table[place, feature + 1] = math.cos(angle)
        return ops.zeros_like(inputs) + table


class SineByMasks(Sine):
    """Both waves everywhere, each times a row of zeros and ones."""

    def call(self, inputs, start_index=0):
        count = inputs.shape[-1]
        even = 1.0 - ops.cast(ops.arange(count) % 2, "float32")
        places = ops.cast(ops.arange(ops.shape(inputs)[1]) + start_index, "float32")
        speeds = ops.power(
            1.0 / self.max_wavelength, ops.cast(2 * (ops.arange(count) // 2), "float32") / count
        )
        angles = ops.einsum("p,f->pf", places, speeds)
        waves = ops.sin(angles) * even + ops.cos(angles) * (1.0 - even)
        return ops.broadcast_to(waves[None], ops.shape(inputs))


def wave_by_formula(feature, features, max_wavelength):
    pair = feature // 2
    return round(2 * math.pi * max_wavelength ** (2 * pair / features))


def wave_by_even_feature(feature, features, max_wavelength):
    even = feature if feature % 2 == 0 else feature - 1
    return int(np.round(2 * np.pi * np.power(float(max_wavelength), even / features)))


def wave_by_log(feature, features, max_wavelength):
    turns = math.log(max_wavelength) * (feature - feature % 2) / features
    return round(math.exp(turns) * math.tau)


class Turn(keras.layers.Layer):
    """Two halves, two lines."""

    def __init__(self, max_wavelength=10000, **kwargs):
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength

    def waves(self, inputs, start_index):
        half = inputs.shape[-1] // 2
        places = ops.cast(ops.arange(inputs.shape[1]) + start_index, "float32")
        speeds = self.max_wavelength ** (-ops.arange(half, dtype="float32") / half)
        angles = places[:, None] * speeds
        if len(inputs.shape) == 4:
            angles = angles[:, None]
        return ops.cos(angles), ops.sin(angles)

    def call(self, inputs, start_index=0):
        cos, sin = self.waves(inputs, start_index)
        half = inputs.shape[-1] // 2
        first, second = inputs[..., :half], inputs[..., half:]
        return ops.concatenate([first * cos - second * sin, first * sin + second * cos], axis=-1)


class TurnByOtherHalf(Turn):
    """The commonest way: the inputs times cosines, and the other halves times sines."""

    def call(self, inputs, start_index=0):
        cos, sin = (ops.concatenate([wave, wave], -1) for wave in self.waves(inputs, start_index))
        first, second = ops.split(inputs, 2, axis=-1)
        return inputs * cos + ops.concatenate([-second, first], axis=-1) * sin


class TurnByComplex(Turn):
    """A pair is a complex number, and a turn is a product with another."""

    def call(self, inputs, start_index=0):
        cos, sin = self.waves(inputs, start_index)
        first, second = tf.split(inputs, 2, axis=-1)
        turned = tf.complex(first, second) * tf.complex(cos, sin)
        return tf.concat([tf.math.real(turned), tf.math.imag(turned)], axis=-1)


class TurnByMatrix(Turn):
    """A matrix of 2 by 2 for each place and each pair."""

    def call(self, inputs, start_index=0):
        cos, sin = self.waves(inputs, start_index)
        matrix = ops.stack([ops.stack([cos, -sin], -1), ops.stack([sin, cos], -1)], -2)
        half = inputs.shape[-1] // 2
        pairs = ops.stack([inputs[..., :half], inputs[..., half:]], axis=-1)
        turned = ops.matmul(matrix, pairs[..., None])[..., 0]
        return ops.concatenate([turned[..., 0], turned[..., 1]], axis=-1)


class TurnInTensorFlow(Turn):
    """Raw TensorFlow: angles by einsum, and the places' axis moved behind the heads."""

    def call(self, inputs, start_index=0):
        has_heads = len(inputs.shape) == 4
        moved = tf.transpose(inputs, (0, 2, 1, 3)) if has_heads else inputs
        half = inputs.shape[-1] // 2
        places = tf.cast(tf.range(start_index, start_index + tf.shape(moved)[-2]), "float32")
        speeds = 1.0 / tf.pow(float(self.max_wavelength), tf.range(0, half, dtype="float32") / half)
        angles = tf.einsum("p,f->pf", places, speeds)
        one, two = moved[..., :half], moved[..., half:]
        turned = tf.concat(
            [
                one * tf.cos(angles) - two * tf.sin(angles),
                two * tf.cos(angles) + one * tf.sin(angles),
            ],
            -1,
        )
        return tf.transpose(turned, (0, 2, 1, 3)) if has_heads else turned


def partner_by_half(feature, features):
    return (feature + features // 2) % features


def partner_by_side(feature, features):
    half = features // 2
    return feature + half if feature < half else feature - half


def partner_by_table(feature, features):
    rows = np.arange(features).reshape(2, -1)
    return int(rows[::-1].ravel()[feature])


def place_by_distance(query, key, moved_query):
    return moved_query + (key - query)


def place_by_shift(query, key, moved_query):
    return key + (moved_query - query)


def place_by_search(query, key, moved_query):
    return next(place for place in range(200) if moved_query - place == query - key)


RIGHT: dict[str, list[Callable]] = {
    "PositionEmbedding": [
        Table,
        TableInTensorFlow,
        TableByZeros,
        TableByEmbedding,
        TableByOneHot,
    ],
    "position_embedding_params": [rows_times_width, rows_as_embedding, rows_added_up],
    "SinePositionEncoding": [Sine, SineInTensorFlow, SineByShift, SineBySlots, SineByMasks],
    "sine_wavelength": [wave_by_formula, wave_by_even_feature, wave_by_log],
    "RotaryEmbedding": [
        Turn,
        TurnByOtherHalf,
        TurnByComplex,
        TurnByMatrix,
        TurnInTensorFlow,
    ],
    "rotary_partner": [partner_by_half, partner_by_side, partner_by_table],
    "same_score": [place_by_distance, place_by_shift, place_by_search],
}
