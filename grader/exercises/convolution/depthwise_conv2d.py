"""DepthwiseConv2D: every channel has filters of its own, and no channel meets another."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.convolution.convolution_family import UNIT, Traced, biased, case, tiny_case
from grader.exercises.draw import Draw
from grader.exercises.edges import beyond, given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.forgetting import not_in_config
from grader.exercises.further import zeroed

_LAYER = keras.layers.DepthwiseConv2D


def _outputs(layer: Any, inputs: Any, kernel: Any = None) -> Any:
    kernel = layer.kernel if kernel is None else kernel
    return ops.depthwise_conv(inputs, kernel, strides=layer.strides, padding=layer.padding)


class _OneForAll(keras.layers.DepthwiseConv2D):
    def build(self, input_shape: Any) -> None:
        channels, many = input_shape[-1], self.depth_multiplier
        shape = (*self.kernel_size, 1, many)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        bias = self.add_weight(name="bias", shape=(channels * many,)) if self.use_bias else None
        self.bias = bias
        self.built = True

    def call(self, inputs: Any) -> Any:
        kernel = ops.repeat(self.kernel, inputs.shape[-1], axis=2)
        return biased(self, _outputs(self, inputs, kernel))


class _MultiplierMajor(keras.layers.DepthwiseConv2D):
    def call(self, inputs: Any) -> Any:
        outputs, channels = _outputs(self, inputs), inputs.shape[-1]
        _, rows, columns, _ = outputs.shape
        parts = ops.reshape(outputs, (-1, rows, columns, channels, self.depth_multiplier))
        return biased(
            self,
            ops.reshape(
                ops.swapaxes(parts, 3, 4), (-1, rows, columns, parts.shape[3] * parts.shape[4])
            ),
        )


class _Summed(Traced, keras.layers.DepthwiseConv2D):
    def build(self, input_shape: Any) -> None:
        channels, many = input_shape[-1], self.depth_multiplier
        shape = (*self.kernel_size, channels, many)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        self.bias = self.add_weight(name="bias", shape=(many,)) if self.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        outputs = ops.conv(inputs, self.kernel, strides=self.strides, padding=self.padding)
        return biased(self, outputs)


class _Flipped(keras.layers.DepthwiseConv2D):
    def call(self, inputs: Any) -> Any:
        return biased(self, _outputs(self, inputs, ops.flip(self.kernel, axis=(0, 1))))


class _OneFilter(keras.layers.DepthwiseConv2D):
    def __init__(self, *args: Any, depth_multiplier: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, depth_multiplier=1, **kwargs)


class _NoBias(keras.layers.DepthwiseConv2D):
    def __init__(self, *args: Any, use_bias: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, use_bias=False, **kwargs)


class _Valid(keras.layers.DepthwiseConv2D):
    def __init__(self, *args: Any, padding: str = "valid", **kwargs: Any) -> None:
        super().__init__(*args, padding="valid", **kwargs)


def _gaps(draw: Draw) -> Case:
    return tiny_case(draw, 7, draw.size(4, 6), kernel_size=2, strides=3, padding="same")


def _plainest(draw: Draw) -> Case:
    case = tiny_case(draw, 1, draw.size(3, 5), kernel_size=1, use_bias=False)
    return case.then(zeroed(case))


def _three_filters(draw: Draw) -> Case:
    return tiny_case(draw, 2, draw.size(3, 5), kernel_size=2, depth_multiplier=3)


depthwise_conv2d = Exercise(
    name="DepthwiseConv2D",
    unit=UNIT,
    layer="DepthwiseConv2D",
    reference=_LAYER,
    forbid=("DepthwiseConv2D",),
    kinds=(
        Kind(
            "several filters for each channel",
            lambda d: case(d, kernel_size=(2, 3), strides=2, depth_multiplier=4),
            also=("config", "dtype"),
        ),
        Kind(
            "same, one filter for each channel, no bias",
            lambda d: (
                case(d, kernel_size=(4, 3), padding="same", use_bias=False)
                .with_known_batch()
                .once()
            ),
            also=("config",),
        ),
        Kind(
            "same, even sides, strides of 2",
            lambda d: (
                case(
                    d,
                    8,
                    6,
                    kernel_size=3,
                    strides=2,
                    padding="same",
                    depth_multiplier=4,
                    use_bias=False,
                )
                .with_known_batch()
                .once()
            ),
        ),
        Kind("same, a stride above the kernel, one channel", _gaps, edge=True, hidden=True),
        Kind("a kernel of 1", _plainest, edge=True),
        Kind("three filters for one channel", _three_filters, edge=True, hidden=True),
    ),
    edges={
        "depth_multiplier: 1, by default": lambda case: "depth_multiplier" not in case.config,
        "kernel_size: 1": given("kernel_size", 1),
        "strides: above the kernel": beyond("strides", "kernel_size"),
        "inputs: one row": size_one(1),
        "inputs: one channel": size_one(-1),
        "inputs: zero": zeros,
    },
    aspects={
        "shape": 1,
        "parameters": 2,
        "output": 4,
        "gradient": 1,
        "config": 1,
        "dtype": 1,
    },
    misconceptions=(
        Misconception(
            "the same filters for all channels",
            "Your kernel has one set of filters, and every channel uses the same set.",
            "If each of 5 channels has 2 filters of its own, how many filters does the kernel "
            "hold?",
            _OneForAll,
        ),
        Misconception(
            "multiplier-major order",
            "Your output begins with the first filter of every channel, then the second of every "
            "channel.",
            "Which outputs are neighbours: those of one channel, or those of one filter?",
            _MultiplierMajor,
        ),
        Misconception(
            "channels summed",
            "Your layer sums over the channels, as Conv2D does.",
            "Should any output depend on more than one channel?",
            _Summed,
        ),
        Misconception(
            "kernel flipped",
            "Your layer flips the kernel before it slides it.",
            "Which number of the kernel multiplies the upper left pixel of the window?",
            _Flipped,
        ),
        Misconception(
            "depth_multiplier ignored",
            "Your layer has one filter for each channel and ignores depth_multiplier.",
            "With 5 input channels and a depth_multiplier of 2, how many channels come out?",
            _OneFilter,
        ),
        Misconception(
            "bias omitted",
            "Your layer never adds a bias, although use_bias is True.",
            "How many numbers should be added to each output channel, and are they learned?",
            _NoBias,
        ),
        Misconception(
            "same ignored",
            "Your layer adds no padding, even with padding='same'.",
            "With same and strides of 1, how many rows must come out?",
            _Valid,
        ),
        *not_in_config(_LAYER, "strides", "padding"),
    ),
)


def _sources(channels: int, depth_multiplier: int) -> list[list[int]]:
    """Asks a live layer whose filters are numbered, on inputs of ones."""
    layer = _LAYER(1, depth_multiplier=depth_multiplier, use_bias=False)
    layer.build((None, 1, 1, channels))
    numbers = np.arange(channels * depth_multiplier).reshape(layer.kernel.shape)
    layer.kernel.assign(numbers)
    told = ops.convert_to_numpy(layer(np.ones((1, 1, 1, channels), "float32"))).ravel()
    return [[int(n) // depth_multiplier, int(n) % depth_multiplier] for n in np.round(told)]


def _pairs(draw: Draw, low: int, high: int) -> Case:
    channels, many = draw.sizes(2, low, high)
    return Case({"channels": channels, "depth_multiplier": many})


depthwise_order = Exercise(
    name="depthwise_order",
    unit=UNIT,
    layer="DepthwiseConv2D",
    reference=_sources,
    kinds=(
        Kind("a few", lambda d: _pairs(d, 2, 5)),
        Kind("more", lambda d: _pairs(d, 3, 8)),
        Kind("one filter each", lambda d: Case({"channels": d.size(3, 9), "depth_multiplier": 1})),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "multiplier-major order",
            "You list the first filter of every channel, then the second of every channel.",
            "Which outputs are neighbours: those of one channel, or those of one filter?",
            lambda channels, depth_multiplier: [
                [c, q] for q in range(depth_multiplier) for c in range(channels)
            ],
        ),
        Misconception(
            "filter before channel",
            "Your pairs are [filter, channel]; the exercise asks for the other order.",
            "Which of the two does the exercise name first?",
            lambda channels, depth_multiplier: [
                [q, c] for c in range(channels) for q in range(depth_multiplier)
            ],
        ),
        Misconception(
            "one for each channel",
            "You list one output for each channel.",
            "How many filters does each channel have?",
            lambda channels, depth_multiplier: [[c, 0] for c in range(channels)],
        ),
        Misconception(
            "counted from 1",
            "You count channels and filters from 1.",
            "What is the index of the first channel?",
            lambda channels, depth_multiplier: [
                [c + 1, q + 1] for c in range(channels) for q in range(depth_multiplier)
            ],
        ),
    ),
)
