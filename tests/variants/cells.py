"""Right answers to the exercises on Embedding and on cells, each written in another way."""

from __future__ import annotations

import functools
from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops


class Take(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, input_dim, output_dim, mask_zero=False, **kwargs):
        super().__init__(**kwargs)
        self.input_dim, self.output_dim, self.mask_zero = input_dim, output_dim, mask_zero

    def build(self, input_shape):
        shape = (self.input_dim, self.output_dim)
        self.embeddings = self.add_weight(name="embeddings", shape=shape, initializer="uniform")

    def call(self, inputs):
        return ops.take(self.embeddings, inputs, axis=0)

    def compute_mask(self, inputs, mask=None):
        return ops.not_equal(inputs, 0) if self.mask_zero else None


class OneHotProduct(Take):
    """The lookup as what it is in a formula."""

    def call(self, inputs):
        return ops.matmul(ops.one_hot(inputs, self.input_dim), self.embeddings)

    def compute_mask(self, inputs, previous_mask=None):
        if self.mask_zero:
            return inputs > 0
        return None


class RawTensorFlow(Take):
    """A weight that is made in __init__, without a name."""

    def __init__(self, input_dim, output_dim, mask_zero=False, **kwargs):
        super().__init__(input_dim, output_dim, mask_zero, **kwargs)
        self.table = self.add_weight(shape=(input_dim, output_dim))

    def build(self, input_shape):
        pass

    def call(self, inputs):
        return tf.gather(self.table, inputs)

    def compute_mask(self, inputs, mask=None):
        return ops.cast(inputs, "bool") if self.mask_zero else None


class MaskInCall(Take):
    """Hangs the mask on its output in call, where Keras leaves it."""

    def call(self, inputs):
        outputs = tf.nn.embedding_lookup(self.embeddings.value, inputs)
        if self.mask_zero:
            keras.src.backend.set_keras_mask(outputs, inputs != 0)
        return outputs

    def compute_mask(self, inputs, mask=None):
        return inputs != 0 if self.mask_zero else None


class WordByWord(Take):
    """A sum over the vocabulary; no lookup at all."""

    def call(self, inputs):
        total = 0.0
        for word in range(self.input_dim):
            total = total + ops.cast(inputs == word, "float32")[..., None] * self.embeddings[word]
        return total


def by_a_matrix(words, dim, padding):
    """Counts the entries of a real matrix."""
    return np.zeros((words + 1 if padding else words, dim)).size


def row_by_row(words, dim, padding):
    """One row after the other."""
    return sum(dim for _ in range(0 if padding else 1, words + 1))


def as_product(words, dim, padding):
    """True is 1."""
    return (words + padding) * dim


class Simple(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.use_bias = units, use_bias
        self.activation = keras.activations.get(activation)
        self.state_size = units

    def build(self, input_shape):
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, self.units)
        )
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.units,))

    def call(self, inputs, states):
        total = ops.matmul(inputs, self.kernel) + ops.matmul(states[0], self.recurrent_kernel)
        output = self.activation(total + self.bias if self.use_bias else total)
        return output, [output]


class SimpleInTensorFlow(Simple):
    """Other argument names, a tuple of states, a list of sizes; the weights in another order."""

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        super().__init__(units, activation, use_bias, **kwargs)
        self.state_size = [units]

    def build(self, input_shape):
        self.u = self.add_weight(shape=(self.units, self.units), initializer="orthogonal")
        self.b = self.add_weight(shape=(self.units,)) if self.use_bias else 0.0
        self.w = self.add_weight(shape=(input_shape[-1], self.units))

    def call(self, x, h):
        (before,) = h
        after = self.activation(x @ self.w + before @ self.u + self.b)
        return after, (after,)


class SimpleAsOneProduct(Simple):
    """Inputs and state side by side, the kernels one above the other."""

    def call(self, inputs, states, training=False):
        joined = ops.concatenate([inputs, states[0]], axis=-1)
        kernel = ops.concatenate([self.kernel, self.recurrent_kernel], axis=0)
        total = ops.einsum("bi,ij->bj", joined, kernel)
        output = self.activation(ops.add(total, self.bias) if self.use_bias else total)
        return [output, [output]]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units))]


