"""Bucketize: each number becomes a row with a one at the bucket that it falls into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import one_sample
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.features.feature_columns import Reference, boundaries, by_function, numbers

UNIT = "04-features"


class _Live(Reference):
    def __init__(self, boundaries: Sequence[float], **kwargs: Any) -> None:
        super().__init__([("bucketized", "x", boundaries)], **kwargs)

    def call(self, inputs: Any) -> Any:
        return super().call({"x": inputs})


def _case(draw: Draw, count: int) -> Case:
    edges = boundaries(draw, count)
    return Case({"boundaries": edges}, numbers(draw, draw.size(count + 4, count + 8), edges))


def _flat(draw: Draw) -> Case:
    case = _case(draw, draw.size(3, 6))
    return Case(case.config, case.inputs[:, 0])


def _between(inputs: Any, edges: Sequence[float]) -> Any:
    """A column for each pair of edges, the lower one included."""
    x = ops.reshape(inputs, (-1, 1))
    low, high = np.array(edges[:-1], "float32"), np.array(edges[1:], "float32")
    return ops.cast(ops.logical_and(x >= low, x < high), "float32")


def buckets(inputs: Any, boundaries: Sequence[float]) -> Any:
    """The right columns."""
    return _between(inputs, [-np.inf, *boundaries, np.inf])


def _passed(inputs: Any, boundaries: Sequence[float]) -> Any:
    return ops.cast(ops.reshape(inputs, (-1, 1)) >= np.array(boundaries, "float32"), "float32")


def right_closed(inputs: Any, boundaries: Sequence[float]) -> Any:
    """Buckets that hold the boundary above them, not the one below."""
    return ops.flip(buckets(-inputs, [-b for b in boundaries[::-1]]), -1)


bucketize = Exercise(
    name="Bucketize",
    unit=UNIT,
    layer="DenseFeatures",
    reference=_Live,
    forbid=("Discretization",),
    kinds=(
        Kind("several boundaries", lambda d: _case(d, d.size(3, 6))),
        Kind("two boundaries", lambda d: _case(d, 2)),
        Kind("numbers without a second axis", _flat),
        Kind("one boundary", lambda d: _case(d, 1).with_known_batch(), edge=True),
    ),
    edges={
        "boundaries: one": lambda case: len(case.config["boundaries"]) == 1,
        "inputs: one sample": one_sample,
    },
    aspects={"shape": 1, "output": 4},
    misconceptions=(
        Misconception(
            "right-closed buckets",
            "In your layer a number exactly on a boundary goes into the bucket below it.",
            "The bucket above 3500 begins at 3500 itself: which comparison says so?",
            by_function(right_closed),
        ),
        Misconception(
            "number of the bucket",
            "Your layer returns the number of the bucket, in a single column.",
            "Is bucket 2 twice as much as bucket 1? Give each bucket a column of its own.",
            by_function(lambda x, b: ops.sum(_passed(x, b), axis=-1, keepdims=True)),
        ),
        Misconception(
            "all boundaries passed",
            "Your layer has a 1 for every boundary that the number has passed.",
            "In how many buckets can a number be at the same time?",
            by_function(_passed),
        ),
        Misconception(
            "no bucket below the first boundary",
            "Your layer has no bucket for the numbers below the first boundary.",
            "Cut a piece of string three times: how many pieces do you get?",
            by_function(lambda x, b: _between(x, [*b, np.inf])),
        ),
        Misconception(
            "no bucket above the last boundary",
            "Your layer has no bucket for the numbers at and above the last boundary.",
            "Cut a piece of string three times: how many pieces do you get?",
            by_function(lambda x, b: _between(x, [-np.inf, *b])),
        ),
        Misconception(
            "only between the boundaries",
            "Your layer has buckets only between the boundaries, and none at the two ends.",
            "Where does a number go if it is smaller, or larger, than every boundary?",
            by_function(lambda x, b: _between(x, b)),
        ),
    ),
)
