"""Reshape: the same numbers in the same order, under another shape."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import size_one
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.live import shape_of

UNIT = "01-first-layers"


def _split(draw: Draw, form: type = tuple) -> Case:
    """One axis becomes two."""
    batch, rows, columns = draw.sizes(3, 3, 8)  # no product of two is a third
    return Case({"target_shape": form((rows, columns))}, draw.normal(batch, rows * columns))


def _swap(draw: Draw) -> Case:
    """Two axes change their lengths: what a transpose would do to the shape."""
    batch, rows, columns = draw.sizes(3)
    return Case({"target_shape": (columns, rows)}, draw.normal(batch, rows, columns))


def _infer(draw: Draw, place: int) -> Case:
    """One axis of three is left to the layer."""
    batch, *target = draw.sizes(4, 3, 8)
    inputs = draw.normal(batch, target[0], target[1] * target[2])
    target[place] = -1
    return Case({"target_shape": tuple(target)}, inputs)


def _join(draw: Draw) -> Case:
    batch, *shape = draw.sizes(4)
    return Case({"target_shape": (-1,)}, draw.normal(batch, *shape))


def _with_ones(draw: Draw) -> Case:
    """Axes of length 1 go, and come."""
    batch, rows, columns = draw.sizes(3, 3, 8)
    target = (1, rows, draw.choice((columns, -1)), 1)
    return Case({"target_shape": target}, draw.normal(batch, rows * columns, 1)).with_known_batch()


def _filled(target: Sequence[int], count: int) -> tuple[int, ...]:
    known = -math.prod(target) if -1 in target else 1
    return tuple(count // known if length == -1 else length for length in target)


class _BatchInside(keras.layers.Layer):
    """Takes the target for the whole batch: a -1 swallows the batch axis."""

    def __init__(self, target_shape: Sequence[int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.target_shape = tuple(target_shape)

    def call(self, inputs: Any) -> Any:
        return ops.reshape(inputs, self.target_shape)


class _Transposes(keras.layers.Reshape):
    """Turns the axes round first, so that the numbers change their order."""

    def call(self, inputs: Any) -> Any:
        axes = (0, *range(len(inputs.shape) - 1, 0, -1))
        return super().call(ops.transpose(inputs, axes))


class _ColumnMajor(keras.layers.Reshape):
    """Fills the target with its first axis running fastest."""

    def call(self, inputs: Any) -> Any:
        target = _filled(self.target_shape, math.prod(inputs.shape[1:]))
        turned = ops.reshape(inputs, (-1, *reversed(target)))
        return ops.transpose(turned, (0, *range(len(target), 0, -1)))


class _FillsWithFirst(keras.layers.Reshape):
    """Puts the length of the first input axis where the -1 stands."""

    def _target(self, shape: Sequence[int]) -> tuple[int, ...]:
        return tuple(shape[1] if length == -1 else length for length in self.target_shape)

    def build(self, input_shape: Any) -> None:
        self._resolved_target_shape = self._target(input_shape)

    def call(self, inputs: Any) -> Any:
        return ops.reshape(inputs, (-1, *self._target(inputs.shape)))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], *self._target(input_shape))


class _KeepsMinusOne(keras.layers.Reshape):
    """compute_output_shape hands the -1 on."""

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (input_shape[0], *self.target_shape)


reshape = Exercise(
    name="Reshape",
    unit=UNIT,
    layer="Reshape",
    reference=keras.layers.Reshape,
    forbid=("Reshape",),
    kinds=(
        Kind("one axis into two", _split),
        Kind("two axes into two others", _swap),
        Kind("-1 at the end", lambda d: _infer(d, 2)),
        Kind("-1 at the front", lambda d: _infer(d, 0)),
        Kind("-1 in the middle", lambda d: _infer(d, 1)),
        Kind("everything into one axis", _join),
        Kind("a list as target", lambda d: _split(d, list)),
        Kind("axes of length 1", _with_ones, edge=True),
    ),
    aspects={"shape": 2, "compute_output_shape": 1, "output": 3},
    edges={
        "target_shape: axes of length 1": lambda case: 1 in case.config["target_shape"],
        "inputs: axes of length 1": size_one(-1),
    },
    misconceptions=(
        Misconception(
            "batch inside the target",
            "Your layer reshapes the whole batch to the target, as if it were one sample.",
            "target_shape does not contain the batch axis: where must your code add it?",
            _BatchInside,
        ),
        Misconception(
            "-1 filled wrongly",
            "Your layer replaces the -1 with the length of the first input axis.",
            "How many numbers does a sample have, and how many do the other axes use?",
            _FillsWithFirst,
        ),
        Misconception(
            "transposed first",
            "Your layer transposes the axes, so the numbers come out in another order.",
            "Reshape never moves a number: read row by row, what is the order before and after?",
            _Transposes,
        ),
        Misconception(
            "column-major",
            "Your layer fills the target column by column.",
            "Which index changes fastest: that of the first axis, or that of the last?",
            _ColumnMajor,
        ),
        Misconception(
            "-1 in compute_output_shape",
            "Your compute_output_shape returns the -1, but a shape contains only lengths.",
            "For this input, which length does the -1 stand for?",
            _KeepsMinusOne,
        ),
    ),
)


def _target_shape(
    input_shape: Sequence[int | None], target_shape: Sequence[int]
) -> tuple[int | None, ...]:
    return shape_of(keras.layers.Reshape(tuple(target_shape)), input_shape)


def _arguments(draw: Draw, place: int | None, known: bool = False) -> Case:
    batch, *target = draw.sizes(4, 2, 12)
    source = (batch if known else None, target[0] * target[2], target[1])
    if place is not None:
        target[place] = -1
    return Case({"input_shape": source, "target_shape": tuple(target)})


reshape_shape = Exercise(
    name="reshape_shape",
    unit=UNIT,
    layer="Reshape",
    reference=_target_shape,
    kinds=(
        Kind("all lengths given", lambda d: _arguments(d, None)),
        Kind("-1 at the end", lambda d: _arguments(d, 2)),
        Kind("-1 in the middle", lambda d: _arguments(d, 1)),
        Kind("a batch of known size", lambda d: _arguments(d, 0, known=True)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "-1 left in the shape",
            "Your shape still holds the -1.",
            "How many numbers does a sample have, and how many do the other axes use?",
            lambda input_shape, target_shape: (input_shape[0], *target_shape),
        ),
        Misconception(
            "batch left out",
            "Your shape leaves out the batch axis.",
            "Does Reshape touch the batch axis?",
            lambda input_shape, target_shape: _filled(target_shape, math.prod(input_shape[1:])),
        ),
        Misconception(
            "batch always unknown",
            "Your shape has None for the batch even when its size is known.",
            "What is the length of the batch axis in the input shape?",
            lambda input_shape, target_shape: (
                None,
                *_filled(target_shape, math.prod(input_shape[1:])),
            ),
        ),
        Misconception(
            "-1 filled with the first axis",
            "Your -1 became the length of the first input axis.",
            "The product of all lengths must stay the same: what is left for the -1?",
            lambda input_shape, target_shape: (
                input_shape[0],
                *(input_shape[1] if length == -1 else length for length in target_shape),
            ),
        ),
    ),
)
