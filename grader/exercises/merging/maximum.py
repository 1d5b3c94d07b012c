"""Maximum: at each place the largest of the inputs' numbers."""

from __future__ import annotations

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.merging.merging import (
    ASPECTS,
    EDGES,
    MANY,
    UNIT,
    extreme_ideas,
    folded,
    merging,
)

maximum = Exercise(
    name="Maximum",
    unit=UNIT,
    layer="Maximum",
    reference=keras.layers.Maximum,
    forbid=("Maximum",),
    kinds=MANY,
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "minimum for maximum",
            "Your layer gives the smallest number at each place.",
            "Which of 3 and 5 should come out?",
            merging(folded(ops.minimum)),
        ),
        *extreme_ideas("maximum", ops.maximum, ops.max, ops.argmax),
    ),
)


def _count(features: int, units: int, pieces: int) -> int:
    inputs = keras.Input((features,))
    lines = [keras.layers.Dense(units)(inputs) for _ in range(pieces)]
    return int(keras.Model(inputs, keras.layers.Maximum()(lines)).count_params())


def _arguments(draw: Draw) -> Case:
    features, units = draw.sizes(2, 6, 40)
    return Case({"features": features, "units": units, "pieces": draw.size(2, 5)})


maxout_params = Exercise(
    name="maxout_params",
    unit=UNIT,
    layer="Maximum",
    reference=_count,
    kinds=(
        Kind("a maxout layer", _arguments),
        Kind("another one", _arguments),
        Kind(
            "one unit",
            lambda d: Case({"features": d.size(6, 40), "units": 1, "pieces": d.size(2, 5)}),
        ),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "only the winner counted",
            "Your count has only one Dense layer and ignores the number of pieces.",
            "At each place one piece wins: is it the same piece at every place, for every sample?",
            lambda features, units, pieces: (features + 1) * units,
        ),
        Misconception(
            "biases not counted",
            "Your count leaves out the biases.",
            "How many parameters does one Dense layer have in total?",
            lambda features, units, pieces: pieces * features * units,
        ),
        Misconception(
            "one bias for all pieces",
            "Your count has a single set of biases for all the pieces.",
            "Each piece is a Dense layer of its own: which weights does it have?",
            lambda features, units, pieces: pieces * features * units + units,
        ),
        Misconception(
            "pieces in a row",
            "In your count each Dense sees the outputs of the Dense before it.",
            "What is the input of each piece?",
            lambda features, units, pieces: (
                (features + 1) * units + (pieces - 1) * (units + 1) * units
            ),
        ),
        Misconception(
            "Maximum has parameters",
            "Your count gives parameters to the Maximum layer.",
            "What could a comparison learn?",
            lambda features, units, pieces: (pieces * (features + 1) + 1) * units,
        ),
    ),
)
