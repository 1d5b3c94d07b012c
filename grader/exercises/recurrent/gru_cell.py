"""GRUCell: one state, a gate that mixes old with new, and a gate that lets the old be ignored."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.recurrent.cells import (
    ASPECTS,
    EDGES,
    UNIT,
    blocks,
    cell_count,
    hard,
    returning,
    sizes,
    step_case,
    usual_ideas,
)


def _case(draw: Draw, **config: Any) -> Case:
    units = draw.size(3, 5)
    return step_case(draw, {"h": units}, units, **config)


class _Cell(keras.layers.GRUCell):
    """Keras's cell with its parts laid open, so that a wrong idea can change one."""

    order = "zrh"

    def gate(self, total: Any) -> Any:
        return ops.sigmoid(total)

    def candidate(self, x: Any, r: Any, h: Any, kernel: Any, bias: Any) -> Any:
        if self.reset_after:
            return ops.tanh(x + r * (ops.matmul(h, kernel) + bias))
        return ops.tanh(x + ops.matmul(r * h, kernel))

    def mix(self, z: Any, h: Any, new: Any) -> Any:
        return z * h + (1 - z) * new

    def biases(self) -> tuple[Any, Any]:
        if self.reset_after:
            return self.bias[0], self.bias[1]
        return self.bias, ops.zeros_like(self.bias)

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        h = states[0]
        to_inputs, to_state = self.biases()
        x = blocks(ops.matmul(inputs, self.kernel) + to_inputs, self.order)
        kernel, bias = blocks(self.recurrent_kernel, self.order), blocks(to_state, self.order)
        z, r = (self.gate(x[n] + ops.matmul(h, kernel[n]) + bias[n]) for n in "zr")
        new = self.mix(z, h, self.candidate(x["h"], r, h, kernel["h"], bias["h"]))
        return new, [new]


class _ResetFirst(_Cell):
    order = "rzh"


class _OtherWay(_Cell):
    def mix(self, z: Any, h: Any, new: Any) -> Any:
        return (1 - z) * h + z * new


class _BiasOutside(_Cell):
    def candidate(self, x: Any, r: Any, h: Any, kernel: Any, bias: Any) -> Any:
        if not self.reset_after:
            return super().candidate(x, r, h, kernel, bias)
        return ops.tanh(x + r * ops.matmul(h, kernel) + bias)


class _BeforeAlways(_Cell):
    def candidate(self, x: Any, r: Any, h: Any, kernel: Any, bias: Any) -> Any:
        return ops.tanh(x + ops.matmul(r * h, kernel) + bias)


class _AfterAlways(_Cell):
    def candidate(self, x: Any, r: Any, h: Any, kernel: Any, bias: Any) -> Any:
        return ops.tanh(x + r * (ops.matmul(h, kernel) + bias))


class _NoReset(_Cell):
    def candidate(self, x: Any, r: Any, h: Any, kernel: Any, bias: Any) -> Any:
        return ops.tanh(x + ops.matmul(h, kernel) + bias)


class _ResetOnInputs(_Cell):
    def candidate(self, x: Any, r: Any, h: Any, kernel: Any, bias: Any) -> Any:
        return ops.tanh(r * x + ops.matmul(h, kernel) + bias)


class _ResetOnAll(_Cell):
    def candidate(self, x: Any, r: Any, h: Any, kernel: Any, bias: Any) -> Any:
        return ops.tanh(r * (x + ops.matmul(h, kernel) + bias))


class _NoCandidateTanh(_Cell):
    def candidate(self, x: Any, r: Any, h: Any, kernel: Any, bias: Any) -> Any:
        if self.reset_after:
            return x + r * (ops.matmul(h, kernel) + bias)
        return x + ops.matmul(r * h, kernel)


class _HardGates(_Cell):
    def gate(self, total: Any) -> Any:
        return hard(total)


class _HardGatesOfKeras3(_Cell):
    def gate(self, total: Any) -> Any:
        return ops.hard_sigmoid(total)


class _OneBias(_Cell):
    """Its bias is that of the other form: one row."""

    reset_after: Any

    def build(self, input_shape: Any) -> None:
        after, self.reset_after = self.reset_after, False
        super().build(input_shape)
        self.reset_after = after

    def biases(self) -> tuple[Any, Any]:
        return self.bias, ops.zeros_like(self.bias)


class _TwoBiasesAlways(_Cell):
    reset_after: Any

    def build(self, input_shape: Any) -> None:
        after, self.reset_after = self.reset_after, True
        super().build(input_shape)
        self.reset_after = after

    def biases(self) -> tuple[Any, Any]:
        if self.reset_after:
            return self.bias[0], self.bias[1]
        return self.bias[0] + self.bias[1], ops.zeros_like(self.bias[1])


def _single(draw: Draw) -> Case:
    return step_case(draw, {"h": 1}, 1, reset_after=False).with_known_batch()