class SimpleOfDense(keras.layers.Layer):
    """Two Dense layers inside."""

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units = units
        self.inner = keras.layers.Dense(units, use_bias=use_bias)
        self.outer = keras.layers.Dense(units, use_bias=False)
        self.bend = keras.activations.get(activation)

    @property
    def state_size(self):
        return self.units

    def build(self, input_shape):
        self.inner.build(input_shape)
        self.outer.build((None, self.units))

    def call(self, inputs, states):
        output = self.bend(self.inner(inputs) + self.outer(states[0]))
        return output, [output]


def simple_by_formula(features, units, use_bias=True):
    return (features + units + int(use_bias)) * units


def simple_by_arrays(features, units, use_bias=True):
    arrays = [np.zeros((features, units)), np.zeros((units, units))]
    return sum(a.size for a in [*arrays, *([np.zeros(units)] if use_bias else [])])


def simple_by_units(features, units, use_bias=True):
    """4.0 is 4."""
    return float(sum(features + units + bool(use_bias) for _ in range(units)))


class Lstm(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.unit_forget_bias = units, unit_forget_bias
        self.state_size = [units, units]

    def build(self, input_shape):
        columns = 4 * self.units
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], columns))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, columns)
        )
        self.bias = self.add_weight(name="bias", shape=(columns,), initializer=self.first_bias)

    def first_bias(self, shape, dtype=None):
        ones = ops.ones if self.unit_forget_bias else ops.zeros
        zeros = functools.partial(ops.zeros, dtype=dtype)
        u = self.units
        return ops.concatenate([zeros((u,)), ones((u,), dtype=dtype), zeros((2 * u,))])

    def call(self, inputs, states):
        h, c = states
        total = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        i, f, g, o = ops.split(total, 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        h = ops.sigmoid(o) * ops.tanh(c)
        return h, [h, c]


class LstmInTensorFlow(Lstm):
    """Slices, raw TensorFlow, tuples; the bias is assigned after it was made."""

    def build(self, input_shape):
        u = self.units
        self.b = self.add_weight(shape=(4 * u,), initializer="zeros")
        if self.unit_forget_bias:
            self.b.assign(np.repeat([0.0, 1.0, 0.0, 0.0], u))
        self.u = self.add_weight(shape=(u, 4 * u))
        self.w = self.add_weight(shape=(input_shape[-1], 4 * u))

    def call(self, x, states):
        u, (h, c) = self.units, states
        z = tf.nn.bias_add(tf.matmul(x, self.w) + tf.matmul(h, self.u), self.b)
        c = tf.sigmoid(z[:, u : 2 * u]) * c + tf.sigmoid(z[:, :u]) * tf.tanh(z[:, 2 * u : 3 * u])
        h = tf.tanh(c) * tf.sigmoid(z[:, 3 * u :])
        return h, (h, c)


class LstmGateByGate(Lstm):
    """Each gate from columns of its own, in another order."""

    def part(self, index, inputs, h):
        where = slice(index * self.units, (index + 1) * self.units)
        total = ops.einsum("bi,iu->bu", inputs, self.kernel[:, where])
        total = total + ops.einsum("bh,hu->bu", h, self.recurrent_kernel[:, where])
        return total + self.bias[where]

    def call(self, inputs, states, training=None):
        h, c = states[0], states[1]
        o = keras.activations.sigmoid(self.part(3, inputs, h))
        g = keras.activations.tanh(self.part(2, inputs, h))
        f = keras.activations.sigmoid(self.part(1, inputs, h))
        i = keras.activations.sigmoid(self.part(0, inputs, h))
        carry = ops.add(ops.multiply(f, c), ops.multiply(i, g))
        output = ops.multiply(o, keras.activations.tanh(carry))
        return output, [output, carry]


class LstmReshaped(Lstm):
    """The four blocks on an axis of their own, all gates through the sigmoid, tanh from it."""

    def call(self, inputs, states):
        h, c = states
        total = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias
        blocks = ops.reshape(total, (-1, 4, self.units))
        i, f, _, o = ops.unstack(ops.sigmoid(blocks), axis=1)
        c = f * c + i * (2 * ops.sigmoid(2 * blocks[:, 2]) - 1)
        h = o * (2 * ops.sigmoid(2 * c) - 1)
        return h, [h, c]

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units)) for _ in range(2)]


