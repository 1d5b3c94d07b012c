"""LSTMCell: a state to speak with, a carry to remember with, and three gates between them."""

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
    return step_case(draw, {"h": units, "c": units}, units, **config)


class _Cell(keras.layers.LSTMCell):
    """Keras's cell with its parts laid open, so that a wrong idea can change one."""

    order = "ifco"

    def total(self, inputs: Any, h: Any) -> Any:
        return ops.matmul(inputs, self.kernel) + ops.matmul(h, self.recurrent_kernel) + self.bias

    def gate(self, name: str, total: Any) -> Any:
        return ops.tanh(total) if name == "c" else ops.sigmoid(total)

    def carry(self, gates: dict[str, Any], c: Any) -> Any:
        return gates["f"] * c + gates["i"] * gates["c"]

    def output(self, o: Any, old: Any, new: Any) -> Any:
        return o * ops.tanh(new)

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        h, c = states
        totals = blocks(self.total(inputs, h), self.order)
        gates = {name: self.gate(name, part) for name, part in totals.items()}
        new = self.carry(gates, c)
        output = self.output(gates["o"], c, new)
        return output, [output, new]


class _TwoBiases(_Cell):
    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.other_bias = self.add_weight(name="recurrent_bias", shape=(4 * self.units,))

    def total(self, inputs: Any, h: Any) -> Any:
        return super().total(inputs, h) + self.other_bias


class _ForgetFirst(_Cell):
    order = "fico"


class _CandidateLast(_Cell):
    order = "ifoc"


class _CandidateSecond(_Cell):
    order = "icfo"


class _ForgetInputOutputCandidate(_Cell):
    order = "fioc"


class _HardGates(_Cell):
    def gate(self, name: str, total: Any) -> Any:
        return ops.tanh(total) if name == "c" else hard(total)


class _HardGatesOfKeras3(_Cell):
    def gate(self, name: str, total: Any) -> Any:
        return ops.tanh(total) if name == "c" else ops.hard_sigmoid(total)


class _SigmoidCandidate(_Cell):
    def gate(self, name: str, total: Any) -> Any:
        return ops.sigmoid(total)


class _TanhGates(_Cell):
    def gate(self, name: str, total: Any) -> Any:
        return ops.tanh(total)


class _OneMoreInCall(_Cell):
    def gate(self, name: str, total: Any) -> Any:
        return super().gate(name, total + 1.0 if name == "f" else total)


class _NoTanh(_Cell):
    def output(self, o: Any, old: Any, new: Any) -> Any:
        return o * new


class _OldCarryOut(_Cell):
    def output(self, o: Any, old: Any, new: Any) -> Any:
        return o * ops.tanh(old)


class _TanhOnBoth(_Cell):
    def output(self, o: Any, old: Any, new: Any) -> Any:
        return ops.tanh(o * new)


class _ForgetInverted(_Cell):
    def carry(self, gates: dict[str, Any], c: Any) -> Any:
        return (1 - gates["f"]) * c + gates["i"] * gates["c"]


class _NothingForgotten(_Cell):
    def carry(self, gates: dict[str, Any], c: Any) -> Any:
        return c + gates["i"] * gates["c"]


class _NoInputGate(_Cell):
    def carry(self, gates: dict[str, Any], c: Any) -> Any:
        return gates["f"] * c + gates["c"]


class _Swapped(_Cell):
    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        output, (h, c) = super().call(inputs, list(reversed(states)))
        return output, [c, h]


class _ReadTheOtherWay(_Cell):
    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        return super().call(inputs, list(reversed(states)))


class _OneStateSize(_Cell):
    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.state_size = units


class _ZeroBias(_Cell):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "unit_forget_bias": False})


class _AlwaysOne(_Cell):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "unit_forget_bias": True})


class _OnesElsewhere(_Cell):
    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.bias.assign(ops.roll(self.bias, -self.units))


class _OnesEverywhere(_Cell):
    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if self.unit_forget_bias:
            self.bias.assign(ops.ones_like(self.bias))


def _single(draw: Draw) -> Case:
    return step_case(draw, {"h": 1, "c": 1}, 1, unit_forget_bias=False).with_known_batch()


