"""ZeroPadding2D: a frame of zeros around each picture. Students only mend it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.pooling.pooling import UNIT


def _case(draw: Draw, *paddings: tuple[int, int]) -> Case:
    return Case({"padding": draw.choice(paddings)}, draw.normal(*draw.sizes(4)))


class _Framed(keras.layers.Layer):
    """The right layer; each wrong one takes other pads."""

    def __init__(self, padding: Any = (1, 1), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = padding

    def pads(self) -> Any:
        """How many zeros come before and after each axis."""
        height, width = self.padding
        return (0, 0), (height, height), (width, width), (0, 0)

    def call(self, inputs: Any) -> Any:
        return ops.pad(inputs, self.pads())


class _Behind(_Framed):
    def pads(self) -> Any:
        return [(0, before + after) for before, after in super().pads()]


class _InFront(_Framed):
    def pads(self) -> Any:
        return [(before + after, 0) for before, after in super().pads()]


class _Exchanged(_Framed):
    def pads(self) -> Any:
        samples, rows, columns, channels = super().pads()
        return samples, columns, rows, channels


class _Together(_Framed):
    """So many zeros in all, half of them on each side."""

    def pads(self) -> Any:
        return [(total // 2, total - total // 2) for total, _ in super().pads()]


class _EdgeRepeated(_Framed):
    def call(self, inputs: Any) -> Any:
        for axis, (before, after) in enumerate(self.pads()):
            places = np.arange(-before, inputs.shape[axis] + after) if axis in (1, 2) else None
            if places is not None:
                last = inputs.shape[axis] - 1
                inputs = ops.take(inputs, np.clip(places, 0, last), axis=axis)
        return inputs


zero_padding2d = Exercise(
    name="ZeroPadding2D",
    unit=UNIT,
    layer="ZeroPadding2D",
    reference=keras.layers.ZeroPadding2D,
    forbid=("keras.layers.ZeroPadding2D",),
    kinds=(
        Kind("the same both ways", lambda d: _case(d, (1, 1), (2, 2))),
        Kind("more above and below", lambda d: _case(d, (3, 1), (2, 1))),
        Kind("more to the sides", lambda d: _case(d, (1, 3), (0, 2))),
        Kind("padding of 0", lambda d: _case(d, (0, 0)).with_known_batch(), edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 3, "gradient": 1},
    edges={"padding: 0": given("padding", (0, 0))},
    misconceptions=(
        Misconception(
            "all zeros behind",
            "Your layer puts all zeros below and to the right of the picture. It should put half "
            "of them above and to the left.",
            "With padding=(1, 1), in which row and column of the output does the first pixel "
            "stand?",
            _Behind,
        ),
        Misconception(
            "all zeros in front",
            "Your layer puts all zeros above and to the left of the picture.",
            "With padding=(1, 1), in which row and column of the output does the last pixel stand?",
            _InFront,
        ),
        Misconception(
            "height and width exchanged",
            "Your layer takes the first number of `padding` for the width.",
            "Which axis of the inputs comes first, height or width?",
            _Exchanged,
        ),
        Misconception(
            "half as many zeros",
            "Your layer puts `padding` zeros around the picture in all.",
            "With padding=(1, 1), how many rows of zeros are above the picture, and "
            "how many below?",
            _Together,
        ),
        Misconception(
            "edge repeated",
            "Your layer repeats the outermost pixels in the place of zeros.",
            "What does the name of the layer say?",
            _EdgeRepeated,
        ),
    ),
)
