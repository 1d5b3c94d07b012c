"""How many numbers a convolution learns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras

from grader.exercises.convolution.convolution import UNIT
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.live import count_of


def _count(
    channels: int, filters: int, kernel_size: Sequence[int], groups: int = 1, use_bias: bool = True
) -> int:
    layer = keras.layers.Conv2D(filters, tuple(kernel_size), groups=groups, use_bias=use_bias)
    return count_of(layer, (None, 20, 20, channels))


def _arguments(draw: Draw, groups: int = 1, **more: Any) -> Case:
    channels, filters = (groups * size for size in draw.sizes(2, 4, 12))
    kernel_size = draw.choice((2, 3, 4)), draw.choice((5, 7))  # never (groups × n, n)
    config = {"channels": channels, "filters": filters, "kernel_size": kernel_size}
    return Case({**config, "groups": groups, **more} if groups > 1 or more else config)


conv_params = Exercise(
    name="conv_params",
    unit=UNIT,
    layer="Conv2D",
    reference=_count,
    kinds=(
        Kind("with a bias", _arguments),
        Kind("without a bias", lambda d: _arguments(d, use_bias=False)),
        Kind("groups", lambda d: _arguments(d, groups=d.choice((2, 3)))),
    ),
    aspects={"prediction": 1},
    tolerance=1e-9,  # two large counts may differ by a few biases only
    misconceptions=(
        Misconception(
            "bias not counted",
            "Your count leaves out the bias.",
            "What does each filter add to its sums?",
            lambda channels, filters, kernel_size, groups=1, use_bias=True: (
                channels // groups * math.prod(kernel_size) * filters
            ),
        ),
        Misconception(
            "use_bias ignored",
            "Your count has a bias even when use_bias is False.",
            "What is left of the formula when there is no bias?",
            lambda channels, filters, kernel_size, groups=1, use_bias=True: (
                channels // groups * math.prod(kernel_size) * filters + filters
            ),
        ),
        Misconception(
            "one bias for each channel",
            "Your count has a bias for each input channel, not for each filter.",
            "The bias is added to the outputs: how many channels have they?",
            lambda channels, filters, kernel_size, groups=1, use_bias=True: (
                channels // groups * math.prod(kernel_size) * filters + channels * use_bias
            ),
        ),
        Misconception(
            "channels forgotten",
            "Your filters have one weight for each place of the window, as if there were one "
            "channel.",
            "How many numbers are in a window of two by two pixels with three channels each?",
            lambda channels, filters, kernel_size, groups=1, use_bias=True: (
                (math.prod(kernel_size) + use_bias) * filters
            ),
        ),
        Misconception(
            "groups ignored",
            "Your count lets every filter see all channels: it ignores groups.",
            "With two groups, how many of eight channels does one filter see?",
            lambda channels, filters, kernel_size, groups=1, use_bias=True: (
                channels * math.prod(kernel_size) * filters + filters * use_bias
            ),
        ),
        Misconception(
            "each group has all filters",
            "Your count gives all the filters to each group, but the groups divide them.",
            "With two groups and eight filters, how many filters does a group own?",
            lambda channels, filters, kernel_size, groups=1, use_bias=True: (
                channels * math.prod(kernel_size) * filters + groups * filters * use_bias
            ),
        ),
        Misconception(
            "first side only",
            "Your count squares the first side of the kernel, but the other side may differ.",
            "How many places does a kernel of two by three have?",
            lambda channels, filters, kernel_size, groups=1, use_bias=True: (
                channels // groups * kernel_size[0] ** 2 * filters + filters * use_bias
            ),
        ),
    ),
)


def _count_3d(
    input_shape: Sequence[int | None],
    filters: int,
    kernel_size: int | Sequence[int],
    use_bias: bool = True,
) -> int:
    size = kernel_size if isinstance(kernel_size, int) else tuple(kernel_size)
    return count_of(keras.layers.Conv3D(filters, size, use_bias=use_bias), input_shape)


def _block(draw: Draw, size: Any = None, **more: Any) -> Case:
    channels, *sides, filters = draw.sizes(5, 7, 20)
    kernel_size = size or draw.sizes(3, 2, 6)
    shape = (None, *sides, channels)
    return Case({"input_shape": shape, "filters": filters, "kernel_size": kernel_size, **more})


def _places(kernel_size: Any) -> int:
    return kernel_size**3 if isinstance(kernel_size, int) else math.prod(kernel_size)


conv3d_params = Exercise(
    name="conv3d_params",
    unit=UNIT,
    layer="Conv3D",
    reference=_count_3d,
    kinds=(
        Kind("three sides", _block),
        Kind("a cube, given as one number", lambda d: _block(d, size=d.size(3, 5))),
        Kind("without a bias", lambda d: _block(d, use_bias=False)),
    ),
    aspects={"prediction": 1},
    tolerance=1e-9,  # two large counts may differ by a few biases only
    misconceptions=(
        Misconception(
            "bias not counted",
            "Your count leaves out the bias.",
            "What does each filter add to its sums?",
            lambda input_shape, filters, kernel_size, use_bias=True: (
                input_shape[-1] * _places(kernel_size) * filters
            ),
        ),
        Misconception(
            "use_bias ignored",
            "Your count has a bias even when use_bias is False.",
            "What is left of the formula when there is no bias?",
            lambda input_shape, filters, kernel_size, use_bias=True: (
                input_shape[-1] * _places(kernel_size) * filters + filters
            ),
        ),
        Misconception(
            "one number taken for a square",
            "When kernel_size is one number, your kernel is a square; it should be a cube.",
            "In a Conv3D, for how many sides does that one number stand?",
            lambda input_shape, filters, kernel_size, use_bias=True: (
                input_shape[-1]
                * (kernel_size**2 if isinstance(kernel_size, int) else _places(kernel_size))
                * filters
                + filters * use_bias
            ),
        ),
        Misconception(
            "depth of the kernel forgotten",
            "Your kernel is flat: your count leaves out its depth.",
            "How many numbers are in a window that is two deep, three high and four wide?",
            lambda input_shape, filters, kernel_size, use_bias=True: (
                input_shape[-1]
                * _places(kernel_size if isinstance(kernel_size, int) else kernel_size[1:])
                * filters
                + filters * use_bias
            ),
        ),
        Misconception(
            "depth taken for channels",
            "Your filters have weights for as many channels as the block is deep.",
            "Inputs are (batch, depth, rows, columns, channels): along which axes does the window "
            "slide, and which axis does it always cover in full?",
            lambda input_shape, filters, kernel_size, use_bias=True: (
                input_shape[1] * _places(kernel_size) * filters + filters * use_bias
            ),
        ),
        Misconception(
            "weights for each slice",
            "Your count has separate weights for each slice of the block.",
            "When the window slides deeper, does it use other weights?",
            lambda input_shape, filters, kernel_size, use_bias=True: (
                input_shape[1] * input_shape[-1] * _places(kernel_size) * filters
                + filters * use_bias
            ),
        ),
    ),
)
