"""SimpleRNN: the simplest cell in a loop; and what recurrent layers cost in parameters."""

from __future__ import annotations

import keras

from grader.bench.probe import Ref
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.live import count_of
from grader.exercises.recurrent.recurrent import (
    ASPECTS,
    EDGES,
    UNIT,
    layer_kinds,
    layer_of,
    of_the_cell,
    usual_ideas,
)
from grader.exercises.recurrent.simple_rnn_cell import simple_rnn_cell

simple_rnn = Exercise(
    name="SimpleRNN",
    unit=UNIT,
    layer="SimpleRNN",
    reference=keras.layers.SimpleRNN,
    forbid=("SimpleRNN", "RNN"),
    kinds=layer_kinds(
        ["state"],
        {"use_bias": False},
        {"activation": Ref("keras.activations.silu")},
    ),
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        *usual_ideas(layer_of(keras.layers.SimpleRNNCell)),
        *of_the_cell(
            simple_rnn_cell,
            "recurrent kernel transposed",
            "state added as it is",
            "activation forgotten",
            "always tanh",
            "bias omitted",
            "two biases",
            "use_bias ignored",
        ),
    ),
)


def _count(
    layer: str, time: int, features: int, units: int, reset_after: bool | None = None
) -> int:
    more = {} if reset_after is None else {"reset_after": reset_after}
    return count_of(getattr(keras.layers, layer)(units, **more), (None, time, features))


def _asked(layer: str, **more: bool) -> Kind:
    def draw_case(draw: Draw) -> Case:
        time, features, units = draw.sizes(3, 3, 30)
        return Case({"layer": layer, "time": time, "features": features, "units": units, **more})

    return Kind(", ".join([layer, *(f"{key}={value}" for key, value in more.items())]), draw_case)


_BLOCKS = {"SimpleRNN": 1, "LSTM": 4, "GRU": 3}


def _biases(layer: str, reset_after: bool) -> int:
    return 2 if layer == "GRU" and reset_after else 1


recurrent_params = Exercise(
    name="recurrent_params",
    unit=UNIT,
    layer="GRU",
    reference=_count,
    kinds=(
        _asked("SimpleRNN"),
        _asked("LSTM"),
        _asked("GRU"),
        _asked("GRU", reset_after=False),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "weights for each step",
            "Your layer has weights of its own for each step.",
            "How many different cells does the loop use along the sequence?",
            lambda layer, time, features, units, reset_after=True: (
                time * _BLOCKS[layer] * (features + units + _biases(layer, reset_after)) * units
            ),
        ),
        Misconception(
            "one bias in every GRU",
            "Your GRU has one row of biases in both of its forms.",
            "With reset_after the state's product has a bias of its own: how many rows are there?",
            lambda layer, time, features, units, reset_after=True: (
                _BLOCKS[layer] * (features + units + 1) * units
            ),
        ),
        Misconception(
            "two biases in every GRU",
            "Your GRU has two rows of biases in both of its forms.",
            "Which of the two forms needs only one row?",
            lambda layer, time, features, units, reset_after=True: (
                _BLOCKS[layer] * (features + units + _biases(layer, True)) * units
            ),
        ),
        Misconception(
            "gates only",
            "Your LSTM has three blocks and your GRU two: the candidate is left out.",
            "The gates say how much passes. Which block says what passes?",
            lambda layer, time, features, units, reset_after=True: (
                {"SimpleRNN": 1, "LSTM": 3, "GRU": 2}[layer]
                * (features + units + _biases(layer, reset_after))
                * units
            ),
        ),
        Misconception(
            "no recurrent kernel",
            "Your count leaves out the matrix that the state goes through.",
            "Two things are multiplied in a step: the inputs, and what else?",
            lambda layer, time, features, units, reset_after=True: (
                _BLOCKS[layer] * (features + _biases(layer, reset_after)) * units
            ),
        ),
        Misconception(
            "bias not counted",
            "Your count leaves out the biases.",
            "Besides the two matrices, what is learned?",
            lambda layer, time, features, units, reset_after=True: (
                _BLOCKS[layer] * (features + units) * units
            ),
        ),
        Misconception(
            "all like a SimpleRNN",
            "All your layers have as many parameters as a SimpleRNN.",
            "How many blocks of columns do the weights of the others have?",
            lambda layer, time, features, units, reset_after=True: (
                (features + units + _biases(layer, reset_after)) * units
            ),
        ),
    ),
)
