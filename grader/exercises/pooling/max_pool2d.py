"""MaxPool2D: of every window, the largest number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.live import shape_of
from grader.exercises.pooling.pooling import ASPECTS, EDGES, UNIT, Slices, ideas, kinds, variant

_LAYER = keras.layers.MaxPool2D


class _ZeroPadding(Slices):
    fill = 0.0


class _Mean(Slices):
    def join(self, values: Any, present: Any) -> Any:
        sums = ops.sum(ops.where(present > 0, values, 0.0), axis=0)
        return sums / ops.sum(present, axis=0)


class _Magnitude(Slices):
    fill = 0.0

    def join(self, values: Any, present: Any) -> Any:
        return ops.max(ops.abs(values), axis=0)


max_pool2d = Exercise(
    name="MaxPool2D",
    unit=UNIT,
    layer="MaxPool2D",
    reference=_LAYER,
    forbid=("MaxPooling2D",),
    kinds=kinds(),
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "zero padding",
            "Your layer pads with zeros: if all numbers of a window are negative, zero wins.",
            "Which number can never be the largest in a window?",
            variant(_LAYER, _ZeroPadding),
        ),
        Misconception(
            "averages",
            "Your layer gives the mean of a window, not its maximum.",
            "Of 1, 2, 3 and 10, which number does max pooling keep?",
            variant(_LAYER, _Mean),
        ),
        Misconception(
            "magnitudes",
            "Your layer compares absolute values: it ignores the sign.",
            "Which is larger, −3 or 1?",
            variant(_LAYER, _Magnitude),
        ),
        *ideas(_LAYER).values(),
    ),
)


def _shape(
    input_shape: Sequence[int | None], pool_size: Any, strides: Any = None, padding: str = "valid"
) -> tuple[int | None, ...]:
    return shape_of(_LAYER(pool_size, strides, padding), input_shape)


def _arguments(draw: Draw, strided: bool, padding: str) -> Case:
    """Sides that no stride divides, so that it matters which way one rounds."""
    pool = draw.sizes(2, 2, 5)
    strides = draw.choice([(2, 3), (3, 2), (4, 3)]) if strided else None
    sides = [step * draw.size(4, 9) + 1 for step in strides or pool]
    channels = draw.size(3, 40)
    return Case(
        {
            "input_shape": (None, *sides, channels),
            "pool_size": pool,
            "strides": strides,
            "padding": padding,
        }
    )


def _sides(rule: Any, strides_for_none: Any = None) -> Any:
    """A wrong function: `rule(length, pool, stride, padding)` for each side."""

    def shape(input_shape: Any, pool_size: Any, strides: Any = None, padding: Any = "valid") -> Any:
        steps = strides or strides_for_none or pool_size
        batch, *lengths, channels = input_shape
        sides = zip(lengths, pool_size, steps, strict=True)
        return (batch, *(rule(*side, padding) for side in sides), channels)

    return shape


def _right(length: int, pool: int, stride: int, padding: str) -> int:
    return -(-length // stride) if padding == "same" else (length - pool) // stride + 1


pool_shape = Exercise(
    name="pool_shape",
    unit=UNIT,
    layer="MaxPool2D",
    reference=_shape,
    kinds=(
        Kind("valid", lambda d: _arguments(d, False, "valid")),
        Kind("same", lambda d: _arguments(d, False, "same")),
        Kind("valid, strides of their own", lambda d: _arguments(d, True, "valid")),
        Kind("same, strides of their own", lambda d: _arguments(d, True, "same")),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "strides of 1",
            "When no strides are given, your window moves by one pixel.",
            "Without strides, the windows lie side by side: how far apart do they begin?",
            _sides(_right, strides_for_none=(1, 1)),
        ),
        Misconception(
            "valid rounded up",
            "With valid you count a last window that reaches over the edge.",
            "A window of 2 on 5 pixels: how many whole windows fit?",
            _sides(
                lambda n, p, s, padding: -(-n // s) if padding == "same" else -(-(n - p) // s) + 1
            ),
        ),
        Misconception(
            "same rounded down",
            "With same you leave out the pixels that do not fill a whole step.",
            "With same no pixel is left out: which window contains the last ones?",
            _sides(lambda n, p, s, padding: n // s if padding == "same" else (n - p) // s + 1),
        ),
        Misconception(
            "same keeps the size",
            "With same your sides do not change: you ignore the strides.",
            "What does same promise when the window jumps by 2: all pixels, or half as many?",
            _sides(lambda n, p, s, padding: n if padding == "same" else (n - p) // s + 1),
        ),
        Misconception(
            "last step not counted",
            "With valid your sides are one too small: you forgot the first window.",
            "A window of 3 on 3 pixels cannot move at all: how many outputs does it give?",
            _sides(lambda n, p, s, padding: -(-n // s) if padding == "same" else (n - p) // s),
        ),
    ),
)
