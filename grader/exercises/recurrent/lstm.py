"""LSTM: a cell with a carry, and a loop that brings both its states to the end."""

from __future__ import annotations

from typing import Any

import keras

from grader.exercises.exercise import Exercise, Misconception
from grader.exercises.recurrent.lstm_cell import lstm_cell
from grader.exercises.recurrent.recurrent import (
    ASPECTS,
    EDGES,
    UNIT,
    layer_kinds,
    layer_of,
    of_the_cell,
    usual_ideas,
)

_Lstm: Any = layer_of(keras.layers.LSTMCell)


class _Swapped(_Lstm):
    def answer(self, output: Any, states: Any) -> Any:
        return super().answer(output, states[::-1])


class _InitialSwapped(_Lstm):
    def begin(self, inputs: Any, initial_state: Any) -> Any:
        return super().begin(inputs, initial_state)[::-1]


class _CarryLost(_Lstm):
    def hand_on(self, output: Any, new: Any, old: Any) -> Any:
        return [new[0], old[1]]


lstm = Exercise(
    name="LSTM",
    unit=UNIT,
    layer="LSTM",
    reference=keras.layers.LSTM,
    forbid=("LSTM", "RNN"),
    kinds=layer_kinds(["h", "c"]),
    gates=("i", "f", "c", "o"),
    weight_shapes=False,
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        *usual_ideas(_Lstm),
        Misconception(
            "last states as [c, h]",
            "With return_state your layer gives the carry before h.",
            "In which order does the cell return its two states?",
            _Swapped,
        ),
        Misconception(
            "first states read as [c, h]",
            "Your layer reads initial_state as [c, h].",
            "If the states come from another LSTM, in which order are they?",
            _InitialSwapped,
        ),
        Misconception(
            "carry not carried",
            "Your loop carries h on; the carry starts again at each step.",
            "How many states does the next step need?",
            _CarryLost,
        ),
        *of_the_cell(
            lstm_cell,
            "gate order f, i, c, o",
            "gate order i, f, o, c",
            "hard_sigmoid",
            "sigmoid for the candidate",
            "tanh on the output forgotten",
            "forget gate inverted",
            "two biases",
            "c and h swapped",
            "read as (c, h)",
            "returned as [c, h]",
        ),
    ),
)
