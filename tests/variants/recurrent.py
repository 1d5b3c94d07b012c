"""Right answers to the exercises on recurrent layers, each written in another way."""

from __future__ import annotations

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from tests.variants.cells import (
    Gru,
    GruInTensorFlow,
    Lstm,
    LstmGateByGate,
    LstmOfDense,
    Simple,
    SimpleOfDense,
)


class Rnn(keras.layers.Layer):
    """The textbook way."""

    def __init__(
        self, cell, return_sequences=False, return_state=False, go_backwards=False, **kwargs
    ):
        super().__init__(**kwargs)
        self.cells = cell if isinstance(cell, list) else [cell]
        self.stacked = isinstance(cell, list)
        self.return_sequences, self.return_state = return_sequences, return_state
        self.go_backwards = go_backwards

    def build(self, input_shape):
        width = input_shape[-1]
        for cell in self.cells:
            cell.build((input_shape[0], width))
            width = cell.state_size if isinstance(cell.state_size, int) else cell.state_size[0]

    def compute_mask(self, inputs, mask=None):
        return mask if self.return_sequences else None

    def first(self, cell, batch):
        if hasattr(cell, "get_initial_state"):
            states = cell.get_initial_state(batch_size=batch)
            return list(states) if isinstance(states, (list, tuple)) else [states]
        sizes = cell.state_size if isinstance(cell.state_size, (list, tuple)) else [cell.state_size]
        return [ops.zeros((batch, size)) for size in sizes]

    def begin(self, inputs, initial_state):
        if initial_state is None:
            return [self.first(cell, ops.shape(inputs)[0]) for cell in self.cells]
        return list(initial_state) if self.stacked else [list(initial_state)]

    def step(self, inputs, states):
        new = []
        for cell, state in zip(self.cells, states, strict=True):
            inputs, after = cell(inputs, state)
            new.append(list(after))
        return inputs, new

    def keep(self, real, new, old):
        return ops.where(real, new, old)

    def call(self, inputs, initial_state=None, mask=None):
        states, outputs = self.begin(inputs, initial_state), []
        for t in list(range(inputs.shape[1]))[:: -1 if self.go_backwards else 1]:
            output, new = self.step(inputs[:, t], states)
            if mask is not None:
                real = mask[:, t, None]
                if outputs:
                    output = self.keep(real, output, outputs[-1])
                else:
                    output = self.keep(real, output, ops.zeros_like(output))
                new = [
                    [self.keep(real, a, b) for a, b in zip(*pair, strict=True)]
                    for pair in zip(new, states, strict=True)
                ]
            states = new
            outputs.append(output)
        output = ops.stack(outputs, axis=1) if self.return_sequences else outputs[-1]
        if not self.return_state:
            return output
        return (output, *(states if self.stacked else states[0]))


class RnnByArithmetic(Rnn):
    """The mask as a factor, and a stack whose cells are built when they are called."""

    def build(self, input_shape):
        pass

    def keep(self, real, new, old):
        share = ops.cast(real, new.dtype)
        return share * new + (1.0 - share) * old


class RnnByScan(Rnn):
    """Time first, then tf.scan; the output is carried along with the states."""

    def call(self, inputs, initial_state=None, mask=None):
        sequence = ops.swapaxes(inputs, 0, 1)
        real = ops.ones_like(sequence[..., 0]) > 0 if mask is None else ops.transpose(mask)
        if self.go_backwards:
            sequence, real = ops.flip(sequence, axis=0), ops.flip(real, axis=0)
        states = self.begin(inputs, initial_state)

        def step(carry, now):
            _, before = tf.nest.pack_sequence_as((0, states), carry)
            new = tf.nest.flatten(self.step(now[0], before))
            kept = [ops.where(now[1][:, None], n, o) for n, o in zip(new, carry, strict=True)]
            return kept

        start = tf.nest.flatten((ops.zeros_like(states[-1][0]), states))
        outputs, *last = tf.scan(step, (sequence, real), start)
        states = tf.nest.pack_sequence_as(states, [state[-1] for state in last])
        outputs = ops.swapaxes(outputs, 0, 1) if self.return_sequences else outputs[-1]
        return [outputs, *(states if self.stacked else states[0])] if self.return_state else outputs


class RnnByWhile(Rnn):
    """A loop of TensorFlow, which writes its outputs into an array."""

    def call(self, inputs, initial_state=None, mask=None):
        steps = inputs.shape[1]
        states = self.begin(inputs, initial_state)
        written = tf.TensorArray(inputs.dtype, size=steps)

        def body(count, written, output, states):
            t = steps - 1 - count if self.go_backwards else count
            said, new = self.step(inputs[:, t], states)
            if mask is not None:
                real = tf.expand_dims(mask[:, t], -1)
                said = tf.where(real, said, output)
                new = tf.nest.map_structure(lambda n, o: tf.where(real, n, o), new, states)
            return count + 1, written.write(count, said), said, new

        first = tf.zeros_like(states[-1][0])
        _, written, output, states = tf.while_loop(
            lambda count, *rest: count < steps, body, (0, written, first, states)
        )
        if self.return_sequences:
            output = tf.transpose(written.stack(), (1, 0, 2))
        return [output, *(states if self.stacked else states[0])] if self.return_state else output


