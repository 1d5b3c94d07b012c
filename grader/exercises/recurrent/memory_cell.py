"""A cell of the student's own: two states of different sizes, one fast and one slow.

What AbstractRNNCell was in TensorFlow 2 is a plain layer in Keras 3: `state_size`,
`call(inputs, states) -> (output, new_states)` and, where zeros will not do, `get_initial_state`.
The reference is such a layer; a test holds it against `tf_keras.layers.AbstractRNNCell`.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.recurrent.cells import (
    ASPECTS,
    EDGES,
    UNIT,
    no_state_size,
    returning,
    step_case,
)


class MemoryCell(keras.layers.Layer):
    """A simple cell that reads from a slow memory m, and writes to it.

    h' = tanh(x W + h U + m R + b) is the output; m' = keep * m + (1 - keep) * h' V. Before the
    first step h is 0 and m is `start`. Shapes: x (batch, features), h (batch, units), m (batch,
    slots). An Elman network (1990) with the decaying context units of Jordan (1986) and Mozer
    (1989).
    """

    def __init__(
        self, units: int, slots: int, keep: float = 0.9, start: float = 0.0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.slots, self.keep, self.start = units, slots, keep, start
        self.state_size: Any = [units, slots]

    def build(self, input_shape: Any) -> None:
        """Make the four matrices and the bias."""
        units, slots = self.units, self.slots
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], units))
        self.recurrent_kernel = self.add_weight(name="recurrent_kernel", shape=(units, units))
        self.read_kernel = self.add_weight(name="read_kernel", shape=(slots, units))
        self.write_kernel = self.add_weight(name="write_kernel", shape=(units, slots))
        self.bias = self.add_weight(name="bias", shape=(units,), initializer="zeros")

    def speak(self, inputs: Any, h: Any, m: Any) -> Any:
        """The new h."""
        total = ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel)
        return ops.tanh(total + ops.matmul(m, self.read_kernel) + self.bias)

    def remember(self, h: Any, m: Any, old: Any) -> Any:
        """The new m, from the new h (and the old one, which it does not need)."""
        return self.keep * m + (1 - self.keep) * ops.matmul(h, self.write_kernel)

    def call(self, inputs: Any, states: Any) -> Any:
        """One step."""
        old, m = states
        h = self.speak(inputs, old, m)
        return h, [h, self.remember(h, m, old)]

    def get_initial_state(self, batch_size: Any = None) -> Any:
        """The states before the first step."""
        return [
            ops.zeros((batch_size, self.units), dtype=self.compute_dtype),
            ops.full((batch_size, self.slots), self.start, dtype=self.compute_dtype),
        ]


def _case(draw: Draw, **config: Any) -> Case:
    units, slots = draw.sizes(2, 3, 6)
    return step_case(draw, {"h": units, "m": slots}, units, slots=slots, **config)


class _OldWritten(MemoryCell):
    def remember(self, h: Any, m: Any, old: Any) -> Any:
        return super().remember(old, m, old)


class _MemoryFirst(MemoryCell):
    def call(self, inputs: Any, states: Any) -> Any:
        old, m = states
        m = self.remember(old, m, old)
        h = self.speak(inputs, old, m)
        return h, [h, m]


class _KeepOtherWay(MemoryCell):
    def remember(self, h: Any, m: Any, old: Any) -> Any:
        return (1 - self.keep) * m + self.keep * ops.matmul(h, self.write_kernel)


class _NothingKept(MemoryCell):
    def remember(self, h: Any, m: Any, old: Any) -> Any:
        return ops.matmul(h, self.write_kernel)


class _AddedUp(MemoryCell):
    def remember(self, h: Any, m: Any, old: Any) -> Any:
        return self.keep * m + ops.matmul(h, self.write_kernel)


class _NotRead(MemoryCell):
    def speak(self, inputs: Any, h: Any, m: Any) -> Any:
        return super().speak(inputs, h, ops.zeros_like(m))


class _ReadTheOtherWay(MemoryCell):
    def call(self, inputs: Any, states: Any) -> Any:
        return super().call(inputs, list(reversed(states)))


class _StartsEmpty(MemoryCell):
    def get_initial_state(self, batch_size: Any = None) -> Any:
        return [ops.zeros((batch_size, size)) for size in (self.units, self.slots)]


class _StartsFull(MemoryCell):
    def get_initial_state(self, batch_size: Any = None) -> Any:
        return [ops.full((batch_size, size), self.start) for size in (self.units, self.slots)]


class _SampleBySample(MemoryCell):
    def call(self, inputs: Any, states: Any) -> Any:
        old, m = states
        one = [slice(i, i + 1) for i in range(inputs.shape[0])]
        h = ops.concatenate([self.speak(inputs[i], old[i], m[i]) for i in one], axis=0)
        return h, [h, self.remember(h, m, old)]


class _TanhOnMemory(MemoryCell):
    def remember(self, h: Any, m: Any, old: Any) -> Any:
        return ops.tanh(super().remember(h, m, old))


def _single(draw: Draw) -> Case:
    return step_case(draw, {"h": 1, "m": 1}, 1, slots=1, keep=0.0, start=0.0).with_known_batch()


memory_cell = Exercise(
    name="MemoryCell",
    unit=UNIT,
    layer="AbstractRNNCell",
    reference=MemoryCell,
    kinds=(
        Kind("the memory begins full", lambda d: _case(d, keep=0.7, start=0.6), also=("in_rnn",)),
        Kind("keep and start left out", _case, also=("in_rnn",)),
        Kind("one unit", _single, edge=True, hidden=True),
    ),
    aspects=ASPECTS,
    edges={
        **EDGES,
        "slots: 1": given("slots", 1),
        "keep: 0": given("keep", 0.0),
        "start: 0": given("start", 0.0),
    },
    misconceptions=(
        Misconception(
            "writes the old h",
            "Your memory stores the h of the step before.",
            "Which h knows what has just come in?",
            _OldWritten,
        ),
        Misconception(
            "memory changed first",
            "Your cell changes its memory first and then reads the changed one.",
            "Look at the picture: which happens first in a step, reading or writing?",
            _MemoryFirst,
        ),
        Misconception(
            "keep the other way round",
            "Your memory keeps a share of 1 - keep; the share should be keep.",
            "If keep is nearly 1, should the memory change fast or slowly?",
            _KeepOtherWay,
        ),
        Misconception(
            "nothing kept",
            "Your memory is overwritten at each step: nothing of the old one is kept.",
            "Where does the old m appear in the formula for the new one?",
            _NothingKept,
        ),
        Misconception(
            "written in full",
            "Your memory adds the new value in full, without the factor 1 - keep.",
            "The two shares of a mixture sum to 1: what is the second share?",
            _AddedUp,
        ),
        Misconception(
            "memory not read",
            "Your h does not use the memory.",
            "How many terms does the sum inside tanh have?",
            _NotRead,
        ),
        Misconception(
            "tanh on the memory",
            "Your memory goes through tanh.",
            "Is there an activation in the second formula?",
            _TanhOnMemory,
        ),
        Misconception(
            "states swapped",
            "Your cell returns its states as [m, h].",
            "In which order does your next step read them from the list?",
            returning(MemoryCell, lambda old, output, new: (output, [new[1], new[0]])),
        ),
        Misconception(
            "read as [m, h]",
            "Your cell takes the memory for the first of its two states.",
            "In which order does the exercise name the two states?",
            _ReadTheOtherWay,
        ),
        Misconception(
            "gives the memory out",
            "Your cell's output is its memory.",
            "Which of the two states is also the cell's output?",
            returning(MemoryCell, lambda old, output, new: (new[1], new)),
        ),
        Misconception(
            "old states returned",
            "Your cell returns the states that it got.",
            "What has this step just computed that the next step needs?",
            returning(MemoryCell, lambda old, output, new: (output, list(old))),
        ),
        Misconception(
            "state_size missing",
            "Your cell does not tell RNN about both its states: `state_size` is missing, or is "
            "not two sizes.",
            "RNN makes the states before the first step: how many, and how large?",
            no_state_size(MemoryCell),
        ),
        Misconception(
            "memory begins empty",
            "In RNN your memory always begins with zeros and ignores `start`.",
            "Which method does RNN call to get the states before the first step?",
            _StartsEmpty,
        ),
        Misconception(
            "h begins full",
            "In RNN both your states begin at `start`.",
            "To which of the two states does `start` belong?",
            _StartsFull,
        ),
        Misconception(
            "loops over the batch",
            "Your cell loops over the samples, which fails when their number is not known yet.",
            "Can you write the formula for all samples at once?",
            _SampleBySample,
        ),
    ),
)


def _shapes(batch: int, time: int, units: int, slots: int, return_sequences: bool) -> Any:
    cell = MemoryCell(units, slots)
    layer = keras.layers.RNN(cell, return_sequences=return_sequences, return_state=True)
    return [tuple(part.shape) for part in layer(keras.KerasTensor((batch, time, 2)))]


def _asked(draw: Draw, return_sequences: bool) -> Case:
    names = ("batch", "time", "units", "slots")
    found = dict(zip(names, draw.sizes(4, 2, 12), strict=True))
    return Case({**found, "return_sequences": return_sequences})


memory_cell_shapes = Exercise(
    name="memory_cell_shapes",
    unit=UNIT,
    layer="AbstractRNNCell",
    reference=_shapes,
    kinds=(
        Kind("the last output", lambda d: _asked(d, False)),
        Kind("all outputs", lambda d: _asked(d, True)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "always the last output",
            "Your output has no time axis even when return_sequences is True.",
            "If the output of every step is kept, how many are there for each sample?",
            lambda batch, time, units, slots, return_sequences: [
                (batch, units),
                (batch, units),
                (batch, slots),
            ],
        ),
        Misconception(
            "always all outputs",
            "Your output has a time axis even when only the last output is returned.",
            "If only the last output is kept, how many are there for each sample?",
            lambda batch, time, units, slots, return_sequences: [
                (batch, time, units),
                (batch, units),
                (batch, slots),
            ],
        ),
        Misconception(
            "states with a time axis",
            "Your states have a time axis: one for each step.",
            "Does RNN return every state, or only those after the last step?",
            lambda batch, time, units, slots, return_sequences: (
                [(batch, time, units), (batch, time, units), (batch, time, slots)]
                if return_sequences
                else [(batch, units), (batch, units), (batch, slots)]
            ),
        ),
        Misconception(
            "states swapped",
            "Your shapes have the memory before h.",
            "In which order does the cell list its states?",
            lambda batch, time, units, slots, return_sequences: [
                (batch, time, units) if return_sequences else (batch, units),
                (batch, slots),
                (batch, units),
            ],
        ),
        Misconception(
            "states in one",
            "You return a single state that is as wide as both states.",
            "How many states does the cell have?",
            lambda batch, time, units, slots, return_sequences: [
                (batch, time, units) if return_sequences else (batch, units),
                (batch, units + slots),
            ],
        ),
        Misconception(
            "output as wide as both states",
            "Your output is as wide as both states together.",
            "Which of the two states is the cell's output?",
            lambda batch, time, units, slots, return_sequences: [
                (batch, time, units + slots) if return_sequences else (batch, units + slots),
                (batch, units),
                (batch, slots),
            ],
        ),
    ),
)
