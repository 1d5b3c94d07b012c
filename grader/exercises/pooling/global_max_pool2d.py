"""GlobalMaxPool2D: of every channel, the largest number of the whole picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.live import shape_of
from grader.exercises.pooling.pooling import (
    GLOBAL_ASPECTS,
    GLOBAL_EDGES,
    GLOBAL_KINDS,
    UNIT,
    Whole,
    global_ideas,
    variant,
)

_LAYER = keras.layers.GlobalMaxPool2D


class _Mean(Whole):
    def call(self, inputs: Any) -> Any:
        return ops.mean(inputs, axis=(1, 2), keepdims=self.keepdims)


global_max_pool2d = Exercise(
    name="GlobalMaxPool2D",
    unit=UNIT,
    layer="GlobalMaxPool2D",
    reference=_LAYER,
    forbid=("GlobalMaxPooling2D",),
    kinds=GLOBAL_KINDS,
    aspects=GLOBAL_ASPECTS,
    edges=GLOBAL_EDGES,
    misconceptions=(
        Misconception(
            "averages",
            "Your layer gives the mean of a channel, not its maximum.",
            "A channel is dark except for one bright pixel: what should global max pooling return?",
            variant(_LAYER, _Mean),
        ),
        *global_ideas(_LAYER),
    ),
)


def _shape(input_shape: Sequence[int | None], keepdims: bool = False) -> tuple[int | None, ...]:
    return shape_of(_LAYER(keepdims=keepdims), input_shape)


def _arguments(draw: Draw, known: bool = False, keepdims: bool = False) -> Case:
    batch, *sample = draw.sizes(4, 2, 40)
    more = {"keepdims": True} if keepdims else {}
    return Case({"input_shape": (batch if known else None, *sample), **more})


global_shape = Exercise(
    name="global_shape",
    unit=UNIT,
    layer="GlobalMaxPool2D",
    reference=_shape,
    kinds=(
        Kind("pictures", _arguments),
        Kind("a batch of known size", lambda d: _arguments(d, known=True)),
        Kind("keepdims", lambda d: _arguments(d, keepdims=True)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "keeps dims",
            "Your shape keeps the two pooled axes when keepdims is False.",
            "If each picture becomes a row of numbers, how many axes does a batch have?",
            lambda input_shape, keepdims=False: (input_shape[0], 1, 1, input_shape[3]),
        ),
        Misconception(
            "keepdims ignored",
            "Your shape loses the two pooled axes even with keepdims=True.",
            "With keepdims=True, how long is an axis after it is pooled?",
            lambda input_shape, keepdims=False: (input_shape[0], input_shape[3]),
        ),
        Misconception(
            "one number for each picture",
            "Your shape has no channels left.",
            "Are the channels of a picture pooled with each other?",
            lambda input_shape, keepdims=False: (
                (input_shape[0], 1, 1, 1) if keepdims else (input_shape[0],)
            ),
        ),
        Misconception(
            "batch left out",
            "Your shape leaves out the batch axis.",
            "Are the pictures of a batch pooled with each other?",
            lambda input_shape, keepdims=False: (
                (1, 1, input_shape[3]) if keepdims else (input_shape[3],)
            ),
        ),
    ),
)
