"""What the pooling exercises share: cases with sharp sizes, windows as slices, wrong ideas."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import beyond, given, numbers, size_one, some_zero, unequal, zeros
from grader.exercises.exercise import Case, Kind, Misconception
from grader.exercises.forgetting import not_in_config
from grader.exercises.further import other, short, zeroed

UNIT = "08-pooling"

ASPECTS = {"shape": 2, "parameters": 1, "output": 4, "gradient": 1, "config": 1, "dtype": 1}
GLOBAL_ASPECTS = {"shape": 1, "parameters": 1, "output": 2, "gradient": 1, "config": 1}


def _case(
    draw: Draw, height: Sequence[int], width: Sequence[int], channels: int, **config: Any
) -> Case:
    """Mostly negative inputs: a zero among them is the largest of its window."""
    rows, columns = draw.choice(height), draw.choice([w for w in width if w != channels])
    batch = draw.choice([n for n in (2, 3, 4) if n not in (rows, columns, channels)])
    return Case(config, draw.normal(batch, rows, columns, channels) - 0.8)


def _same(draw: Draw) -> Case:
    """Called again with numbers far below zero, and with zeros, which are numbers too."""
    case = _case(draw, (7, 10), (5, 9), 2, pool_size=(3, 2), padding="same")
    far, some = case.inputs - np.float32(1e4), case.inputs * (case.inputs < -0.5)
    return case.then(
        other(case, "numbers far below zero", far),
        other(case, "zeros among the inputs", some),
        zeroed(case),
    )


def _gaps(draw: Draw) -> Case:
    """Windows of one column, and rows that no window sees; pictures of one channel."""
    config = {"pool_size": (2, 1), "strides": (3, 2), "padding": "same"}
    case = Case(config, draw.normal(draw.size(2, 3), 7, draw.size(4, 6), 1) - np.float32(0.8))
    return case.then(short(case, 2)).with_known_batch()


def _pixels(draw: Draw) -> Case:
    """A window of a single pixel."""
    case = Case({"pool_size": 1}, draw.normal(2, 1, draw.size(3, 5), 1) - np.float32(0.8))
    return case.with_known_batch()


_FURTHER = (
    Kind("same", _same, also=("dtype", "traced")),
    Kind(
        "same, even sides, strides of 2",
        lambda d: _case(d, (6, 8), (4, 10), 3, pool_size=3, strides=2, padding="same"),
        also=("config",),
    ),
    Kind(
        "strides of their own",
        lambda d: _case(d, (6, 8), (9, 10), 3, pool_size=(2, 3), strides=(1, 2)),
        also=("config",),
    ),
    Kind("strides above the window, one channel", _gaps, edge=True, hidden=True),
    Kind("a window of 1", _pixels, edge=True, hidden=True),
)
EDGES = {
    "pool_size: 1": given("pool_size", 1),
    "strides: two that differ": unequal("strides"),
    "strides: above the window": beyond("strides", "pool_size"),
    "inputs: one column": size_one(2),
    "inputs: one channel": size_one(-1),
    "inputs: zero": zeros,
    "inputs: some zero": some_zero,
    "inputs: far below zero": lambda case: any(array.max() < -100 for array in numbers(case)),
}


def kinds(**least: Any) -> tuple[Kind, ...]:
    """All kinds; `least` are the arguments that must be given."""
    plain = Kind(
        "side by side",
        lambda d: _case(d, (5, 7), (9, 11), 3, **least),
        also=("config", "dtype", "traced"),
    )
    return plain, *_FURTHER


def outputs_along(length: int, pool: int, stride: int, padding: str) -> int:
    """Number of windows along an axis."""
    if padding == "same":
        return math.ceil(length / stride)
    return (length - pool) // stride + 1


def missing(length: int, pool: int, stride: int, count: int) -> int:
    """What the axis lacks for so many windows."""
    return max(0, (count - 1) * stride + pool - length)


class Slices:
    """Pooling by hand: for each place in the window a slice of the inputs, one on top of the other.

    It stands before a Keras layer in the bases of a wrong one, which changes a step.
    """

    largest = True
    fill = float("-inf")
    compute_output_shape = keras.layers.Layer.compute_output_shape  # Keras traces call instead
    pool_size: Sequence[int]
    strides: Sequence[int]
    padding: str

    def window(self) -> tuple[Sequence[int], Sequence[int]]:
        """Size and strides."""
        return self.pool_size, self.strides

    def pads(self, length: int, pool: int, stride: int) -> tuple[int, int]:
        """What is added before and after an axis."""
        if self.padding == "valid":
            return 0, 0
        total = missing(length, pool, stride, outputs_along(length, pool, stride, "same"))
        return total // 2, total - total // 2

    def join(self, values: Any, present: Any) -> Any:
        """One number for each window; both arrays hold a window's places along their axis 0."""
        if self.largest:
            return ops.max(values, axis=0)
        return ops.sum(values, axis=0) / ops.sum(present, axis=0)

    def call(self, inputs: Any) -> Any:
        """Pad, cut, join."""
        lengths, (pool, strides) = inputs.shape[1:3], self.window()
        pads = [
            self.pads(length, size, stride)
            for length, size, stride in zip(lengths, pool, strides, strict=True)
        ]
        fill = self.fill if self.largest else 0.0
        padded = ops.pad(inputs, ((0, 0), *pads, (0, 0)), constant_values=fill)
        ones = ops.pad(ops.ones_like(inputs), ((0, 0), *pads, (0, 0)))
        return self.join(_slices(padded, pool, strides), _slices(ones, pool, strides))


