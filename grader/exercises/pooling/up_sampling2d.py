"""UpSampling2D: each pixel is repeated, downwards and to the right. Students only mend it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.pooling.pooling import UNIT


def _case(draw: Draw, *sizes: tuple[int, int]) -> Case:
    return Case({"size": draw.choice(sizes)}, draw.normal(*draw.sizes(4)))


class _Enlarged(keras.layers.Layer):
    def __init__(self, size: Any = (2, 2), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.size = size


class _Tiles(_Enlarged):
    def call(self, inputs: Any) -> Any:
        return ops.tile(inputs, (1, *self.size, 1))


class _Exchanged(_Enlarged):
    def call(self, inputs: Any) -> Any:
        taller = ops.repeat(inputs, self.size[1], axis=1)
        return ops.repeat(taller, self.size[0], axis=2)


class _OneWay(_Enlarged):
    def call(self, inputs: Any) -> Any:
        return ops.repeat(inputs, self.size[0], axis=1)


class _Zeros(_Enlarged):
    def call(self, inputs: Any) -> Any:
        down, right = self.size
        first = _first(inputs.shape[1], down)[:, None] * _first(inputs.shape[2], right)
        large = ops.repeat(ops.repeat(inputs, down, axis=1), right, axis=2)
        return large * ops.cast(first[None, :, :, None], large.dtype)


def _first(length: int, times: int) -> Any:
    """1 where a pixel comes first, 0 where it is repeated."""
    return ops.cast(ops.arange(length * times) % times == 0, "float32")


up_sampling2d = Exercise(
    name="UpSampling2D",
    unit=UNIT,
    layer="UpSampling2D",
    reference=keras.layers.UpSampling2D,
    forbid=("keras.layers.UpSampling2D",),
    kinds=(
        Kind("the same both ways", lambda d: _case(d, (2, 2), (3, 3))),
        Kind("more downwards", lambda d: _case(d, (3, 2), (4, 2))),
        Kind("more to the right", lambda d: _case(d, (2, 3), (1, 2))),
        Kind("size of 1", lambda d: _case(d, (1, 1)).with_known_batch(), edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 3, "gradient": 1},
    edges={"size: 1": given("size", (1, 1))},
    misconceptions=(
        Misconception(
            "repeats the picture",
            "Your layer puts whole pictures side by side. It should repeat each pixel.",
            "What stands next to the first pixel: the second one, or the first one again?",
            _Tiles,
        ),
        Misconception(
            "height and width exchanged",
            "Your layer takes the first number of `size` for the width.",
            "Which axis of the inputs comes first, height or width?",
            _Exchanged,
        ),
        Misconception(
            "downwards only",
            "Your layer repeats the rows and not the columns.",
            "What is the second number of `size` for?",
            _OneWay,
        ),
        Misconception(
            "zeros between the pixels",
            "Your layer fills the new places with zeros. It should repeat the pixel there.",
            "For size=(2, 2), how often should each number occur in the output?",
            _Zeros,
        ),
    ),
)
