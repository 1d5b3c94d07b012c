"""The receptive field: how much of the picture one number deep in a network has seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import keras
import numpy as np
import tensorflow as tf

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.pooling.pooling import UNIT


def pixels_reached(windows: Sequence[Sequence[int]]) -> int:
    """Asks live layers: which inputs does the gradient of the one output reach?"""
    length = 1
    for size, stride in reversed(windows):
        length = (length - 1) * stride + size
    row = tf.ones((1, length + 2, 1, 1))
    with tf.GradientTape() as tape:
        tape.watch(row)
        outputs = row
        for size, stride in windows:
            outputs = keras.layers.AveragePooling2D((size, 1), (stride, 1))(outputs)
        first = outputs[0, 0, 0, 0]
    return int(np.count_nonzero(tape.gradient(first, row)))


def _stack(draw: Draw, depth: int, strides: Sequence[int]) -> Case:
    """Windows that overlap or touch: no pixel between them is skipped."""
    windows = []
    for index in range(depth):
        stride = draw.choice(strides) if index < depth - 1 or depth == 1 else 1
        windows.append([max(stride, draw.choice((2, 3, 4, 5))), stride])
    windows[-1][1] = draw.choice(strides)
    return Case({"windows": windows})


def _wrong(rule: Callable[[int, int, int, int], tuple[int, int]]) -> Callable[..., int]:
    """A wrong function: `rule(field, jump, size, stride)` gives the next field and jump."""

    def field(windows: Sequence[Sequence[int]]) -> int:
        seen, jump = 1, 1
        for size, stride in windows:
            seen, jump = rule(seen, jump, size, stride)
        return seen

    return field


receptive_field = Exercise(
    name="receptive_field",
    unit=UNIT,
    layer="AveragePooling2D",
    reference=pixels_reached,
    kinds=(
        Kind("one window", lambda d: _stack(d, 1, (1, 2, 3))),
        Kind("two windows", lambda d: _stack(d, 2, (2, 3))),
        Kind("strides of 1", lambda d: _stack(d, 3, (1,))),
        Kind("four windows", lambda d: _stack(d, 4, (2, 3))),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "strides ignored",
            "Your receptive field grows by the same amount and ignores the strides of earlier "
            "layers.",
            "After a layer with a stride of 2, how many pixels apart are two neighbours?",
            _wrong(lambda field, jump, size, stride: (field + size - 1, 1)),
        ),
        Misconception(
            "sizes multiplied",
            "Your receptive field is the product of the window sizes.",
            "Two windows of 3 with a stride of 1: do they see 9 pixels, or do they overlap?",
            _wrong(lambda field, jump, size, stride: (field * size, 1)),
        ),
        Misconception(
            "sizes added",
            "Your receptive field is the sum of the window sizes.",
            "A second window of 3 overlaps the first: how many pixels does it add?",
            _wrong(lambda field, jump, size, stride: (field + size - (field == 1), 1)),
        ),
        Misconception(
            "own stride too soon",
            "Your receptive field grows by a layer's own stride, but that stride only matters to "
            "later layers.",
            "A single window of 3 with a stride of 2: how many pixels does it see?",
            _wrong(
                lambda field, jump, size, stride: (
                    field + (size - 1) * jump * stride,
                    jump * stride,
                )
            ),
        ),
        Misconception(
            "only the last stride",
            "Your receptive field uses only the stride of the layer before, not the strides of "
            "all earlier layers.",
            "After two layers with a stride of 2 each, how many pixels apart are two neighbours?",
            _wrong(lambda field, jump, size, stride: (field + (size - 1) * jump, stride)),
        ),
    ),
)
