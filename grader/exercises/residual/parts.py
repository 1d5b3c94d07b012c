"""What the blocks of the unit share: convolutions, sizes, the values of their weights."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import keras
import numpy as np

from grader.exercises.draw import Draw
from grader.exercises.edges import given, large, size_one, zeros
from grader.exercises.exercise import Misconception

UNIT = "16-residual-networks"
Layer = type[keras.layers.Layer]
BLOCK: Mapping[str, float] = {
    "shape": 1,
    "parameters": 2,
    "output": 4,
    "gradient": 1,
    "training": 2,
}
"""What is judged of a block with BatchNormalization."""
BLOCK_EDGES = {
    "filters: 1": given("filters", 1),
    "strides: as large as the kernel": given("strides", 3),
    "inputs: one row": size_one(1),
    "inputs: one channel": size_one(-1),
    "inputs: zero": zeros,
    "inputs: large": large(15),
}
"""The edges that the cases of each block reach."""


def conv(filters: int, size: int, strides: int = 1, **more: Any) -> keras.layers.Conv2D:
    """A convolution as the blocks have it: `same`, without a bias."""
    return keras.layers.Conv2D(
        filters, size, strides=strides, padding="same", **{"use_bias": False, **more}
    )


def smaller(shape: tuple[int | None, ...], strides: int, channels: int) -> tuple[int | None, ...]:
    """The shape after a convolution with `same` and these strides."""
    sides = (side if side is None else math.ceil(side / strides) for side in shape[1:-1])
    return (shape[0], *sides, channels)


def height_and_width(draw: Draw, *, strides: int = 1, **config: int) -> tuple[int, ...]:
    """Height and width. With strides one of them is even: `same` adds a zero at one end only."""
    return draw.sizes(2, 5, 7) if strides == 1 else draw.choice([(5, 6), (6, 5), (6, 7), (7, 6)])


def weight(draw: Draw, name: str, shape: tuple[int, ...]) -> np.ndarray:
    """Kernels that keep the size of their inputs, so that both paths of a block count; moving
    variances so small that epsilon shows."""
    values = draw.weight(name, shape)
    if name == "moving_variance":
        return 0.1 * values
    if name == "kernel":
        return (2.0 / math.sqrt(math.prod(shape[:-1])) * values).astype("float32")
    return values


class AlwaysTraining(keras.layers.BatchNormalization):
    """A wrong normalization, which works as in training at all times."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalize by the statistics of the batch."""
        return super().call(inputs, training=True)


class NeverTraining(keras.layers.BatchNormalization):
    """A wrong normalization, which works as at inference at all times."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        """Normalize by the moving statistics."""
        return super().call(inputs, training=False)


def modes(always: Layer, never: Layer) -> tuple[Misconception, ...]:
    """The wrong ideas of a block that is always in training mode, and of one that never is."""
    return (
        Misconception(
            "always in training mode",
            "Your normalizations always work as in training.",
            "Which value does `training` have when nobody gives it?",
            always,
        ),
        Misconception(
            "never in training mode",
            "Your normalizations use their moving statistics in training, too.",
            "What happens to a `training=False` that you write into the call of a part?",
            never,
        ),
    )