class SimpleRnn(Rnn):
    """A cell in the loop from before."""

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        super().__init__(Simple(units, activation, use_bias), **kwargs)


class SimpleRnnOfDense(RnnByArithmetic):
    """A cell of two Dense layers."""

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        super().__init__(SimpleOfDense(units, activation, use_bias), **kwargs)


class LstmLayer(Rnn):
    """A cell in the loop from before."""

    def __init__(self, units, **kwargs):
        super().__init__(Lstm(units), **kwargs)


class LstmByWhile(RnnByWhile):
    """A cell that takes gate by gate, in a loop of TensorFlow."""

    def __init__(self, units, **kwargs):
        super().__init__(LstmGateByGate(units), **kwargs)


class LstmOfSmall(Rnn):
    """A cell of eight Dense layers in the loop from before."""

    def __init__(self, units, **kwargs):
        super().__init__(LstmOfDense(units), **kwargs)


class GruLayer(Rnn):
    """A cell in the loop from before."""

    def __init__(self, units, reset_after=True, **kwargs):
        super().__init__(Gru(units, reset_after), **kwargs)


class GruByScan(RnnByScan):
    """A cell of raw TensorFlow in a scan."""

    def __init__(self, units, reset_after=True, **kwargs):
        super().__init__(GruInTensorFlow(units, reset_after), **kwargs)


class Hoisted(keras.layers.Layer):
    """All products with the inputs at once, before the loop; no cell anywhere."""

    states = 1
    blocks = 1

    def __init__(
        self, units, return_sequences=False, return_state=False, go_backwards=False, **kwargs
    ):
        super().__init__(**kwargs)
        self.units, self.every, self.more = units, return_sequences, return_state
        self.order = slice(None, None, -1 if go_backwards else 1)
        self.supports_masking = True

    def compute_mask(self, inputs, previous_mask=None):
        if not self.every:
            return None
        return [previous_mask] + [None] * self.states if self.more else previous_mask

    def build(self, input_shape):
        columns = self.blocks * self.units
        self.u = self.add_weight(shape=(self.units, columns), initializer="orthogonal")
        self.b = self.add_weight(shape=self.bias_shape(columns), initializer="zeros")
        self.w = self.add_weight(shape=(input_shape[-1], columns))

    def bias_shape(self, columns):
        return (columns,)

    def prepare(self, inputs):
        return ops.einsum("bti,ij->btj", inputs, self.w) + self.b

    def call(self, inputs, initial_state=None, mask=None):
        ready = self.prepare(inputs)[:, self.order]
        states = initial_state or [ops.zeros_like(ready[:, 0, : self.units])] * self.states
        real = None if mask is None else ops.expand_dims(mask, -1)[:, self.order]
        return self.give(*self.loop(ready, tuple(states), real))

    def loop(self, ready, states, real):
        said = ops.zeros_like(states[0])
        outputs = []
        for t in range(ready.shape[1]):
            new = self.step(ready[:, t], *states)
            if real is not None:
                kept = [ops.where(real[:, t], n, o) for n, o in zip(new, states, strict=True)]
                said, new = ops.where(real[:, t], new[0], said), kept
            else:
                said = new[0]
            states = new
            outputs.append(said)
        return ops.stack(outputs, axis=1), list(states)

    def give(self, outputs, states):
        output = outputs if self.every else outputs[:, -1]
        return [output, *states] if self.more else output


class Scanned(Hoisted):
    """tf.scan goes over the steps; the output is carried along, for the masked ones."""

    def loop(self, ready, states, real):
        steps = tf.transpose(ready, (1, 0, 2))
        real = tf.ones_like(ready[..., :1]) > 0 if real is None else real

        def step(carry, now):
            new = self.step(now[0], *carry[1:])
            return tuple(tf.where(now[1], n, o) for n, o in zip((new[0], *new), carry, strict=True))

        start = (tf.zeros_like(states[0]), *states)
        outputs, *states = tf.scan(step, (steps, tf.transpose(real, (1, 0, 2))), start)
        return tf.transpose(outputs, (1, 0, 2)), [state[-1] for state in states]