class LstmOfDense(keras.layers.Layer):
    """Eight small Dense layers, two for each gate, in the order of the paper."""

    order = "fico"

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.unit_forget_bias = units, unit_forget_bias
        self.state_size = [units, units]
        first = {"f": "ones"} if unit_forget_bias else {}
        self.hear = {
            gate: keras.layers.Dense(units, bias_initializer=first.get(gate, "zeros"))
            for gate in self.order
        }
        self.recall = {gate: keras.layers.Dense(units, use_bias=False) for gate in self.order}

    def build(self, input_shape):
        for gate in self.order:
            self.hear[gate].build(input_shape)
            self.recall[gate].build((None, self.units))

    def total(self, gate, inputs, h):
        return self.hear[gate](inputs) + self.recall[gate](h)

    def call(self, inputs, states):
        h, c = states
        f, i, o = (ops.sigmoid(self.total(gate, inputs, h)) for gate in "fio")
        c = f * c + i * ops.tanh(self.total("c", inputs, h))
        h = o * ops.tanh(c)
        return h, [h, c]


class LstmOfJoined(LstmOfDense):
    """A Dense layer for each gate, on state and inputs side by side."""

    order = "foic"

    def __init__(self, units, unit_forget_bias=True, **kwargs):
        super().__init__(units, unit_forget_bias, **kwargs)
        self.recall = {}

    def build(self, input_shape):
        for gate in self.order:
            self.hear[gate].build((None, self.units + input_shape[-1]))

    def total(self, gate, inputs, h):
        return self.hear[gate](ops.concatenate([h, inputs], axis=-1))


def lstm_by_formula(features, units):
    return 4 * (features * units + units * units + units)


def lstm_by_arrays(features, units):
    shapes = [(features, 4 * units), (units, 4 * units), (4 * units,)]
    return sum(int(np.prod(shape)) for shape in shapes)


def lstm_by_gates(features, units):
    return sum(simple_by_formula(features, units) for _ in "ifco")


class Gru(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, units, reset_after=True, **kwargs):
        super().__init__(**kwargs)
        self.units, self.reset_after = units, reset_after
        self.state_size = units

    def build(self, input_shape):
        columns = 3 * self.units
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], columns))
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, columns)
        )
        shape = (2, columns) if self.reset_after else (columns,)
        self.bias = self.add_weight(name="bias", shape=shape, initializer="zeros")

    def call(self, inputs, states):
        (h,) = states
        if self.reset_after:
            xz, xr, xh = ops.split(ops.matmul(inputs, self.kernel) + self.bias[0], 3, axis=-1)
            hz, hr, hh = ops.split(ops.matmul(h, self.recurrent_kernel) + self.bias[1], 3, axis=-1)
            z, r = ops.sigmoid(xz + hz), ops.sigmoid(xr + hr)
            new = ops.tanh(xh + r * hh)
        else:
            xz, xr, xh = ops.split(ops.matmul(inputs, self.kernel) + self.bias, 3, axis=-1)
            uz, ur, uh = ops.split(self.recurrent_kernel, 3, axis=-1)
            z, r = ops.sigmoid(xz + ops.matmul(h, uz)), ops.sigmoid(xr + ops.matmul(h, ur))
            new = ops.tanh(xh + ops.matmul(r * h, uh))
        h = z * h + (1 - z) * new
        return h, [h]


class GruInTensorFlow(Gru):
    """Raw TensorFlow, tuples, weights without names."""

    def build(self, input_shape):
        u = self.units
        self.w = self.add_weight(shape=(input_shape[-1], 3 * u))
        self.b = self.add_weight(shape=(2, 3 * u) if self.reset_after else (3 * u,))
        self.u = self.add_weight(shape=(u, 3 * u))

    def call(self, x, states):
        n, h = self.units, states[0]
        bias = tf.convert_to_tensor(self.b)
        first, second = tf.unstack(bias) if self.reset_after else (bias, tf.zeros_like(bias))
        a = x @ self.w + first
        b = h @ self.u + second
        z = tf.nn.sigmoid(a[:, :n] + b[:, :n])
        r = tf.nn.sigmoid(a[:, n : 2 * n] + b[:, n : 2 * n])
        last = b[:, 2 * n :] * r if self.reset_after else (h * r) @ self.u[:, 2 * n :]
        h = h + (1.0 - z) * (tf.tanh(a[:, 2 * n :] + last) - h)
        return h, (h,)


