"""Right answers to the exercises on layers around layers and on ConvLSTM2D, each another way."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable
from typing import ClassVar

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class GoBackwards(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, layer, merge_mode="concat", **kwargs):
        super().__init__(**kwargs)
        self.merge_mode = merge_mode
        self.forward_layer = layer
        self.backward_layer = type(layer).from_config(layer.get_config() | {"go_backwards": True})
        self.supports_masking = True

    def build(self, input_shape):
        self.forward_layer.build(input_shape)
        self.backward_layer.build(input_shape)

    def call(self, sequences, mask=None):
        y = self.forward_layer(sequences, mask=mask)
        y_rev = self.backward_layer(sequences, mask=mask)
        if self.forward_layer.return_sequences:
            y_rev = ops.flip(y_rev, axis=1)
            if mask is not None:
                y, y_rev = (ops.where(mask[:, :, None], part, 0.0) for part in (y, y_rev))
        if self.merge_mode == "concat":
            return ops.concatenate([y, y_rev], axis=-1)
        if self.merge_mode == "sum":
            return y + y_rev
        if self.merge_mode == "mul":
            return y * y_rev
        if self.merge_mode == "ave":
            return (y + y_rev) / 2
        return y, y_rev

    def compute_mask(self, inputs, mask=None):
        if not self.forward_layer.return_sequences:
            return None
        return mask if self.merge_mode else (mask, mask)


class TurnsInputs(keras.layers.Layer):
    """Two copies that both read forwards; the inputs are turned round; joined by Keras's layers."""

    joiners: ClassVar = {
        "concat": keras.layers.Concatenate,
        "sum": keras.layers.Add,
        "mul": keras.layers.Multiply,
        "ave": keras.layers.Average,
    }

    def __init__(self, layer, merge_mode="concat"):
        super().__init__()
        recipe = keras.layers.serialize(layer)
        self.one, self.other = (keras.layers.deserialize(recipe) for _ in range(2))
        self.all = layer.return_sequences
        self.joiner = self.joiners[merge_mode]() if merge_mode else list

    def call(self, x, mask=None):
        if mask is None:
            a, b = self.one(x), self.other(x[:, ::-1])
        else:
            a, b = self.one(x, mask=mask), self.other(x[:, ::-1], mask=mask[:, ::-1])
        b = b[:, ::-1] if self.all else b
        if mask is not None and self.all:
            a, b = (ops.where(mask[..., None], part, 0) for part in (a, b))
        return self.joiner([a, b])

    def compute_mask(self, x, mask=None):
        return [mask] * 2 if self.all else None


class BackFirst(keras.layers.Layer):
    """The way back is made first, by a deep copy, and the layers inside skip what is masked."""

    def __init__(self, layer, merge_mode="concat", **kwargs):
        super().__init__(**kwargs)
        self.back = copy.deepcopy(layer)
        self.back.go_backwards = True
        self.there = copy.deepcopy(layer)
        self.merge_mode, self.sequences = merge_mode, layer.return_sequences
        for one in (self.back, self.there):
            one.zero_output_for_mask = self.sequences

    def build(self, input_shape):
        self.back.build(input_shape)
        self.there.build(input_shape)

    def call(self, inputs, mask=None):
        back, there = self.back(inputs, mask=mask), self.there(inputs, mask=mask)
        if self.sequences:
            back = tf.reverse(back, axis=[1])
        if self.merge_mode is None:
            return [there, back]
        return {
            "concat": lambda: tf.concat([there, back], -1),
            "sum": lambda: tf.add(there, back),
            "mul": lambda: tf.multiply(there, back),
            "ave": lambda: 0.5 * (there + back),
        }[self.merge_mode]()

    def compute_mask(self, inputs, mask=None):
        return [mask, mask] if self.sequences and mask is not None else None


class OneStack(GoBackwards):
    """Both outputs in one array, with an axis of two."""

    def call(self, sequences, mask=None):
        both = [self.forward_layer(sequences, mask=mask), self.backward_layer(sequences, mask=mask)]
        if self.forward_layer.return_sequences:
            both[1] = ops.take(both[1], list(range(sequences.shape[1] - 1, -1, -1)), axis=1)
        both = ops.stack(both)
        if mask is not None and self.forward_layer.return_sequences:
            both = both * ops.cast(mask, "float32")[None, :, :, None]
        if self.merge_mode is None:
            return ops.unstack(both)
        if self.merge_mode == "concat":
            axes = [*range(1, len(both.shape) - 1), 0, len(both.shape) - 1]
            shape = ops.shape(both)
            return ops.reshape(ops.transpose(both, axes), (*shape[1:-1], 2 * both.shape[-1]))
        joins = {"sum": ops.sum, "mul": ops.prod, "ave": ops.mean}
        return joins[self.merge_mode](both, axis=0)


def bidirectional_by_cases(time, units, return_sequences, merge_mode="concat"):
    width = 2 * units if merge_mode == "concat" else units
    shape = (None, time, width) if return_sequences else (None, width)
    return shape if merge_mode else [shape, shape]


