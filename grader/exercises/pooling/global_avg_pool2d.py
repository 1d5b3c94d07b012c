"""GlobalAvgPool2D: of every channel, the mean of the whole picture; and what it saves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.live import count_of
from grader.exercises.pooling.pooling import (
    GLOBAL_ASPECTS,
    GLOBAL_EDGES,
    GLOBAL_KINDS,
    UNIT,
    Whole,
    global_ideas,
    variant,
)

_LAYER = keras.layers.GlobalAvgPool2D


class _Sum(Whole):
    def call(self, inputs: Any) -> Any:
        return ops.sum(inputs, axis=(1, 2), keepdims=self.keepdims)


class _Largest(Whole):
    def call(self, inputs: Any) -> Any:
        return ops.max(inputs, axis=(1, 2), keepdims=self.keepdims)


global_avg_pool2d = Exercise(
    name="GlobalAvgPool2D",
    unit=UNIT,
    layer="GlobalAvgPool2D",
    reference=_LAYER,
    forbid=("GlobalAveragePooling2D",),
    kinds=GLOBAL_KINDS,
    aspects=GLOBAL_ASPECTS,
    edges=GLOBAL_EDGES,
    misconceptions=(
        Misconception(
            "sums",
            "Your layer adds up a channel but does not divide by the number of its pixels.",
            "Should a larger picture with the same grey give a larger number?",
            variant(_LAYER, _Sum),
        ),
        Misconception(
            "takes the largest",
            "Your layer gives the maximum of a channel, not its mean.",
            "A channel is dark except for one bright pixel: is its mean bright or dark?",
            variant(_LAYER, _Largest),
        ),
        *global_ideas(_LAYER),
    ),
)


def _count(input_shape: Sequence[int | None], units: int, head: str) -> int:
    first = {
        "flatten": keras.layers.Flatten,
        "average": keras.layers.GlobalAvgPool2D,
        "max": keras.layers.GlobalMaxPool2D,
    }
    return count_of(keras.Sequential([first[head](), keras.layers.Dense(units)]), input_shape)


def _arguments(draw: Draw, *heads: str) -> Case:
    height, width, channels, units = draw.sizes(4, 3, 30)
    return Case(
        {
            "input_shape": (None, height, width, channels),
            "units": units,
            "head": draw.choice(heads),
        }
    )


head_params = Exercise(
    name="head_params",
    unit=UNIT,
    layer="GlobalAvgPool2D",
    reference=_count,
    kinds=(
        Kind("flattened", lambda d: _arguments(d, "flatten")),
        Kind("pooled", lambda d: _arguments(d, "average", "max")),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "always flattened",
            "Your Dense sees every pixel, even after global pooling.",
            "What is the shape of a picture after global pooling?",
            lambda input_shape, units, head: _dense(_product(input_shape[1:]), units),
        ),
        Misconception(
            "always pooled",
            "Your Dense sees one number for each channel, even after Flatten.",
            "How many numbers come out of Flatten?",
            lambda input_shape, units, head: _dense(input_shape[3], units),
        ),
        Misconception(
            "pixels instead of channels",
            "After pooling, your Dense sees one number for each pixel.",
            "Which axes does global pooling keep: height and width, or the channels?",
            lambda input_shape, units, head: _dense(
                _product(input_shape[1:] if head == "flatten" else input_shape[1:3]), units
            ),
        ),
        Misconception(
            "bias not counted",
            "Your count leaves out the bias of Dense.",
            "Besides the matrix, what does Dense add to each of its outputs?",
            lambda input_shape, units, head: (
                units * (_product(input_shape[1:]) if head == "flatten" else input_shape[3])
            ),
        ),
    ),
)


def _product(lengths: Sequence[int]) -> int:
    result = 1
    for length in lengths:
        result *= length
    return result


def _dense(features: int, units: int) -> int:
    return features * units + units
