"""Flatten: every sample becomes one row of numbers; the batch axis stays."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import size_one
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import other
from grader.exercises.live import shape_of

UNIT = "01-first-layers"


def _case(draw: Draw, rank: int) -> Case:
    return Case({}, draw.normal(*draw.sizes(rank)))


def _with_ones(draw: Draw) -> Case:
    """Axes of length 1 are axes too; called again with one number a sample."""
    first, second = draw.sizes(2)
    case = Case({}, draw.normal(draw.size(), 1, first, 1, second, 1))
    return case.then(
        other(case, "one number for each sample", draw.normal(2, 1, 1, 1, 1, 1))
    ).with_known_batch()


class _Batch(keras.layers.Flatten):
    def call(self, inputs: Any) -> Any:
        return ops.reshape(inputs, (-1,))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return (None if None in input_shape else math.prod(input_shape),)


class _ColumnMajor(keras.layers.Flatten):
    def call(self, inputs: Any) -> Any:
        axes = (0, *range(len(inputs.shape) - 1, 0, -1))
        return super().call(ops.transpose(inputs, axes))


class _ChannelsFirst(keras.layers.Flatten):
    def call(self, inputs: Any) -> Any:
        rank = len(inputs.shape)
        if rank > 3:
            inputs = ops.transpose(inputs, (0, rank - 1, *range(1, rank - 1)))
        return super().call(inputs)


class _OneAxisOnly(keras.layers.Flatten):
    def call(self, inputs: Any) -> Any:
        shape = inputs.shape
        if len(shape) < 4:
            return super().call(inputs)
        return ops.reshape(inputs, (-1, shape[1] * shape[2], *shape[3:]))

    def compute_output_shape(self, input_shape: Any) -> Any:
        if len(input_shape) < 4:
            return super().compute_output_shape(input_shape)
        return (input_shape[0], input_shape[1] * input_shape[2], *input_shape[3:])


class _ShapeWithoutBatch(keras.layers.Flatten):
    def compute_output_shape(self, input_shape: Any) -> Any:
        return (math.prod(input_shape[1:]),)


flatten = Exercise(
    name="Flatten",
    unit=UNIT,
    layer="Flatten",
    reference=keras.layers.Flatten,
    forbid=("Flatten",),
    kinds=(
        Kind("rank 3", lambda d: _case(d, 3)),
        Kind("rank 4", lambda d: _case(d, 4)),
        Kind("rank 5", lambda d: _case(d, 5)),
        Kind("rank 2, flat already", lambda d: _case(d, 2)),
        Kind("axes of length 1", _with_ones, edge=True),
    ),
    aspects={"shape": 2, "compute_output_shape": 1, "output": 3},
    edges={"inputs: axes of length 1": size_one(1), "inputs: one channel": size_one(-1)},
    misconceptions=(
        Misconception(
            "batch flattened too",
            "Your layer flattens the batch as well: all samples become one row.",
            "If 5 images go in, how many rows must come out?",
            _Batch,
        ),
        Misconception(
            "column-major",
            "Your layer reads along the first axis fastest; Keras reads along the last axis "
            "fastest.",
            "When you read a page, which letter comes next: the one to the right, or the one "
            "below?",
            _ColumnMajor,
        ),
        Misconception(
            "channels-first order",
            "Your layer puts the last axis (the channels) first before it flattens.",
            "After Flatten, are the channels of one pixel still neighbours?",
            _ChannelsFirst,
        ),
        Misconception(
            "only two axes joined",
            "Your layer joins only the first two axes of a sample.",
            "When a sample has three axes, does your layer still give one row for each sample?",
            _OneAxisOnly,
        ),
        Misconception(
            "shape without the batch",
            "Your compute_output_shape leaves out the batch axis.",
            "The input shape has a batch axis: what must the output shape have?",
            _ShapeWithoutBatch,
        ),
    ),
)


def _flat_shape(input_shape: Sequence[int | None]) -> tuple[int | None, ...]:
    return shape_of(keras.layers.Flatten(), input_shape)


def _arguments(draw: Draw, rank: int, known: bool = False) -> Case:
    batch, *rest = draw.sizes(rank, 2, 20)
    return Case({"input_shape": (batch if known else None, *rest)})


flatten_shape = Exercise(
    name="flatten_shape",
    unit=UNIT,
    layer="Flatten",
    reference=_flat_shape,
    kinds=(
        Kind("images", lambda d: _arguments(d, 4)),
        Kind("a batch of known size", lambda d: _arguments(d, 3, known=True)),
        Kind("flat already", lambda d: _arguments(d, 2)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "batch left out",
            "Your shape leaves out the batch axis.",
            "How many axes does the output have?",
            lambda input_shape: (math.prod(input_shape[1:]),),
        ),
        Misconception(
            "axes added",
            "Your length is the sum of the axes, not their product.",
            "How many pixels has an image of 8 by 8?",
            lambda input_shape: (input_shape[0], sum(input_shape[1:])),
        ),
        Misconception(
            "batch always unknown",
            "Your shape has None for the batch even when its size is known.",
            "What is the length of the batch axis in the input shape?",
            lambda input_shape: (None, math.prod(input_shape[1:])),
        ),
    ),
)