def _slices(padded: Any, pool: Sequence[int], strides: Sequence[int]) -> Any:
    rows, columns = (
        outputs_along(length, size, stride, "valid")
        for length, size, stride in zip(padded.shape[1:3], pool, strides, strict=True)
    )
    down, right = strides
    return ops.stack(
        [
            padded[
                :, i : i + down * (rows - 1) + 1 : down, j : j + right * (columns - 1) + 1 : right
            ]
            for i in range(pool[0])
            for j in range(pool[1])
        ]
    )


class _StrideOne:
    def __init__(self, pool_size: Any = 2, strides: Any = None, **kwargs: Any) -> None:
        super().__init__(  # type: ignore[call-arg]
            pool_size, 1 if strides is None else strides, **kwargs
        )


class _RoundsUp(Slices):
    def pads(self, length: int, pool: int, stride: int) -> tuple[int, int]:
        if self.padding == "same":
            return super().pads(length, pool, stride)
        return 0, missing(length, pool, stride, math.ceil((length - pool) / stride) + 1)


class _NoPadding(Slices):
    def pads(self, length: int, pool: int, stride: int) -> tuple[int, int]:
        return 0, 0


class _PadsBefore(Slices):
    def pads(self, length: int, pool: int, stride: int) -> tuple[int, int]:
        before, after = super().pads(length, pool, stride)
        return after, before


class _Swapped(Slices):
    def window(self) -> tuple[Sequence[int], Sequence[int]]:
        return tuple(self.pool_size)[::-1], tuple(self.strides)[::-1]


class _ChannelsFirst:
    compute_output_shape = keras.layers.Layer.compute_output_shape

    def call(self, inputs: Any) -> Any:
        moved = super().call(ops.moveaxis(inputs, 1, 3))  # type: ignore[misc]
        return ops.moveaxis(moved, 3, 1)


def variant(base: type, how: type, **members: Any) -> type:
    """The Keras layer with a step of it changed."""
    return type(how.__name__, (how, base), {"largest": "Max" in base.__name__, **members})


