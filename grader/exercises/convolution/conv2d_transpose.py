"""Conv2DTranspose: every pixel stamps the kernel onto a larger picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.convolution.convolution_family import (
    UNIT,
    Traced,
    biased,
    case,
    pair,
    tiny_case,
)
from grader.exercises.draw import Draw
from grader.exercises.edges import beyond, given, size_one, unequal, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.forgetting import not_in_config
from grader.exercises.further import zeroed
from grader.exercises.live import shape_of

_LAYER = keras.layers.Conv2DTranspose


class _Stamps(Traced, keras.layers.Conv2DTranspose):
    """By hand, step by step: pixels set apart, a convolution with the kernel turned, a cut."""

    def apart(self, inputs: Any) -> Any:
        """The inputs with strides - 1 zeros between any two pixels."""
        for axis, stride in zip((1, 2), self.strides, strict=True):
            zeros = ops.zeros_like(ops.expand_dims(inputs, axis + 1))
            between = ops.concatenate(
                [ops.expand_dims(inputs, axis + 1)] + [zeros] * (stride - 1), axis=axis + 1
            )
            shape = list(inputs.shape)
            shape[0], shape[axis] = -1, shape[axis] * stride
            inputs = ops.reshape(between, shape)
        return inputs

    def turned(self) -> Any:
        """The kernel as a convolution wants it, (height, width, in, out)."""
        return ops.transpose(ops.flip(self.kernel, axis=(0, 1)), (0, 1, 3, 2))

    def cut(self, length: int, size: int, stride: int) -> tuple[int, int]:
        """Where the output begins among all that was stamped, and how long it is."""
        if self.padding == "same":
            return max(size - stride, 0) // 2, length * stride
        return 0, length * stride + max(size - stride, 0)

    def call(self, inputs: Any) -> Any:
        sides = zip(inputs.shape[1:3], self.kernel_size, self.strides, strict=True)
        (top, rows), (left, columns) = (self.cut(*side) for side in sides)
        # As many zeros around as a window needs that sees just one pixel, and some to cut from.
        margins = [(size - 1, size + stride) for size, stride in self._windows()]
        padded = ops.pad(self.apart(inputs), ((0, 0), *margins, (0, 0)))
        stamped = ops.conv(padded, self.turned(), padding="valid")
        return biased(self, stamped[:, top : top + rows, left : left + columns])

    def _windows(self) -> list[tuple[int, int]]:
        return list(zip(self.kernel_size, self.strides, strict=True))


class _InOut(keras.layers.Conv2DTranspose):
    def build(self, input_shape: Any) -> None:
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self._kernel = self.add_weight(name="kernel", shape=shape)
        self.bias = self.add_weight(name="bias", shape=(self.filters,)) if self.use_bias else None
        self.built = True

    @property
    def kernel(self) -> Any:
        return ops.transpose(self._kernel, (0, 1, 3, 2))


class _NotTurned(_Stamps):
    def turned(self) -> Any:
        return ops.transpose(self.kernel, (0, 1, 3, 2))


class _Repeats(_Stamps):
    def apart(self, inputs: Any) -> Any:
        for axis, stride in zip((1, 2), self.strides, strict=True):
            inputs = ops.repeat(inputs, stride, axis=axis)
        return inputs


class _CutsToStrides(_Stamps):
    def cut(self, length: int, size: int, stride: int) -> tuple[int, int]:
        return (
            super().cut(length, size, stride)[0] if self.padding == "same" else 0
        ), length * stride


class _CutsTheEnd(_Stamps):
    def cut(self, length: int, size: int, stride: int) -> tuple[int, int]:
        return 0, super().cut(length, size, stride)[1]


class _NotCut(_Stamps):
    def cut(self, length: int, size: int, stride: int) -> tuple[int, int]:
        return 0, length * stride + max(size - stride, 0)


class _NoBias(keras.layers.Conv2DTranspose):
    def __init__(self, *args: Any, use_bias: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, use_bias=False, **kwargs)


def _gaps(draw: Draw) -> Case:
    config = {"kernel_size": 2, "strides": (3, 4), "padding": "same", "use_bias": False}
    return tiny_case(draw, 1, draw.size(2, 4), filters=1, **config)


def _plainest(draw: Draw) -> Case:
    case = tiny_case(draw, 2, draw.size(3, 4), filters=2, kernel_size=1, padding="same")
    return case.then(zeroed(case))


conv2d_transpose = Exercise(
    name="Conv2DTranspose",
    unit=UNIT,
    layer="Conv2DTranspose",
    reference=_LAYER,
    forbid=("Conv2DTranspose",),
    kinds=(
        Kind(
            "windows that overlap",
            lambda d: case(d, 4, 3, filters=6, kernel_size=(3, 4), strides=2),
            also=("config", "dtype", "traced"),
        ),
        Kind(
            "strides of 1, no bias",
            lambda d: case(d, 3, 4, filters=7, kernel_size=(3, 2), use_bias=False).once(),
            also=("config",),
        ),
        Kind(
            "same",
            lambda d: case(d, 3, 4, filters=6, kernel_size=(6, 5), strides=2, padding="same"),
            also=("config", "traced"),
        ),
        Kind(
            "windows that leave gaps",
            lambda d: case(d, 3, 4, filters=7, kernel_size=2, strides=3).once(),
        ),
        Kind("same, windows that leave gaps, one channel", _gaps, edge=True, hidden=True),
        Kind("same, strides of 1, a kernel of 1", _plainest, edge=True),
    ),
    edges={
        "filters: 1": given("filters", 1),
        "kernel_size: 1": given("kernel_size", 1),
        "strides: above the kernel": beyond("strides", "kernel_size"),
        "strides: two that differ": unequal("strides"),
        "inputs: one row": size_one(1),
        "inputs: one channel": size_one(-1),
        "inputs: zero": zeros,
    },
    aspects={"shape": 2, "parameters": 2, "output": 4, "gradient": 1, "config": 1, "dtype": 1},
    misconceptions=(
        Misconception(
            "kernel as Conv2D has it",
            "Your kernel is stored as (height, width, in, out): here the last two are the other "
            "way round.",
            "This layer runs a Conv2D backwards. In that Conv2D, what goes in and what comes out?",
            _InOut,
        ),
        Misconception(
            "kernel flipped",
            "Your layer stamps the kernel upside down and mirrored.",
            "The input is a single 1 among zeros: what should come out?",
            _NotTurned,
        ),
        Misconception(
            "pixels repeated",
            "Your layer repeats each pixel, where there should be a gap between two pixels.",
            "How many times does a single pixel stamp the kernel?",
            _Repeats,
        ),
        Misconception(
            "cut to length × strides",
            "With padding valid your output ends at length × strides: the last stamps are cut off.",
            "Where does the last stamp begin, and where does it end?",
            _CutsToStrides,
        ),
        Misconception(
            "cut at the end only",
            "With padding same your layer cuts everything off at the end.",
            "Padding is split between both ends: what about cutting?",
            _CutsTheEnd,
        ),
        Misconception(
            "same not cut",
            "With padding same your output is as long as with valid.",
            "How long is the picture that a Conv2D with same would turn into this one?",
            _NotCut,
        ),
        Misconception(
            "bias omitted",
            "Your layer never adds a bias, although use_bias is True.",
            "What should be added to each output channel at the end?",
            _NoBias,
        ),
        *not_in_config(_LAYER, "strides", "padding"),
    ),
)


def _shape(
    input_shape: Sequence[int | None],
    filters: int,
    kernel_size: Any,
    strides: Any,
    padding: str = "valid",
) -> tuple[int | None, ...]:
    return shape_of(_LAYER(filters, kernel_size, strides, padding), input_shape)


def _arguments(draw: Draw, padding: str, smallest: int) -> Case:
    strides = draw.choice([(2, 3), (3, 2), (3, 4)])
    kernel = tuple(stride + smallest + index for index, stride in enumerate(strides))
    height, width, channels, filters = draw.sizes(4, 5, 20)
    return Case(
        {
            "input_shape": (None, height, width, channels),
            "filters": filters,
            "kernel_size": kernel,
            "strides": strides,
            "padding": padding,
        }
    )


def _wrong(rule: Any) -> Any:
    """A wrong function, from `rule(length, size, stride)` for sides under valid."""

    def shape(input_shape: Any, filters: Any, kernel_size: Any, strides: Any, padding: Any) -> Any:
        sides = zip(input_shape[1:3], pair(kernel_size), pair(strides), strict=True)
        return (input_shape[0], *(rule(*side, padding == "same") for side in sides), filters)

    return shape


transpose_shape = Exercise(
    name="transpose_shape",
    unit=UNIT,
    layer="Conv2DTranspose",
    reference=_shape,
    kinds=(
        Kind("valid", lambda d: _arguments(d, "valid", 1)),
        Kind("valid, stamps side by side", lambda d: _arguments(d, "valid", 0)),
        Kind("same", lambda d: _arguments(d, "same", 1)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "as Conv2D",
            "Your output is smaller than the input, as with Conv2D.",
            "Each pixel stamps a whole kernel: can the result be smaller than the picture?",
            _wrong(lambda n, k, s, same: -(-n // s) if same else (n - k) // s + 1),
        ),
        Misconception(
            "cut to length × strides",
            "With valid your sides are length × strides, but the last stamps reach further.",
            "Where does the last stamp begin, and where does it end?",
            _wrong(lambda n, k, s, same: n * s),
        ),
        Misconception(
            "expects the old size back",
            "You give the largest input from which a Conv2D would make this size.",
            "A Conv2D drops the rows that do not fill a window: can you know later how many there "
            "were?",
            _wrong(lambda n, k, s, same: n * s if same else (n - 1) * s + k + s - 1),
        ),
        Misconception(
            "same as valid",
            "With same you keep the whole stamps at the edge.",
            "What does same promise: that nothing is cut off, or that the length is a multiple of "
            "the stride?",
            _wrong(lambda n, k, s, same: (n - 1) * s + k),
        ),
    ),
)