def bidirectional_by_arrays(time, units, return_sequences, merge_mode="concat"):
    """Joins real arrays, and takes the batch axis off."""
    one = np.ones((1, time, units) if return_sequences else (1, units))
    if merge_mode is None:
        return [(None, *one.shape[1:])] * 2
    joined = np.concatenate([one, one], axis=-1) if merge_mode == "concat" else one + one
    return (None, *joined.shape[1:])


def bidirectional_as_lists(time, units, return_sequences, merge_mode="concat"):
    """Lists for tuples."""
    shape = [None] + [time] * return_sequences + [units * (1 + (merge_mode == "concat"))]
    return [shape, shape] if merge_mode is None else shape


class StepByStep(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, layer, **kwargs):
        super().__init__(**kwargs)
        self.layer = layer
        self.supports_masking = True

    def build(self, input_shape):
        if not self.layer.built:
            self.layer.build((input_shape[0], *input_shape[2:]))

    def call(self, inputs, mask=None):
        takes = mask is not None and "mask" in inspect.signature(self.layer.call).parameters
        outputs = []
        for time in range(inputs.shape[1]):
            more = {"mask": mask[:, time]} if takes else {}
            outputs.append(self.layer(inputs[:, time], **more))
        return ops.stack(outputs, axis=1)


class AllInTheBatch(keras.layers.Wrapper):
    """Steps as samples, and back again; built by the wrapper of Keras."""

    def build(self, input_shape):
        super().build((input_shape[0], *input_shape[2:]))

    def call(self, inputs, mask=None):
        steps = inputs.shape[1]
        flat = ops.reshape(inputs, (-1, *inputs.shape[2:]))
        try:
            outputs = self.layer(flat, mask=None if mask is None else ops.reshape(mask, (-1,)))
        except TypeError:
            outputs = self.layer(flat)
        return ops.reshape(outputs, (-1, steps, *outputs.shape[1:]))

    def compute_mask(self, inputs, mask=None):
        return mask


class ByTensorFlow(StepByStep):
    """A map of TensorFlow's over the steps."""

    def call(self, inputs, mask=None):
        by_time = tf.transpose(inputs, [1, 0, *range(2, len(inputs.shape))])
        if mask is None or not self.layer._call_has_mask_arg:
            outputs = tf.stack([self.layer(step) for step in tf.unstack(by_time)])
        else:
            pairs = zip(tf.unstack(by_time), tf.unstack(mask, axis=1), strict=True)
            outputs = tf.stack([self.layer(step, mask=part) for step, part in pairs])
        return tf.transpose(outputs, [1, 0, *range(2, len(outputs.shape))])


class WithLengthsOne(StepByStep):
    """Cuts the steps out with an axis of length one, and joins along it."""

    def call(self, inputs, mask=None):
        steps = range(inputs.shape[1])
        parts = ops.split(inputs, len(steps), axis=1)
        takes = "mask" in inspect.signature(self.layer.call).parameters
        outputs = [
            self.layer(
                ops.squeeze(part, 1),
                **({"mask": mask[:, t]} if takes and mask is not None else {}),
            )
            for t, part in zip(steps, parts, strict=True)
        ]
        return ops.concatenate([ops.expand_dims(output, 1) for output in outputs], axis=1)


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


def time_distributed_by_arithmetic(frames, rows, columns, filters, kernel_size):
    return (None, frames, rows - kernel_size + 1, columns - kernel_size + 1, filters)


def time_distributed_by_windows(frames, rows, columns, filters, kernel_size):
    """Counts the places of the window, as a list."""
    places = [len(range(kernel_size, length + 1)) for length in (rows, columns)]
    return [None, frames, *places, filters]


def time_distributed_by_one_frame(frames, rows, columns, filters, kernel_size):
    """Asks the layer about one frame, and puts the time back."""
    frame = keras.KerasTensor((None, rows, columns, 1))
    _, *rest = keras.layers.Conv2D(filters, kernel_size)(frame).shape
    return (None, frames, *rest)


RIGHT: dict[str, list[Callable]] = {
    "bidirectional_shape": [
        bidirectional_by_cases,
        bidirectional_by_arrays,
        bidirectional_as_lists,
    ],
    "Bidirectional": [GoBackwards, TurnsInputs, BackFirst, OneStack],
    "TimeDistributed": [StepByStep, AllInTheBatch, ByTensorFlow, WithLengthsOne],
    "time_distributed_shape": [
        time_distributed_by_arithmetic,
        time_distributed_by_windows,
        time_distributed_by_one_frame,
    ],
    "conv_lstm_params": [conv_lstm_by_formula, conv_lstm_by_arrays, conv_lstm_by_convolutions],
    "ConvLSTM2D": [ConvLstm, ConvLstmOfLayers, ConvLstmOfACell, ConvLstmInTensorFlow],
}
