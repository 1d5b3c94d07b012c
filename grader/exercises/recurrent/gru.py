"""GRU: one state, two gates, two forms, in a loop."""

from __future__ import annotations

from typing import Any

import keras

from grader.exercises.exercise import Exercise
from grader.exercises.recurrent.gru_cell import gru_cell
from grader.exercises.recurrent.recurrent import (
    ASPECTS,
    EDGES,
    UNIT,
    layer_kinds,
    layer_of,
    of_the_cell,
    usual_ideas,
)

_Gru: Any = layer_of(keras.layers.GRUCell)

gru = Exercise(
    name="GRU",
    unit=UNIT,
    layer="GRU",
    reference=keras.layers.GRU,
    forbid=("GRU", "RNN"),
    kinds=layer_kinds(["state"], second={"reset_after": False}),
    gates=("z", "r", "h"),
    weight_shapes=False,
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        *usual_ideas(_Gru),
        *of_the_cell(
            gru_cell,
            "z and r swapped",
            "update gate the other way",
            "recurrent bias outside the reset",
            "reset_after ignored: always before",
            "reset_after ignored: always after",
            "reset gate not used",
            "hard_sigmoid",
            "one bias",
            "always two biases",
        ),
    ),
)
