"""What the convolution family shares: cases, and slices of a picture as its windows see it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case

UNIT = "07-convolution-family"


def case(
    draw: Draw,
    height: int | None = None,
    width: int | None = None,
    channels: int = 5,
    **config: Any,
) -> Case:
    """Pictures of 5 channels, which is no side of a kernel and no other size here."""
    rows = height or draw.choice((7, 8))
    columns = width or draw.choice((6, 9))
    return Case(config, draw.normal(2, rows, columns, channels))


def tiny_case(draw: Draw, rows: int, columns: int, **config: Any) -> Case:
    """Pictures of one channel, with sides that may be 1."""
    return Case(config, draw.normal(draw.size(2, 3), rows, columns, 1)).with_known_batch()


def pair(value: Any) -> tuple[int, int]:
    """A number stands for two of them."""
    return (value, value) if isinstance(value, int) else (int(value[0]), int(value[1]))


def edges(length: int, size: int, stride: int, padding: str) -> tuple[int, int]:
    """What `padding` adds before and after an axis."""
    if padding == "valid":
        return 0, 0
    total = max((math.ceil(length / stride) - 1) * stride + size - length, 0)
    return total // 2, total - total // 2


def places(
    inputs: Any, size: Sequence[int], strides: Sequence[int], padding: str = "valid"
) -> Iterator[tuple[int, int, Any]]:
    """For each place (i, j) in the window, what every window has there."""
    lengths = inputs.shape[1:3]
    pads = [edges(*side, padding) for side in zip(lengths, size, strides, strict=True)]
    padded = ops.pad(inputs, ((0, 0), *pads, (0, 0)))
    rows, columns = (
        (length + sum(pad) - side) // stride + 1
        for length, pad, side, stride in zip(lengths, pads, size, strides, strict=True)
    )
    down, right = strides
    for i in range(size[0]):
        for j in range(size[1]):
            rest = padded[:, i : i + rows * down : down, j : j + columns * right : right]
            yield i, j, rest


class Traced:
    """Stands before a Keras layer whose output has another shape: Keras traces `call` instead."""

    compute_output_shape = keras.layers.Layer.compute_output_shape


def biased(layer: Any, outputs: Any) -> Any:
    """The outputs with the layer's bias, where it has one."""
    return outputs if layer.bias is None else outputs + layer.bias
