"""Right answers to the exercises on layers around layers and on ConvLSTM2D, each another way."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class ConvLstm(keras.layers.Layer):
    """The textbook way."""

    def __init__(
        self, filters, kernel_size, strides=1, padding="valid", return_sequences=False, **kwargs
    ):
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.padding, self.return_sequences = padding, return_sequences

    def build(self, input_shape):
        columns = 4 * self.filters
        shape = (*self.kernel_size, input_shape[-1], columns)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        shape = (*self.kernel_size, self.filters, columns)
        self.recurrent_kernel = self.add_weight(name="recurrent_kernel", shape=shape)
        self.bias = self.add_weight(name="bias", shape=(columns,))

    def call(self, inputs):
        outputs = []
        for time in range(inputs.shape[1]):
            total = ops.conv(inputs[:, time], self.kernel, self.strides, self.padding) + self.bias
            if not outputs:
                h = c = ops.zeros_like(total[..., : self.filters])
            total = total + ops.conv(h, self.recurrent_kernel, padding="same")
            i, f, candidate, o = ops.split(total, 4, axis=-1)
            c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(candidate)
            h = ops.sigmoid(o) * ops.tanh(c)
            outputs.append(h)
        return ops.stack(outputs, axis=1) if self.return_sequences else h


class ConvLstmOfLayers(keras.layers.Layer):
    """Two Conv2D layers inside; all frames are seen at once, before the first step."""

    def __init__(
        self, filters, kernel_size, strides=1, padding="valid", return_sequences=False, **kwargs
    ):
        super().__init__(**kwargs)
        self.look = keras.layers.Conv2D(4 * filters, kernel_size, strides, padding)
        self.remember = keras.layers.Conv2D(
            4 * filters, kernel_size, padding="same", use_bias=False
        )
        self.filters, self.all = filters, return_sequences

    def call(self, inputs):
        steps, *image = inputs.shape[1:]
        seen = self.look(ops.reshape(inputs, (-1, *image)))
        seen = ops.reshape(seen, (-1, steps, *seen.shape[1:]))
        h = c = 0.0 * seen[:, 0, ..., : self.filters]
        outputs = []
        for one in ops.unstack(seen, axis=1):
            i, f, new, o = ops.split(one + self.remember(h), 4, axis=-1)
            c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(new)
            h = ops.sigmoid(o) * ops.tanh(c)
            outputs.append(h)
        return ops.stack(outputs, 1) if self.all else outputs[-1]


class ConvCell(keras.layers.Layer):
    """A cell whose states are images."""

    def __init__(self, filters, kernel_size, strides, padding, **kwargs):
        super().__init__(**kwargs)
        self.filters, self.kernel_size = filters, kernel_size
        self.strides, self.padding = strides, padding
        self.state_size = [filters, filters]

    def build(self, input_shape):
        window, channels = tuple(self.kernel_size), input_shape[-1]
        self.u = self.add_weight(shape=(*window, self.filters, 4 * self.filters))
        self.w = self.add_weight(shape=(*window, channels, 4 * self.filters))
        self.b = self.add_weight(shape=(4 * self.filters,))
        image = keras.KerasTensor((None, *input_shape[1:]))
        self.image = ops.conv(image, self.w, self.strides, self.padding).shape[1:-1]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, *self.image, self.filters)) for _ in self.state_size]

    def call(self, inputs, states):
        h, c = states
        total = ops.conv(inputs, self.w, self.strides, self.padding) + ops.conv(
            h, self.u, padding="same"
        )
        gates = ops.split(total + self.b, 4, axis=-1)
        c = ops.sigmoid(gates[1]) * c + ops.sigmoid(gates[0]) * ops.tanh(gates[2])
        h = ops.sigmoid(gates[3]) * ops.tanh(c)
        return h, [h, c]


class ConvLstmOfACell(keras.layers.Layer):
    """A cell of one's own in keras.layers.RNN."""

    def __init__(
        self, filters, kernel_size, strides=1, padding="valid", return_sequences=False, **kwargs
    ):
        super().__init__(**kwargs)
        cell = ConvCell(filters, kernel_size, strides, padding)
        self.loop = keras.layers.RNN(cell, return_sequences=return_sequences, unroll=True)

    def call(self, inputs):
        return self.loop(inputs)


class ConvLstmInTensorFlow(ConvLstm):
    """Gate by gate with TensorFlow's own functions; the states are zeros of a size computed."""

    def call(self, inputs):
        batch = tf.shape(inputs)[0]
        size = [
            -(-(length if self.padding == "same" else length - window + 1) // self.strides)
            for length, window in zip(inputs.shape[2:4], self.kernel_size, strict=True)
        ]
        h = c = tf.zeros((batch, *size, self.filters))
        outputs = []
        for frame in tf.unstack(inputs, axis=1):
            part = {}
            for index, name in enumerate("ifco"):
                own = slice(index * self.filters, (index + 1) * self.filters)
                seen = tf.nn.conv2d(
                    frame, self.kernel[..., own], self.strides, self.padding.upper()
                )
                past = tf.nn.conv2d(h, self.recurrent_kernel[..., own], 1, "SAME")
                part[name] = tf.nn.bias_add(seen + past, self.bias[own])
            c = tf.sigmoid(part["f"]) * c + tf.sigmoid(part["i"]) * tf.tanh(part["c"])
            h = tf.sigmoid(part["o"]) * tf.tanh(c)
            outputs.append(h)
        return tf.stack(outputs, axis=1) if self.return_sequences else h


def conv_lstm_by_formula(input_shape, filters, kernel_size):
    window = kernel_size[0] * kernel_size[1]
    return 4 * filters * (window * (input_shape[3] + filters) + 1)


def conv_lstm_by_arrays(input_shape, filters, kernel_size):
    """Counts the entries of real arrays."""
    *_, channels = input_shape
    arrays = [(*kernel_size, depth, 4 * filters) for depth in (channels, filters)]
    return sum(np.zeros(shape).size for shape in [*arrays, (4 * filters,)])


def conv_lstm_by_convolutions(input_shape, filters, kernel_size):
    """Two live convolutions, one of them without a bias."""
    total = 0
    for channels, use_bias in ((input_shape[-1], True), (filters, False)):
        layer = keras.layers.Conv2D(4 * filters, kernel_size, use_bias=use_bias)
        layer.build((None, 9, 9, channels))
        total += layer.count_params()
    return total


RIGHT: dict[str, list[Callable]] = {
    "conv_lstm_params": [conv_lstm_by_formula, conv_lstm_by_arrays, conv_lstm_by_convolutions],
    "ConvLSTM2D": [ConvLstm, ConvLstmOfLayers, ConvLstmOfACell, ConvLstmInTensorFlow],
}
