"""PReLU: a ReLU whose slope for negative numbers is learned. Students only mend it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import zeroed

UNIT = "01-first-layers"


def _case(draw: Draw, rank: int) -> Case:
    return Case({}, draw.normal(*draw.sizes(rank)))


def _single(draw: Draw) -> Case:
    """One feature, called again with zeros."""
    case = Case({}, draw.normal(draw.size(), 1))
    return case.then(zeroed(case)).with_known_batch()


class _SignLost(keras.layers.PReLU):
    def call(self, inputs: Any) -> Any:
        return ops.relu(inputs) + self.alpha * ops.relu(-inputs)


class _OtherSide(keras.layers.PReLU):
    def call(self, inputs: Any) -> Any:
        return self.alpha * ops.relu(inputs) - ops.relu(-inputs)


class _SlopeEverywhere(keras.layers.PReLU):
    def call(self, inputs: Any) -> Any:
        return self.alpha * inputs


class _OneForEachChannel(keras.layers.PReLU):
    def build(self, input_shape: Any) -> None:
        self.alpha = self.add_weight(name="alpha", shape=(input_shape[-1],))


prelu = Exercise(
    name="PReLU",
    unit=UNIT,
    layer="PReLU",
    reference=keras.layers.PReLU,
    forbid=("keras.layers.PReLU",),
    kinds=(
        Kind("rank 2", lambda d: _case(d, 2)),
        Kind("rank 3", lambda d: _case(d, 3)),
        Kind("one feature", _single, edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 3, "gradient": 1},
    edges={"inputs: one feature": size_one(-1), "inputs: zero": zeros},
    misconceptions=(
        Misconception(
            "sign of negative numbers lost",
            "Your layer multiplies the size of a negative number by the slope, without its sign.",
            "With a slope of 0.5, what becomes of -2: is it 1 or -1?",
            _SignLost,
        ),
        Misconception(
            "slope on the positive side",
            "Your layer multiplies the positive numbers by the slope, and keeps the negative ones.",
            "Which numbers does a plain ReLU leave as they are?",
            _OtherSide,
        ),
        Misconception(
            "slope everywhere",
            "Your layer multiplies all numbers by the slope.",
            "Which numbers does a plain ReLU leave as they are?",
            _SlopeEverywhere,
        ),
        Misconception(
            "slopes for the last axis alone",
            "Your layer has a slope for each entry of the last axis, not for each feature.",
            "How many numbers has one sample of shape (3, 4)?",
            _OneForEachChannel,
        ),
    ),
)