def ideas(base: type) -> dict[str, Misconception]:
    """Wrong ideas that any pooling layer with windows can have, by name."""
    found = (
        Misconception(
            "strides of 1",
            "When no strides are given, your window moves by one pixel.",
            "Halving a picture with a window of 2: by how much must the window jump?",
            variant(base, _StrideOne),
        ),
        Misconception(
            "valid rounded up",
            "With padding='valid' your layer still uses a last window that reaches over the edge.",
            "With valid, what happens to rows and columns that do not fill another window?",
            variant(base, _RoundsUp),
        ),
        Misconception(
            "same ignored",
            "Your layer drops the edge with padding='same' too, as valid does.",
            "With same, how many windows must there be so that every pixel is in one?",
            variant(base, _NoPadding),
        ),
        Misconception(
            "padding on the wrong side",
            "When the amount of padding is odd, your layer puts the larger half at the top and on "
            "the left.",
            "TensorFlow divides the padding between both sides: which side gets the extra pixel?",
            variant(base, _PadsBefore),
        ),
        Misconception(
            "height and width exchanged",
            "Your layer reads the first entry of pool_size and strides as the width.",
            "Which axis of (batch, height, width, channels) comes first, height or width?",
            variant(base, _Swapped),
        ),
        Misconception(
            "pools over channels",
            "Your window moves over axes 2 and 3: over the width and over the channels.",
            "Which axes of (batch, height, width, channels) make the picture?",
            variant(base, _ChannelsFirst),
        ),
        *not_in_config(base, "strides", "padding"),
    )
    return {idea.name: idea for idea in found}


def whole(draw: Draw, **config: Any) -> Case:
    """A case for a layer that takes the whole picture at once."""
    case = Case(config, draw.normal(*draw.sizes(4)) - np.float32(0.5))
    pixel, far = draw.normal(2, 1, 1, 1), case.inputs - np.float32(1e4)
    return case.then(
        other(case, "pictures of one pixel", pixel),
        other(case, "numbers far below zero", far),
        zeroed(case),
    )


GLOBAL_EDGES = {
    "inputs: one row": size_one(1),
    "inputs: one channel": size_one(-1),
    "inputs: zero": zeros,
    "inputs: far below zero": EDGES["inputs: far below zero"],
}
GLOBAL_KINDS = (
    Kind("a row for each picture", whole, also=("config",)),
    Kind("keepdims", lambda d: whole(d, keepdims=True).with_known_batch(), also=("config",)),
)


class Whole:
    """The axes that are pooled, for a wrong layer to change; it stands before a Keras layer."""

    axes: tuple[int, ...] = (1, 2)
    reduce: Mapping[str, Any]
    keepdims: bool
    compute_output_shape = keras.layers.Layer.compute_output_shape

    def call(self, inputs: Any) -> Any:
        """Join the axes."""
        pool = ops.max if getattr(self, "largest", True) else ops.mean
        return pool(inputs, axis=self.axes, keepdims=self.keeps())

    def keeps(self) -> bool:
        """Whether the joined axes stay, each of length 1."""
        return self.keepdims


class _Keeps(Whole):
    def keeps(self) -> bool:
        return True


class _Drops(Whole):
    def keeps(self) -> bool:
        return False


class _AllAxes(Whole):
    axes = (1, 2, 3)


class _LastAxes(Whole):
    axes = (2, 3)


class _Rows(Whole):
    axes = (1,)


def global_ideas(base: type) -> tuple[Misconception, ...]:
    """Wrong ideas that a layer which pools the whole picture can have."""
    return (
        Misconception(
            "keeps dims",
            "Your output keeps the two pooled axes, each of length 1, although keepdims is False.",
            "A Dense layer comes next: what should it see, a row of numbers or a tiny picture?",
            variant(base, _Keeps),
        ),
        Misconception(
            "keepdims ignored",
            "Your output loses the two pooled axes even with keepdims=True.",
            "Which shape does keepdims=True ask for?",
            variant(base, _Drops),
        ),
        Misconception(
            "pools over channels",
            "Your layer pools over the channels as well: each picture becomes a single number.",
            "If a picture has 3 channels, how many numbers should come out?",
            variant(base, _AllAxes),
        ),
        Misconception(
            "channels taken for the first axis",
            "Your layer pools axes 2 and 3: the width and the channels.",
            "Which axes of (batch, height, width, channels) make the picture?",
            variant(base, _LastAxes),
        ),
        Misconception(
            "only the rows joined",
            "Your layer pools the height only and keeps the width.",
            "What is the shape of a picture after both of its sides are pooled?",
            variant(base, _Rows),
        ),
    )