class GruGateByGate(Gru):
    """Columns by name, and helper methods."""

    def columns(self, name):
        index = "zrh".index(name)
        return slice(index * self.units, (index + 1) * self.units)

    def from_inputs(self, name, inputs):
        where = self.columns(name)
        bias = self.bias[0, where] if self.reset_after else self.bias[where]
        return ops.dot(inputs, self.kernel[:, where]) + bias

    def from_state(self, name, h):
        where = self.columns(name)
        product = ops.dot(h, self.recurrent_kernel[:, where])
        return product + self.bias[1, where] if self.reset_after else product

    def call(self, inputs, states, training=False):
        h = states[0]
        z = ops.sigmoid(self.from_inputs("z", inputs) + self.from_state("z", h))
        r = ops.sigmoid(self.from_inputs("r", inputs) + self.from_state("r", h))
        if self.reset_after:
            past = ops.multiply(r, self.from_state("h", h))
        else:
            past = self.from_state("h", ops.multiply(r, h))
        new = ops.tanh(ops.add(self.from_inputs("h", inputs), past))
        mixed = ops.subtract(1, z) * new + z * h
        return mixed, [mixed]


class GruByTimes(Gru):
    """Einsum, and states as RNN may hand them: any sequence of one."""

    def call(self, inputs, states):
        *_, h = states
        bias = self.bias + 0.0  # a plain tensor: ops.stack takes no variable among tensors
        bias = bias if self.reset_after else ops.stack([bias, ops.zeros_like(bias)])
        x = ops.reshape(ops.einsum("bi,ij->bj", inputs, self.kernel) + bias[0], (-1, 3, self.units))
        kernels = ops.reshape(self.recurrent_kernel, (self.units, 3, self.units))
        past = ops.einsum("bh,hgu->bgu", h, kernels) + ops.reshape(bias[1], (3, self.units))
        gates = ops.sigmoid(x[:, :2] + past[:, :2])
        z, r = gates[:, 0], gates[:, 1]
        last = r * past[:, 2] if self.reset_after else ops.matmul(r * h, kernels[:, 2])
        h = ops.where(True, z * h + (1 - z) * ops.tanh(x[:, 2] + last), h)
        return h, [h]


class GruOfWeights(Gru):
    """Weights for each gate, with biases of one row."""

    def build(self, input_shape):
        u, self.parts = self.units, []
        for gate in "rzh":
            shapes = {"w": (input_shape[-1], u), "u": (u, u), "b": (1, u)}
            if self.reset_after:
                shapes["c"] = (1, u)
            self.parts.append(
                {n: self.add_weight(name=f"{n}_{gate}", shape=s) for n, s in shapes.items()}
            )

    def call(self, inputs, states):
        (h,) = states
        r, z, new = self.parts
        z, r = (
            ops.sigmoid(inputs @ g["w"] + g["b"] + h @ g["u"] + g.get("c", 0.0)) for g in (z, r)
        )
        after, before = (r, 1.0) if self.reset_after else (1.0, r)
        past = after * ((before * h) @ new["u"] + new.get("c", 0.0))
        h = z * h + (1 - z) * ops.tanh(inputs @ new["w"] + new["b"] + past)
        return h, [h]


def gru_by_formula(features, units, reset_after=True):
    return 3 * units * (features + units + (2 if reset_after else 1))


def gru_by_arrays(features, units, reset_after=True):
    rows = features + units + 1 + reset_after
    return np.zeros((rows, 3 * units)).size


def gru_by_blocks(features, units, reset_after=True):
    """So is a tensor that holds the number."""
    block = features * units + units**2 + units
    return tf.constant(3 * block + 3 * units * bool(reset_after))


class Memory(keras.layers.Layer):
    """The textbook way."""

    def __init__(self, units, slots, keep=0.9, start=0.0, **kwargs):
        super().__init__(**kwargs)
        self.units, self.slots, self.keep, self.start = units, slots, keep, start
        self.state_size = [units, slots]

    def build(self, input_shape):
        u, s = self.units, self.slots
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], u))
        self.recurrent_kernel = self.add_weight(name="recurrent_kernel", shape=(u, u))
        self.read_kernel = self.add_weight(name="read_kernel", shape=(s, u))
        self.write_kernel = self.add_weight(name="write_kernel", shape=(u, s))
        self.bias = self.add_weight(name="bias", shape=(u,))

    def get_initial_state(self, batch_size=None):
        return [ops.zeros((batch_size, self.units)), ops.full((batch_size, self.slots), self.start)]

    def call(self, inputs, states):
        h, m = states
        total = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel)
        h = ops.tanh(total + ops.matmul(m, self.read_kernel) + self.bias)
        m = self.keep * m + (1 - self.keep) * ops.matmul(h, self.write_kernel)
        return h, [h, m]


