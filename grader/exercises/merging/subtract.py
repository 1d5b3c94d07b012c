"""Subtract: the first of two inputs minus the second."""

from __future__ import annotations

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.merging.merging import (
    ASPECTS,
    EDGES,
    UNIT,
    inputs_of_one_shape,
    merging,
    single,
    usual_ideas,
)

subtract = Exercise(
    name="Subtract",
    unit=UNIT,
    layer="Subtract",
    reference=keras.layers.Subtract,
    forbid=("Subtract",),
    kinds=(
        Kind("rank 2", inputs_of_one_shape(2, 2)),
        Kind("rank 3", inputs_of_one_shape(2, 3)),
        Kind("rank 4", inputs_of_one_shape(2, 4)),
        Kind("one number for each sample", single, edge=True),
    ),
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "second minus first",
            "Your layer subtracts the first input from the second.",
            "Which of the two inputs is subtracted from the other?",
            merging(lambda inputs: inputs[1] - inputs[0]),
        ),
        Misconception(
            "absolute difference",
            "Your layer returns the distance between its inputs: the sign is lost.",
            "Can a difference be negative?",
            merging(lambda inputs: ops.abs(inputs[0] - inputs[1])),
        ),
        Misconception(
            "never below zero",
            "Your layer sets negative differences to zero.",
            "What is 2 - 5?",
            merging(lambda inputs: ops.relu(inputs[0] - inputs[1])),
        ),
        Misconception(
            "sums",
            "Your layer adds its two inputs.",
            "What must come out where both inputs are equal?",
            merging(lambda inputs: inputs[0] + inputs[1]),
        ),
        *usual_ideas(ops.subtract),
    ),
)


def _twins(features: int, width: int) -> int:
    first, second = keras.Input((features,)), keras.Input((features,))
    hidden, score = keras.layers.Dense(width, activation="relu"), keras.layers.Dense(1)
    difference = keras.layers.Subtract()([score(hidden(first)), score(hidden(second))])
    return int(keras.Model([first, second], difference).count_params())


def _arguments(draw: Draw) -> Case:
    features, width = draw.sizes(2, 3, 40)
    return Case({"features": features, "width": width})


twin_params = Exercise(
    name="twin_params",
    unit=UNIT,
    layer="Subtract",
    reference=_twins,
    kinds=(
        Kind("a network", _arguments),
        Kind("another one", _arguments),
        Kind("one hidden unit", lambda d: Case({"features": d.size(3, 40), "width": 1})),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "counted once for each input",
            "Your count has two sets of weights, one for each input.",
            "How many Dense layers were made? Does calling one again make a new one?",
            lambda features, width: 2 * _twins(features, width),
        ),
        Misconception(
            "scores counted twice",
            "Your count has two sets of weights for the score.",
            "How many times was Dense(1) made?",
            lambda features, width: _twins(features, width) + width + 1,
        ),
        Misconception(
            "one Dense on both inputs",
            "In your count the hidden layer sees both inputs at once.",
            "Each input goes through the hidden layer by itself: how many features does the "
            "hidden layer see?",
            lambda features, width: _twins(2 * features, width),
        ),
        Misconception(
            "bias of the score not counted",
            "Your count leaves out the bias of Dense(1).",
            "The bias cancels out in the difference: is it still a parameter?",
            lambda features, width: features * width + 2 * width,
        ),
        Misconception(
            "score or biases left out",
            "Your count leaves out the score, or all biases: both give this number.",
            "Two layers were made, and each has a kernel and a bias: which of the four is missing?",
            lambda features, width: (features + 1) * width,
        ),
    ),
)
