"""SpatialDropout2D: in training whole feature maps become zero."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np

from grader.exercises.draw import Draw
from grader.exercises.edges import given
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.regularization.dropping import (
    HIGH,
    LOW,
    UNIT,
    dropping,
    usual_ideas,
)


def _case(draw: Draw, rates: Sequence[float] = LOW, wide: bool = False) -> Case:
    rate = draw.choice(rates)
    batch, channels = draw.size(10, 14), draw.size(24, 32)
    sides = [draw.size(7, 9), draw.size(3, 4)] if wide else draw.sizes(2, 4, 6)
    inputs = draw.normal(batch, *sides, channels)
    facts = {"rate": rate, "together": (1, 2), "compiled": wide}
    return Case({"rate": rate}, inputs, {"training": False}, facts)


def _many(draw: Draw) -> Case:
    """Few maps twelve times, and once so many that a share of one in a hundred more shows."""
    case = _case(draw)
    crowd = draw.normal(300, 1, 2, 200)
    return replace(case, facts={**case.facts, "crowd": crowd})


spatial_dropout = Exercise(
    name="SpatialDropout2D",
    unit=UNIT,
    layer="SpatialDropout2D",
    reference=keras.layers.SpatialDropout2D,
    forbid=("dropout",),
    kinds=(
        Kind("small maps", _case),
        Kind("a high rate", lambda d: _case(d, HIGH)),
        Kind("high and narrow maps", lambda d: _case(d, wide=True)),
        Kind("many maps", _many, edge=True),
        Kind("a rate of 0", lambda d: _case(d, (0.0,)), edge=True, hidden=True),
    ),
    edges={"rate: 0": given("rate", 0.0)},
    aspects={"shape": 1, "dropping": 5},
    misconceptions=(
        *usual_ideas(lambda shape: (shape[0], 1, 1, shape[3])),
        Misconception(
            "drops single values",
            "Your layer drops single values, as Dropout does, not whole feature maps.",
            "For one sample with 16 feature maps, how many random values does the mask need?",
            dropping(lambda shape: shape),
        ),
        Misconception(
            "drops pixels",
            "Your layer drops pixels: at one place all feature maps become zero.",
            "Which values must be dropped together: all maps at one place, or all places of one "
            "map?",
            dropping(lambda shape: (*shape[:3], 1)),
        ),
        Misconception(
            "same maps for all samples",
            "Your layer drops the same feature maps in every sample of a batch.",
            "Which axis of the mask belongs to the samples, and how long is that axis in your "
            "mask?",
            dropping(lambda shape: (1, 1, 1, shape[3])),
        ),
        Misconception(
            "drops rows",
            "Your layer drops rows of the picture: it treats axis 1 as the channels.",
            "In (batch, rows, columns, channels), which axis holds the feature maps?",
            dropping(lambda shape: (shape[0], shape[1], 1, 1)),
        ),
        Misconception(
            "drops columns",
            "Your layer drops columns of the picture: it treats axis 2 as the channels.",
            "In (batch, rows, columns, channels), which axis holds the feature maps?",
            dropping(lambda shape: (shape[0], 1, shape[2], 1)),
        ),
        Misconception(
            "drops rows of a map",
            "Your layer drops single rows of a feature map: the values of a row share one random "
            "number, but the rows do not.",
            "Along how many axes must the mask have length 1?",
            dropping(lambda shape: (shape[0], shape[1], 1, shape[3])),
        ),
    ),
)


def _mask_shape(input_shape: Sequence[int]) -> tuple[int, ...]:
    """Watch the live layer: an axis along which all falls alike, call after call, has length 1."""
    layer, ones = keras.layers.SpatialDropout2D(0.4), np.ones(tuple(input_shape), "float32")
    masks = np.stack([np.asarray(layer(ones, training=True)) == 0 for _ in range(30)])
    alike = [np.all(masks == masks.take([0], axis)) for axis in range(1, masks.ndim)]
    return tuple(1 if one else int(size) for one, size in zip(alike, input_shape, strict=True))


def _arguments(draw: Draw, low: int, high: int) -> Case:
    return Case({"input_shape": draw.sizes(4, low, high)})


spatial_mask_shape = Exercise(
    name="spatial_mask_shape",
    unit=UNIT,
    layer="SpatialDropout2D",
    reference=_mask_shape,
    kinds=(
        Kind("small", lambda d: _arguments(d, 3, 8)),
        Kind("large", lambda d: _arguments(d, 8, 24)),
        Kind("one pixel high", lambda d: Case({"input_shape": (d.size(), 1, *d.sizes(2, 3, 9))})),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "a coin for each value",
            "Your mask has a random value for each single number, as in Dropout.",
            "All values of one feature map share one random value: along which axes does the mask "
            "have length 1?",
            lambda input_shape: tuple(input_shape),
        ),
        Misconception(
            "a coin for each pixel",
            "Your mask has a random value for each pixel: at one place all feature maps are "
            "dropped together.",
            "Which values are dropped together: all maps at one place, or all places of one map?",
            lambda input_shape: (*input_shape[:3], 1),
        ),
        Misconception(
            "one mask for all samples",
            "All samples share your mask: they would lose the same feature maps.",
            "In a batch of 32, how many times are the maps to drop chosen?",
            lambda input_shape: (1, 1, 1, input_shape[3]),
        ),
        Misconception(
            "channels first",
            "Your mask treats axis 1 as the channels.",
            "In (batch, rows, columns, channels), which axis holds the feature maps?",
            lambda input_shape: (input_shape[0], input_shape[1], 1, 1),
        ),
        Misconception(
            "axes left out",
            "Your shape leaves out the axes of length 1, so it does not fit the inputs.",
            "The mask is multiplied with four-dimensional inputs: how many axes does it need?",
            lambda input_shape: (input_shape[0], input_shape[3]),
        ),
    ),
)