lstm_cell = Exercise(
    name="LSTMCell",
    unit=UNIT,
    layer="LSTMCell",
    reference=keras.layers.LSTMCell,
    forbid=("LSTM",),
    kinds=(
        Kind("a step", _case, also=("in_rnn", "start")),
        Kind("no unit_forget_bias", lambda d: _case(d, unit_forget_bias=False), also=("start",)),
        Kind("one unit", _single, edge=True, hidden=True),
    ),
    gates=("i", "f", "c", "o"),
    weight_shapes=False,
    aspects={**ASPECTS, "start": 1},
    edges=EDGES,
    misconceptions=(
        Misconception(
            "gate order f, i, c, o",
            "Your cell reads the forget gate from the first columns, as most texts write it.",
            "What is the order of the four blocks of columns in the picture?",
            _ForgetFirst,
        ),
        Misconception(
            "gate order i, f, o, c",
            "Your cell reads the output gate from the third columns and the candidate from the "
            "last.",
            "What is the order of the four blocks of columns in the picture?",
            _CandidateLast,
        ),
        Misconception(
            "gate order i, c, f, o",
            "Your cell reads the candidate from the second columns, as TensorFlow 1 did.",
            "What is the order of the four blocks of columns in the picture?",
            _CandidateSecond,
        ),
        Misconception(
            "gate order f, i, o, c",
            "Your cell reads the gates in the order forget, input, output, candidate.",
            "What is the order of the four blocks of columns in the picture?",
            _ForgetInputOutputCandidate,
        ),
        Misconception(
            "two biases",
            "Your cell has a bias for each of its two products, as PyTorch has.",
            "Both products go into one sum: would a second bias change anything?",
            _TwoBiases,
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
            "sigmoid for the candidate",
            "Your candidate goes through the sigmoid, like the gates: it is never below zero.",
            "A gate says how much passes. The candidate says what passes: may that be negative?",
            _SigmoidCandidate,
        ),
        Misconception(
            "tanh for the gates",
            "Your gates go through tanh, so they can be negative.",
            "What is the least that a gate should let through?",
            _TanhGates,
        ),
        Misconception(
            "1 added at every step",
            "Your cell adds 1 to the forget gate in each call.",
            "unit_forget_bias only says where the bias starts. What changes it after that?",
            _OneMoreInCall,
        ),
        Misconception(
            "tanh on the output forgotten",
            "Your output is the gated carry itself, without tanh.",
            "The carry may grow beyond 1. May the output?",
            _NoTanh,
        ),
        Misconception(
            "tanh after the output gate",
            "Your output gate is inside the tanh.",
            "What does the output gate open: the carry, or what tanh has made of it?",
            _TanhOnBoth,
        ),
        Misconception(
            "old carry in the output",
            "Your output is made from the carry of the step before.",
            "Which of the two carries knows what has just come in?",
            _OldCarryOut,
        ),
        Misconception(
            "forget gate inverted",
            "Your forget gate forgets when it is open.",
            "The gate has an unlucky name: what happens to the carry where f is 1?",
            _ForgetInverted,
        ),
        Misconception(
            "nothing forgotten",
            "Your carry is kept whole: the forget gate is not used.",
            "By what is the old carry multiplied?",
            _NothingForgotten,
        ),
        Misconception(
            "no input gate",
            "Your candidate is added in full: the input gate is not used.",
            "By what is the candidate multiplied before it is added?",
            _NoInputGate,
        ),
        Misconception(
            "c and h swapped",
            "Your cell reads its states as [c, h] and returns them in the same order.",
            "Which of the two comes first: the output h, or the memory c?",
            _Swapped,
        ),
        Misconception(
            "read as (c, h)",
            "Your cell reads its states as [c, h], but returns them as [h, c].",
            "In which order did the step before return them?",
            _ReadTheOtherWay,
        ),
        Misconception(
            "returned as [c, h]",
            "Your cell reads its states as [h, c], but returns them as [c, h].",
            "In which order will the next step read them?",
            returning(_Cell, lambda old, output, new: (output, [new[1], new[0]])),
        ),
        Misconception(
            "carry as output",
            "Your cell gives out its carry.",
            "Which gate decides what leaves the cell?",
            returning(_Cell, lambda old, output, new: (new[1], new)),
        ),
        Misconception(
            "states not in a list",
            "Your cell returns three things: output, h and c. The states must be one list.",
            "A cell returns two things. What is the second?",
            returning(_Cell, lambda old, output, new: (output, *new)),
        ),
        Misconception(
            "state_size of one state",
            "Your `state_size` tells RNN about only one state.",
            "How many states must RNN make before the first step?",
            _OneStateSize,
        ),
        Misconception(
            "forget bias starts at zero",
            "Your forget gate starts half closed: its bias is zero although unit_forget_bias is "
            "True.",
            "In the first steps of training, what does a half-closed forget gate do to the carry?",
            _ZeroBias,
        ),
        Misconception(
            "unit_forget_bias ignored",
            "Your forget gate's bias starts at 1 even when unit_forget_bias is False.",
            "Where does build() use the argument?",
            _AlwaysOne,
        ),
        Misconception(
            "ones in another gate",
            "Your bias starts at 1 in the columns of another gate.",
            "Which quarter of the bias belongs to the forget gate?",
            _OnesElsewhere,
        ),
        Misconception(
            "ones in all gates",
            "Your bias starts at 1 in all its columns.",
            "Only one of the four blocks should start open: which columns are they?",
            _OnesEverywhere,
        ),
        *usual_ideas(_Cell),
    ),
)


def _count(features: int, units: int) -> int:
    return cell_count(keras.layers.LSTMCell, features, units)


lstm_cell_params = Exercise(
    name="lstm_cell_params",
    unit=UNIT,
    layer="LSTMCell",
    reference=_count,
    kinds=(Kind("a cell", sizes), Kind("another one", sizes)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "three gates only",
            "Your count has three blocks: the candidate is left out.",
            "The three gates say how much passes. Which block says what passes?",
            lambda features, units: 3 * (features + units + 1) * units,
        ),
        Misconception(
            "one block",
            "Your count is that of a SimpleRNNCell.",
            "How many blocks of columns does the picture show?",
            lambda features, units: (features + units + 1) * units,
        ),
        Misconception(
            "two biases",
            "Your count has a bias for each of the two products, as in PyTorch.",
            "How many rows does the bias have in the picture?",
            lambda features, units: 4 * (features + units + 2) * units,
        ),
        Misconception(
            "bias not counted",
            "Your count leaves out the biases.",
            "What else does each of the four sums contain?",
            lambda features, units: 4 * (features + units) * units,
        ),
        Misconception(
            "carry has a kernel too",
            "Your count has a matrix for the carry as well.",
            "Does the carry go through a matrix on its way to the next step?",
            lambda features, units: 4 * (features + 2 * units + 1) * units,
        ),
    ),
)