class MemoryInTensorFlow(Memory):
    """Raw TensorFlow, weights without names and in another order, tuples."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.state_size = (self.units, self.slots)

    def build(self, input_shape):
        u, s = self.units, self.slots
        self.b = self.add_weight(shape=(u,))
        self.v = self.add_weight(shape=(u, s))
        self.r = self.add_weight(shape=(s, u))
        self.u = self.add_weight(shape=(u, u))
        self.w = self.add_weight(shape=(input_shape[-1], u))

    def get_initial_state(self, batch_size):
        return tf.zeros((batch_size, self.units)), self.start + tf.zeros((batch_size, self.slots))

    def call(self, x, states):
        h = tf.tanh(x @ self.w + states[0] @ self.u + states[1] @ self.r + self.b)
        written = h @ self.v
        return h, (h, written + self.keep * (states[1] - written))


class MemoryAsOneProduct(Memory):
    """Everything that h reads, side by side."""

    def call(self, inputs, states, training=False):
        kernel = ops.concatenate([self.kernel, self.recurrent_kernel, self.read_kernel], axis=0)
        total = ops.einsum("bi,iu->bu", ops.concatenate([inputs, *states], axis=1), kernel)
        h = ops.tanh(ops.add(total, self.bias))
        written = ops.einsum("bu,us->bs", h, self.write_kernel)
        return h, [h, ops.add(self.keep * states[1], (1 - self.keep) * written)]


class MemoryOfDense(Memory):
    """Dense layers inside, and sizes as a property."""

    def __init__(self, units, slots, keep=0.9, start=0.0, **kwargs):
        keras.layers.Layer.__init__(self, **kwargs)
        self.units, self.slots, self.keep, self.start = units, slots, keep, start
        self.hear = keras.layers.Dense(units)
        self.recall = keras.layers.Dense(units, use_bias=False)
        self.read = keras.layers.Dense(units, use_bias=False)
        self.write = keras.layers.Dense(slots, use_bias=False)

    @property
    def state_size(self):
        return [self.units, self.slots]

    def build(self, input_shape):
        self.hear.build(input_shape)
        self.recall.build((None, self.units))
        self.read.build((None, self.slots))
        self.write.build((None, self.units))

    def call(self, inputs, states):
        h, m = states
        h = ops.tanh(self.hear(inputs) + self.recall(h) + self.read(m))
        return h, [h, self.keep * m + self.write(h) * (1 - self.keep)]


def shapes_as_tuples(batch, time, units, slots, return_sequences):
    output = (batch, time, units) if return_sequences else (batch, units)
    return [output, (batch, units), (batch, slots)]


def shapes_as_lists(batch, time, units, slots, return_sequences):
    return [[batch, *([time] if return_sequences else []), units], [batch, units], [batch, slots]]


def shapes_by_arrays(batch, time, units, slots, return_sequences):
    outputs = np.zeros((batch, time, units))
    last = outputs[:, -1]
    given = outputs if return_sequences else last
    return given.shape, last.shape, np.zeros((batch, slots)).shape


RIGHT: dict[str, list[Callable]] = {
    "Embedding": [Take, OneHotProduct, RawTensorFlow, MaskInCall, WordByWord],
    "embedding_params": [by_a_matrix, row_by_row, as_product],
    "SimpleRNNCell": [Simple, SimpleInTensorFlow, SimpleAsOneProduct, SimpleOfDense],
    "simple_rnn_cell_params": [simple_by_formula, simple_by_arrays, simple_by_units],
    "LSTMCell": [Lstm, LstmInTensorFlow, LstmGateByGate, LstmReshaped, LstmOfDense, LstmOfJoined],
    "lstm_cell_params": [lstm_by_formula, lstm_by_arrays, lstm_by_gates],
    "GRUCell": [Gru, GruInTensorFlow, GruGateByGate, GruByTimes, GruOfWeights],
    "gru_cell_params": [gru_by_formula, gru_by_arrays, gru_by_blocks],
    "MemoryCell": [Memory, MemoryInTensorFlow, MemoryAsOneProduct, MemoryOfDense],
    "memory_cell_shapes": [shapes_as_tuples, shapes_as_lists, shapes_by_arrays],
}
