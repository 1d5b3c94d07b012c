"""Add: the sum of its inputs, place by place; the heart of a residual connection."""

from __future__ import annotations

from collections.abc import Callable

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.merging.merging import (
    ASPECTS,
    EDGES,
    MANY,
    UNIT,
    folded,
    many_ideas,
    merging,
    usual_ideas,
)

add = Exercise(
    name="Add",
    unit=UNIT,
    layer="Add",
    reference=keras.layers.Add,
    forbid=("Add",),
    kinds=MANY,
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "averages",
            "Your layer gives the mean of its inputs.",
            "What is the sum of 2 and 4: 6 or 3?",
            merging(lambda inputs: ops.mean(ops.stack(inputs), axis=0)),
        ),
        Misconception(
            "multiplies",
            "Your layer gives the product of its inputs.",
            "What must come out where one of the inputs is 0?",
            merging(folded(ops.multiply)),
        ),
        Misconception(
            "sums everything to one number",
            "Your layer adds up all numbers of all inputs: only one number comes out.",
            "If you stack the inputs, along which axis should the sum run, and along which not?",
            merging(lambda inputs: ops.sum(ops.stack(inputs))),
        ),
        Misconception(
            "sums over the features",
            "Your layer adds up the features of each input, not the inputs.",
            "Which numbers are added: those of one input, or those at the same place in all "
            "inputs?",
            merging(lambda inputs: ops.sum(ops.stack(inputs), axis=-1)),
        ),
        Misconception(
            "sums over the samples",
            "Your layer adds up the samples of each input, not the inputs.",
            "Which numbers are added: those of one input, or those at the same place in all "
            "inputs?",
            merging(lambda inputs: ops.sum(ops.stack(inputs), axis=1)),
        ),
        Misconception(
            "broadcasts unasked",
            "Your layer adds each sample of one input to every sample of the other.",
            "Both inputs have an axis for the samples: should sample 1 be added to sample 1 only, "
            "or to every sample?",
            merging(folded(lambda one, other: ops.expand_dims(one, 1) + other)),
        ),
        *usual_ideas(ops.add),
        *many_ideas(ops.add),
    ),
)


def _count(features: int, hidden: int, depth: int) -> int:
    start = keras.Input((features,))
    x = start
    for _ in range(depth):
        bent = keras.layers.Dense(hidden, activation="relu")(x)
        x = keras.layers.Add()([x, keras.layers.Dense(features)(bent)])
    return int(keras.Model(start, x).count_params())


def _arguments(depths: tuple[int, ...]) -> Callable[[Draw], Case]:
    def draw_case(draw: Draw) -> Case:
        features, hidden = draw.sizes(2, 6, 40)
        return Case({"features": features, "hidden": hidden, "depth": draw.choice(depths)})

    return draw_case


def _growing(features: int, hidden: int, depth: int) -> int:
    """As if each block joined end to end what Add sums up."""
    widths = [features * 2**block for block in range(depth)]
    return sum(width * hidden + hidden + hidden * width + width for width in widths)


residual_params = Exercise(
    name="residual_params",
    unit=UNIT,
    layer="Add",
    reference=_count,
    kinds=(
        Kind("one block", _arguments((1,))),
        Kind("a few blocks", _arguments((2, 3))),
        Kind("more blocks", _arguments((4, 5))),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "the stack grows wider",
            "In your count the width doubles at each Add.",
            "Add sums numbers, it does not put them side by side: how many come out?",
            _growing,
        ),
        Misconception(
            "one block only",
            "Your count has only one block and ignores the depth.",
            "Do two blocks share their weights?",
            lambda features, hidden, depth: _count(features, hidden, 1),
        ),
        Misconception(
            "second Dense forgotten",
            "Your count leaves out the Dense that goes back to the old width.",
            "How many numbers come out of Dense(hidden), and how many does Add need?",
            lambda features, hidden, depth: depth * (features + 1) * hidden,
        ),
        Misconception(
            "biases not counted",
            "Your count leaves out the biases.",
            "How many parameters does one Dense layer have in total?",
            lambda features, hidden, depth: depth * 2 * features * hidden,
        ),
        Misconception(
            "Add has parameters",
            "Your count gives parameters to the Add layers.",
            "What could a sum learn?",
            lambda features, hidden, depth: _count(features, hidden, depth) + depth * features,
        ),
    ),
)
