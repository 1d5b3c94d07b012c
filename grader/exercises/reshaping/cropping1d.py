"""Cropping1D: steps are taken away at both ends of a sequence. Students only mend it."""

from __future__ import annotations

from typing import Any

import keras

from grader.exercises.convolution.convolution import UNIT
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception


def _case(draw: Draw, first: bool = True, last: bool = True) -> Case:
    """Another number of steps at each end, or none."""
    one, other = draw.choice(((1, 2), (2, 1), (1, 3), (3, 1)))
    cropping = (one if first else 0, other if last else 0)
    steps = draw.size(8, 11)
    samples, channels = draw.sizes(2)
    return Case({"cropping": cropping}, draw.normal(samples, steps, channels))


class _Cropped(keras.layers.Layer):
    def __init__(self, cropping: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.first, self.last = cropping


class _NothingLeft(_Cropped):
    def call(self, inputs: Any) -> Any:
        return inputs[:, self.first : -self.last]


class _EndsSwapped(_Cropped):
    def call(self, inputs: Any) -> Any:
        return inputs[:, self.last : inputs.shape[1] - self.first]


class _OneEnd(_Cropped):
    def call(self, inputs: Any) -> Any:
        return inputs[:, self.first :]


class _FirstOnBoth(_Cropped):
    def call(self, inputs: Any) -> Any:
        return inputs[:, self.first : inputs.shape[1] - self.first]


cropping1d = Exercise(
    name="Cropping1D",
    unit=UNIT,
    layer="Cropping1D",
    reference=keras.layers.Cropping1D,
    forbid=("keras.layers.Cropping1D",),
    kinds=(
        Kind("both ends", _case),
        Kind("the beginning alone", lambda d: _case(d, last=False)),
        Kind("the end alone", lambda d: _case(d, first=False)),
        Kind("neither", lambda d: _case(d, False, False).with_known_batch(), edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 3},
    edges={"cropping: 0": lambda case: 0 in case.config["cropping"]},
    misconceptions=(
        Misconception(
            "a slice to -0",
            "Where nothing is to be cropped at the end, your layer crops everything.",
            "In Python, which end does the slice [2:-0] have?",
            _NothingLeft,
        ),
        Misconception(
            "ends swapped",
            "Your layer crops at the beginning what it should crop at the end.",
            "Which of the two numbers is for the first steps?",
            _EndsSwapped,
        ),
        Misconception(
            "the end not cropped",
            "Your layer crops at the beginning only.",
            "What is the second number of `cropping` for?",
            _OneEnd,
        ),
        Misconception(
            "the first number at both ends",
            "Your layer crops as many steps at the end as at the beginning.",
            "What is the second number of `cropping` for?",
            _FirstOnBoth,
        ),
    ),
)
