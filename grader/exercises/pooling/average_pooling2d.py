"""AveragePooling2D: of every window, the mean of the numbers that are really there."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.pooling.pooling import (
    ASPECTS,
    EDGES,
    UNIT,
    Slices,
    ideas,
    kinds,
    missing,
    outputs_along,
    variant,
)

_LAYER = keras.layers.AveragePooling2D


class _Counted(Slices):
    def join(self, values: Any, present: Any) -> Any:
        return ops.mean(values, axis=0)


class _Sum(Slices):
    def join(self, values: Any, present: Any) -> Any:
        return ops.sum(values, axis=0)


class _Largest(Slices):
    def join(self, values: Any, present: Any) -> Any:
        return ops.max(ops.where(present > 0, values, float("-inf")), axis=0)


average_pooling2d = Exercise(
    name="AveragePooling2D",
    unit=UNIT,
    layer="AveragePooling2D",
    reference=_LAYER,
    forbid=("AveragePooling2D",),
    kinds=kinds(pool_size=2),
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "padding counted",
            "At the edge your layer still divides by the full size of the window, so it counts "
            "the padding.",
            "In a picture that is all ones, what should the mean of a corner window be?",
            variant(_LAYER, _Counted),
        ),
        Misconception(
            "sums",
            "Your layer adds up the numbers of a window but does not divide.",
            "What is the mean of 2, 2, 2 and 2?",
            variant(_LAYER, _Sum),
        ),
        Misconception(
            "takes the largest",
            "Your layer gives the maximum of a window, not its mean.",
            "Of 0, 0, 0 and 8, what does an average keep?",
            variant(_LAYER, _Largest),
        ),
        *ideas(_LAYER).values(),
    ),
)


def _counts(length: int, pool_size: int, strides: int, padding: str) -> list[int]:
    """Asks a live layer: a pixel's share in a window is 1 over the number of pixels in it."""
    single = np.eye(length, dtype="float32").reshape(length, length, 1, 1)
    layer = _LAYER((pool_size, 1), (strides, 1), padding)
    shares = ops.convert_to_numpy(layer(single))[:, :, 0, 0]
    return [int(count) for count in np.count_nonzero(shares, axis=0)]


def _row(draw: Draw, pool: tuple[int, ...], gap: int, padding: str) -> Case:
    """A window that sticks out on both sides of the row, where it is padded."""
    size = draw.choice(pool)
    stride = size - gap
    length = stride * draw.choice((3, 4)) + 1
    return Case({"length": length, "pool_size": size, "strides": stride, "padding": padding})


def _gaps(draw: Draw) -> Case:
    """Strides larger than the window: the last pixel is in no window."""
    size = draw.choice((2, 3, 4))
    length = (size + 1) * draw.choice((3, 4))
    return Case({"length": length, "pool_size": size, "strides": size + 1, "padding": "same"})


def _padded(share: Any) -> Any:
    """A wrong function: padding shared out by `share(total)`, and windows held to the row."""

    def counts(length: int, pool_size: int, strides: int, padding: str) -> list[int]:
        number = outputs_along(length, pool_size, strides, padding)
        before = 0
        if padding == "same":
            before = share(missing(length, pool_size, strides, number))
        starts = [index * strides - before for index in range(number)]
        return [min(start + pool_size, length) - max(start, 0) for start in starts]

    return counts


window_counts = Exercise(
    name="window_counts",
    unit=UNIT,
    layer="AveragePooling2D",
    reference=_counts,
    kinds=(
        Kind("same", lambda d: _row(d, (4, 5), 2, "same")),
        Kind("same, windows side by side", lambda d: _row(d, (4, 5, 6), 0, "same")),
        Kind("same, an odd pixel", lambda d: _row(d, (4, 6), 1, "same")),
        Kind("valid", lambda d: _row(d, (3, 4), 1, "valid")),
        Kind("same, pixels left out", _gaps),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "padding counted",
            "You count the padding: you give the same number for every window.",
            "How much of the first window lies outside the picture?",
            lambda length, pool_size, strides, padding: (
                [pool_size] * outputs_along(length, pool_size, strides, padding)
            ),
        ),
        Misconception(
            "all padding behind",
            "You put all the padding after the last pixel.",
            "The padding is divided between both ends: how much of it comes before the first "
            "pixel?",
            _padded(lambda total: 0),
        ),
        Misconception(
            "larger half in front",
            "When the amount of padding is odd, you put the larger half at the front.",
            "With 3 pixels of padding, how many does TensorFlow put at the end?",
            _padded(lambda total: total - total // 2),
        ),
        Misconception(
            "same ignored",
            "You leave out the windows that reach over the edge, as valid does.",
            "How many windows does same give?",
            lambda length, pool_size, strides, padding: (
                [pool_size] * outputs_along(length, pool_size, strides, "valid")
            ),
        ),
    ),
)
