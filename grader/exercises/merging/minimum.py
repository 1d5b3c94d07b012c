"""Minimum: at each place the smallest of the inputs' numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.merging.merging import (
    ASPECTS,
    EDGES,
    MANY,
    UNIT,
    Shape,
    extreme_ideas,
    folded,
    merged_shape,
    merging,
)

minimum = Exercise(
    name="Minimum",
    unit=UNIT,
    layer="Minimum",
    reference=keras.layers.Minimum,
    forbid=("Minimum",),
    kinds=MANY,
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "maximum for minimum",
            "Your layer gives the largest number at each place.",
            "Which of 3 and 5 should come out?",
            merging(folded(ops.maximum)),
        ),
        *extreme_ideas("minimum", ops.minimum, ops.min, ops.argmin),
    ),
)


def _shape(shapes: Sequence[Shape]) -> Shape:
    return merged_shape(keras.layers.Minimum(), shapes)


def _arguments(*ones: tuple[int, ...], known: bool = False) -> Callable[[Draw], Case]:
    """One input for each of the `ones`, which are the axes where its length is 1."""

    def draw_case(draw: Draw) -> Case:
        full = [*draw.sizes(4, 3, 20)]
        shapes = [
            tuple(
                1 if axis in places else length if axis or known else None
                for axis, length in enumerate(full)
            )
            for places in ones
        ]
        return Case({"shapes": shapes})

    return draw_case


def _by_axis(choose: Callable[[Sequence[Any]], Any]) -> Callable[[Sequence[Shape]], Shape]:
    """A shape whose every length but the batch is chosen from those of the inputs."""

    def shape(shapes: Sequence[Shape]) -> Shape:
        lengths = list(zip(*shapes, strict=True))
        return (lengths[0][0], *map(choose, lengths[1:]))

    return shape


def _largest(shapes: Sequence[Shape]) -> Shape:
    return max(map(tuple, shapes), key=_numbers)


def _numbers(shape: Shape) -> int:
    """How many numbers a sample of this shape holds."""
    return math.prod(length or 1 for length in shape[1:])


minimum_shape = Exercise(
    name="minimum_shape",
    unit=UNIT,
    layer="Minimum",
    reference=_shape,
    kinds=(
        Kind("equal shapes", _arguments((), ())),
        Kind("the second one is stretched", _arguments((), (3,))),
        Kind("the first one is stretched", _arguments((1, 2), ())),
        Kind("each is stretched", _arguments((2,), (3,))),
        Kind("three inputs", _arguments((1, 3), (1,), (3,))),
        Kind("a batch of known size", _arguments((2,), (), known=True)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "shape of the first input",
            "Your shape is that of the first input.",
            "What if the first input is the one that must be stretched?",
            lambda shapes: tuple(shapes[0]),
        ),
        Misconception(
            "shape of the largest input",
            "Your shape is that of the largest input, but every input may be stretched.",
            "Can every input be stretched along another axis?",
            _largest,
        ),
        Misconception(
            "smallest lengths",
            "Your shape takes the smallest length along each axis.",
            "The layer compares numbers, not lengths: which length is stretched, 1 or the other "
            "one?",
            _by_axis(min),
        ),
        Misconception(
            "lengths added",
            "Your shape adds up the lengths of the last axis, as Concatenate would.",
            "How many numbers come out when two numbers are compared?",
            lambda shapes: (*_by_axis(max)(shapes)[:-1], sum(shape[-1] or 0 for shape in shapes)),
        ),
        Misconception(
            "batch left out",
            "Your shape leaves out the batch axis.",
            "How many axes does each input have, and how many does the output have?",
            lambda shapes: _by_axis(max)(shapes)[1:],
        ),
        Misconception(
            "batch always unknown",
            "Your shape has None for the batch even when its size is known.",
            "What is the length of the batch axis in the input shapes?",
            lambda shapes: (None, *_by_axis(max)(shapes)[1:]),
        ),
    ),
)
