"""SimpleRNNCell: one step that mixes what comes in with what was there before."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.bench.probe import Ref
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.recurrent.cells import (
    ASPECTS,
    EDGES,
    UNIT,
    cell_count,
    returning,
    sizes,
    step_case,
    usual_ideas,
)


def _case(draw: Draw, **config: Any) -> Case:
    units = draw.size(3, 6)
    return step_case(draw, {"h": units}, units, **config)


class _Cell(keras.layers.SimpleRNNCell):
    """Keras's cell with its two terms laid open, so that a wrong idea can change one."""

    def from_inputs(self, inputs: Any) -> Any:
        outputs = ops.matmul(inputs, self.kernel)
        return outputs if self.bias is None else outputs + self.bias

    def from_state(self, state: Any) -> Any:
        return ops.matmul(state, self.recurrent_kernel)

    def both(self, inputs: Any, state: Any) -> Any:
        return self.activation(self.from_inputs(inputs) + self.from_state(state))

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        output = self.both(inputs, states[0])
        return output, [output]


class _NoState(_Cell):
    def from_state(self, state: Any) -> Any:
        return 0.0


class _TransposedState(_Cell):
    def from_state(self, state: Any) -> Any:
        return ops.matmul(state, ops.transpose(self.recurrent_kernel))


class _BareState(_Cell):
    def from_state(self, state: Any) -> Any:
        return state


class _StateAfterActivation(_Cell):
    def both(self, inputs: Any, state: Any) -> Any:
        return self.activation(self.from_inputs(inputs)) + self.from_state(state)


class _NoActivation(_Cell):
    def both(self, inputs: Any, state: Any) -> Any:
        return self.from_inputs(inputs) + self.from_state(state)


class _AlwaysTanh(_Cell):
    def both(self, inputs: Any, state: Any) -> Any:
        return ops.tanh(self.from_inputs(inputs) + self.from_state(state))


class _NoBias(_Cell):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "use_bias": False})


class _TwoBiases(_Cell):
    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if self.use_bias:
            self.other_bias = self.add_weight(name="recurrent_bias", shape=(self.units,))

    def from_state(self, state: Any) -> Any:
        product = super().from_state(state)
        return product + self.other_bias if self.use_bias else product


class _AlwaysBias(_Cell):
    def __init__(self, *args: Any, use_bias: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, use_bias=True, **kwargs)


def _single(draw: Draw) -> Case:
    return step_case(
        draw, {"h": 1}, 1, activation=Ref("keras.activations.silu"), use_bias=False
    ).with_known_batch()


simple_rnn_cell = Exercise(
    name="SimpleRNNCell",
    unit=UNIT,
    layer="SimpleRNNCell",
    reference=keras.layers.SimpleRNNCell,
    forbid=("SimpleRNN",),
    kinds=(
        Kind("a step", _case, also=("in_rnn",)),
        Kind("another activation", lambda d: _case(d, activation=Ref("keras.activations.silu"))),
        Kind("no bias", lambda d: _case(d, use_bias=False)),
        Kind("one unit", _single, edge=True, hidden=True),
    ),
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "state not in a list",
            "Your cell returns its new state as a tensor. RNN needs a list of states, even if "
            "there is only one.",
            "LSTMCell has two states: how does it return them?",
            returning(_Cell, lambda old, output, new: (output, output)),
        ),
        Misconception(
            "state not used",
            "Your cell does not use its state: the output depends only on the inputs.",
            "Which of the two terms makes this layer recurrent?",
            _NoState,
        ),
        Misconception(
            "recurrent kernel transposed",
            "Your cell uses its recurrent kernel transposed.",
            "The matrix is square, so both ways fit. On which side of @ is the state in h @ U?",
            _TransposedState,
        ),
        Misconception(
            "state added as it is",
            "Your cell adds the old state itself, without its kernel.",
            "You made two matrices: where do you use the second one?",
            _BareState,
        ),
        Misconception(
            "state after the activation",
            "Your cell adds the state's term after the activation.",
            "Can the output of this cell be larger than 1 if the activation is tanh?",
            _StateAfterActivation,
        ),
        Misconception(
            "activation forgotten",
            "Your cell never applies its activation.",
            "What keeps the state from growing step by step?",
            _NoActivation,
        ),
        Misconception(
            "always tanh",
            "Your cell always uses tanh and ignores activation.",
            "Where does your call() use the argument activation?",
            _AlwaysTanh,
        ),
        Misconception(
            "bias omitted",
            "Your cell never adds a bias, although use_bias is True.",
            "What does the sum contain besides the two products?",
            _NoBias,
        ),
        Misconception(
            "two biases",
            "Your cell has a bias for each of its two products, as PyTorch has.",
            "Both products go into one sum: would a second bias change anything?",
            _TwoBiases,
        ),
        Misconception(
            "use_bias ignored",
            "Your cell makes a bias even when use_bias is False.",
            "What should build() leave out when use_bias is False?",
            _AlwaysBias,
        ),
        *usual_ideas(_Cell),
    ),
)


def _count(features: int, units: int, use_bias: bool = True) -> int:
    return cell_count(keras.layers.SimpleRNNCell, features, units, use_bias=use_bias)


simple_rnn_cell_params = Exercise(
    name="simple_rnn_cell_params",
    unit=UNIT,
    layer="SimpleRNNCell",
    reference=_count,
    kinds=(
        Kind("with a bias", sizes),
        Kind("with a bias, other sizes", sizes),
        Kind("without a bias", lambda d: sizes(d, use_bias=False)),
        Kind("without a bias, other sizes", lambda d: sizes(d, use_bias=False)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "no recurrent kernel",
            "Your count leaves out the matrix that the state goes through.",
            "Two things are multiplied in a step: the inputs, and what else?",
            lambda features, units, use_bias=True: features * units + units * use_bias,
        ),
        Misconception(
            "bias not counted",
            "Your count leaves out the bias.",
            "Besides the two matrices, what is learned?",
            lambda features, units, use_bias=True: (features + units) * units,
        ),
        Misconception(
            "use_bias ignored",
            "Your count has a bias even when use_bias is False.",
            "What is left of the formula when there is no bias?",
            lambda features, units, use_bias=True: (features + units + 1) * units,
        ),
        Misconception(
            "two biases",
            "Your count has a bias for each of the two products.",
            "Both products are added: would a second bias change anything?",
            lambda features, units, use_bias=True: (features + units + 2 * use_bias) * units,
        ),
        Misconception(
            "state as wide as the inputs",
            "Your count has a recurrent kernel of shape (features, units).",
            "How long is the state that comes back as an input?",
            lambda features, units, use_bias=True: (2 * features + use_bias) * units,
        ),
    ),
)