gru_cell = Exercise(
    name="GRUCell",
    unit=UNIT,
    layer="GRUCell",
    reference=keras.layers.GRUCell,
    forbid=("GRU",),
    kinds=(
        Kind("reset after the product", _case, also=("in_rnn",)),
        Kind("reset before the product", lambda d: _case(d, reset_after=False)),
        Kind("one unit", _single, edge=True, hidden=True),
    ),
    gates=("z", "r", "h"),
    weight_shapes=False,
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "z and r swapped",
            "Your cell reads the reset gate from the first columns and the update gate from the "
            "second.",
            "What is the order of the three blocks of columns in the picture?",
            _ResetFirst,
        ),
        Misconception(
            "update gate the other way",
            "Your cell mixes (1 - z) of the old state with z of the new. Many papers write it "
            "this way; Keras does not.",
            "If z is 1, does Keras's cell keep the old state or take the new one?",
            _OtherWay,
        ),
        Misconception(
            "recurrent bias outside the reset",
            "With reset_after your cell adds the recurrent bias after the reset gate.",
            "What is inside the brackets that r multiplies?",
            _BiasOutside,
        ),
        Misconception(
            "reset_after ignored: always before",
            "Your cell always resets the state before the product.",
            "With reset_after=True, what does r multiply: the state, or its product with the "
            "matrix?",
            _BeforeAlways,
        ),
        Misconception(
            "reset_after ignored: always after",
            "Your cell always resets after the product.",
            "With reset_after=False, what does the state go through first: the gate or the matrix?",
            _AfterAlways,
        ),
        Misconception(
            "reset gate not used",
            "Your candidate does not use the reset gate.",
            "You compute two gates: where do you use the second one?",
            _NoReset,
        ),
        Misconception(
            "inputs reset",
            "Your reset gate works on the inputs, not on the state.",
            "What should the cell be able to ignore: the present input, or the past?",
            _ResetOnInputs,
        ),
        Misconception(
            "everything reset",
            "Your reset gate works on the whole sum, including the inputs.",
            "If the reset gate is closed, should the cell still see its inputs?",
            _ResetOnAll,
        ),
        Misconception(
            "tanh of the candidate forgotten",
            "Your candidate does not go through tanh.",
            "What keeps the state between -1 and 1?",
            _NoCandidateTanh,
        ),
        Misconception(
            "hard_sigmoid of Keras 2",
            "Your gates use the old hard sigmoid, 0.2 x + 0.5, as old versions of Keras did.",
            "Which curve do the gates of Keras 3 use: straight lines with corners, or a smooth "
            "curve?",
            _HardGates,
        ),
        Misconception(
            "hard_sigmoid",
            "Your gates use hard_sigmoid.",
            "Which curve do the gates of Keras 3 use: straight lines with corners, or a smooth "
            "curve?",
            _HardGatesOfKeras3,
        ),
        Misconception(
            "one bias",
            "Your cell has a single row of biases even when reset_after is True.",
            "There the state's product has a bias of its own: why can it not be merged with the "
            "first one?",
            _OneBias,
        ),
        Misconception(
            "always two biases",
            "Your cell has two rows of biases even when reset_after is False.",
            "If two biases are always added together, how many do you need?",
            _TwoBiasesAlways,
        ),
        Misconception(
            "state not in a list",
            "Your cell returns its new state as a tensor. RNN needs a list of states, even if "
            "there is only one.",
            "LSTMCell has two states: how does it return them?",
            returning(_Cell, lambda old, output, new: (output, output)),
        ),
        *usual_ideas(_Cell),
    ),
)


def _count(features: int, units: int, reset_after: bool = True) -> int:
    return cell_count(keras.layers.GRUCell, features, units, reset_after=reset_after)


gru_cell_params = Exercise(
    name="gru_cell_params",
    unit=UNIT,
    layer="GRUCell",
    reference=_count,
    kinds=(
        Kind("reset after", sizes),
        Kind("reset after, other sizes", sizes),
        Kind("reset before", lambda d: sizes(d, reset_after=False)),
        Kind("reset before, other sizes", lambda d: sizes(d, reset_after=False)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "always one bias",
            "Your count has one row of biases in both forms.",
            "With reset_after the state's product has a bias of its own: how many rows are there?",
            lambda features, units, reset_after=True: 3 * (features + units + 1) * units,
        ),
        Misconception(
            "always two biases",
            "Your count has two rows of biases in both forms.",
            "Which of the two forms needs only one row?",
            lambda features, units, reset_after=True: 3 * (features + units + 2) * units,
        ),
        Misconception(
            "two blocks",
            "Your count has two blocks: the candidate is left out.",
            "The two gates say how much passes. Which block says what passes?",
            lambda features, units, reset_after=True: (
                2 * (features + units + 1 + reset_after) * units
            ),
        ),
        Misconception(
            "four blocks",
            "Your count has four blocks, as in an LSTM.",
            "How many blocks of columns does the picture show?",
            lambda features, units, reset_after=True: (
                4 * (features + units + 1 + reset_after) * units
            ),
        ),
        Misconception(
            "bias not counted",
            "Your count leaves out the biases.",
            "Besides the two matrices, what is learned?",
            lambda features, units, reset_after=True: 3 * (features + units) * units,
        ),
    ),
)