class SimpleHoisted(Hoisted):
    """One product in each step."""

    def __init__(self, units, activation="tanh", use_bias=True, **kwargs):
        super().__init__(units, **kwargs)
        self.use_bias, self.bend = use_bias, keras.activations.get(activation)

    def build(self, input_shape):
        self.recurrent_kernel = self.add_weight(
            name="recurrent_kernel", shape=(self.units, self.units)
        )
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        self.bias = self.add_weight(name="bias", shape=(self.units,)) if self.use_bias else 0.0

    def prepare(self, inputs):
        return ops.matmul(inputs, self.kernel) + self.bias

    def step(self, ready, h):
        return (self.bend(ready + ops.matmul(h, self.recurrent_kernel)),)


class SimpleScanned(SimpleHoisted, Scanned):
    """The same step in tf.scan."""


class LstmHoisted(Hoisted):
    """Weights without names, in another order."""

    states = 2
    blocks = 4

    def step(self, ready, h, c):
        i, f, g, o = ops.split(ready + ops.matmul(h, self.u), 4, axis=-1)
        c = ops.sigmoid(f) * c + ops.sigmoid(i) * ops.tanh(g)
        return ops.sigmoid(o) * ops.tanh(c), c


class LstmScanned(LstmHoisted, Scanned):
    """The same step in tf.scan."""


class GruHoisted(Hoisted):
    """Both forms in one step."""

    blocks = 3

    def __init__(self, units, reset_after=True, **kwargs):
        super().__init__(units, **kwargs)
        self.after = reset_after

    def bias_shape(self, columns):
        return (2, columns) if self.after else (columns,)

    def prepare(self, inputs):
        return ops.matmul(inputs, self.w) + (self.b[0] if self.after else self.b)

    def step(self, ready, h):
        x = ops.split(ready, 3, axis=-1)
        u = ops.split(self.u, 3, axis=-1)
        b = ops.split(self.b[1], 3) if self.after else [0.0, 0.0, 0.0]
        z, r = (ops.sigmoid(x[n] + ops.matmul(h, u[n]) + b[n]) for n in (0, 1))
        past = r * (ops.matmul(h, u[2]) + b[2]) if self.after else ops.matmul(r * h, u[2])
        return (h + (1 - z) * (ops.tanh(x[2] + past) - h),)


class GruScanned(GruHoisted, Scanned):
    """The same step in tf.scan."""


def shape_by_cases(layer, input_shape, units, return_sequences, return_state):
    batch, time, _ = input_shape
    output = (batch, time, units) if return_sequences else (batch, units)
    if not return_state:
        return output
    return [output, *[(batch, units)] * (2 if layer == "LSTM" else 1)]


def shape_by_asking(layer, input_shape, units, return_sequences, return_state):
    """Asks an array."""
    every = np.zeros((*input_shape[:2], units))
    last = every[:, -1]
    found = [every if return_sequences else last]
    if return_state:
        found += {"LSTM": [last, last]}.get(layer, [last])
    return [list(part.shape) for part in found] if return_state else found[0].shape


def shape_by_lists(layer, input_shape, units, return_sequences, return_state):
    """Lists for tuples, and tuples for lists."""
    states = {"SimpleRNN": 1, "GRU": 1, "LSTM": 2}[layer] * return_state
    output = [*input_shape[: 1 + return_sequences], units]
    return (output, *([input_shape[0], units] for _ in range(states))) if states else output


def params_by_formula(layer, time, features, units, reset_after=True):
    blocks = {"SimpleRNN": 1, "GRU": 3, "LSTM": 4}[layer]
    biases = 2 if layer == "GRU" and reset_after else 1
    return blocks * units * (features + units + biases)


def params_by_arrays(layer, time, features, units, reset_after=True):
    columns = units * ("SimpleRNN", "", "GRU", "LSTM").index(layer) + units
    shapes = [(features, columns), (units, columns), (columns,)]
    if layer == "GRU" and reset_after:
        shapes.append((columns,))
    return sum(np.zeros(shape).size for shape in shapes)


def params_case_by_case(layer, time, features, units, reset_after=True):
    one = features * units + units * units + units
    if layer == "SimpleRNN":
        return one
    if layer == "LSTM":
        return 4 * one
    return 3 * (one + units) if reset_after else 3 * one


RIGHT: dict[str, list[Callable]] = {
    "RNN": [Rnn, RnnByArithmetic, RnnByScan, RnnByWhile],
    "rnn_shape": [shape_by_cases, shape_by_asking, shape_by_lists],
    "recurrent_params": [params_by_formula, params_by_arrays, params_case_by_case],
    "SimpleRNN": [SimpleRnn, SimpleRnnOfDense, SimpleHoisted, SimpleScanned],
    "LSTM": [LstmLayer, LstmHoisted, LstmScanned, LstmByWhile, LstmOfSmall],
    "GRU": [GruLayer, GruByScan, GruHoisted, GruScanned],
}
