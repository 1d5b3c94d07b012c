"""SeparableConv2D: first look at each channel, then mix the channels; and what that saves."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.convolution.convolution_family import UNIT, biased, case, tiny_case
from grader.exercises.draw import Draw
from grader.exercises.edges import beyond, given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.forgetting import not_in_config
from grader.exercises.further import zeroed
from grader.exercises.live import count_of

_LAYER = keras.layers.SeparableConv2D


class _Steps(keras.layers.SeparableConv2D):
    """The two steps one after the other, with a place between them for something wrong."""

    def between(self, middle: Any) -> Any:
        """What happens to the outputs of the first step."""
        return middle

    def call(self, inputs: Any) -> Any:
        middle = ops.depthwise_conv(
            inputs, self.depthwise_kernel, strides=self.strides, padding=self.padding
        )
        return biased(self, ops.conv(self.between(middle), self.pointwise_kernel, padding="valid"))


class _Relu(_Steps):
    def between(self, middle: Any) -> Any:
        return ops.relu(middle)


class _TwoBiases(_Steps):
    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        if self.use_bias:
            shape = (self.depth_multiplier * input_shape[-1],)
            self.first_bias = self.add_weight(name="first_bias", shape=shape)

    def between(self, middle: Any) -> Any:
        return middle + self.first_bias if self.use_bias else middle


class _MultiplierMajor(_Steps):
    def between(self, middle: Any) -> Any:
        many = self.depth_multiplier
        _, rows, columns, all_channels = middle.shape
        parts = ops.reshape(middle, (-1, rows, columns, all_channels // many, many))
        return ops.reshape(ops.swapaxes(parts, 3, 4), (-1, rows, columns, all_channels))


class _PointwiseFirst(keras.layers.SeparableConv2D):
    def build(self, input_shape: Any) -> None:
        pointwise = (1, 1, input_shape[-1], self.filters)
        self.pointwise_kernel = self.add_weight(name="pointwise_kernel", shape=pointwise)
        depthwise = (*self.kernel_size, self.filters, 1)
        self.depthwise_kernel = self.add_weight(name="depthwise_kernel", shape=depthwise)
        self.bias = self.add_weight(name="bias", shape=(self.filters,)) if self.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        mixed = ops.conv(inputs, self.pointwise_kernel, padding="valid")
        outputs = ops.depthwise_conv(
            mixed, self.depthwise_kernel, strides=self.strides, padding=self.padding
        )
        return biased(self, outputs)


class _NotSeparated(keras.layers.SeparableConv2D):
    def build(self, input_shape: Any) -> None:
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(name="kernel", shape=shape)
        self.bias = self.add_weight(name="bias", shape=(self.filters,)) if self.use_bias else None
        self.built = True

    def call(self, inputs: Any) -> Any:
        outputs = ops.conv(inputs, self.kernel, strides=self.strides, padding=self.padding)
        return biased(self, outputs)


class _NoBias(keras.layers.SeparableConv2D):
    def __init__(self, *args: Any, use_bias: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, use_bias=False, **kwargs)


class _OneFilter(keras.layers.SeparableConv2D):
    def __init__(self, *args: Any, depth_multiplier: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, depth_multiplier=1, **kwargs)


def _gaps(draw: Draw) -> Case:
    config = {"kernel_size": 2, "strides": 3, "padding": "same", "use_bias": False}
    return tiny_case(draw, 7, draw.size(4, 6), filters=1, **config)


def _plainest(draw: Draw) -> Case:
    config = {"kernel_size": 1, "padding": "same", "depth_multiplier": 3, "use_bias": False}
    case = tiny_case(draw, 1, draw.size(3, 5), filters=2, **config)
    return case.then(zeroed(case))


def _two_filters(draw: Draw) -> Case:
    return tiny_case(draw, 2, draw.size(3, 5), filters=2, kernel_size=2)


separable_conv2d = Exercise(
    name="SeparableConv2D",
    unit=UNIT,
    layer="SeparableConv2D",
    reference=_LAYER,
    forbid=("SeparableConv2D",),
    kinds=(
        Kind(
            "several filters for each channel",
            lambda d: case(d, filters=6, kernel_size=(3, 2), depth_multiplier=4),
            also=("config", "dtype", "traced"),
        ),
        Kind(
            "one filter for each channel, no bias",
            lambda d: case(d, filters=6, kernel_size=(2, 3), strides=2, use_bias=False),
            also=("config",),
        ),
        Kind(
            "same, even sides, strides of 2",
            lambda d: case(
                d, 8, 6, filters=7, kernel_size=3, strides=2, padding="same", depth_multiplier=2
            ),
            also=("config", "traced"),
        ),
        Kind("same, a stride above the kernel, one channel", _gaps, edge=True, hidden=True),
        Kind("a kernel of 1", _plainest, edge=True),
        Kind("one channel, two filters", _two_filters, edge=True, hidden=True),
    ),
    edges={
        "filters: 1": given("filters", 1),
        "kernel_size: 1": given("kernel_size", 1),
        "strides: above the kernel": beyond("strides", "kernel_size"),
        "inputs: one row": size_one(1),
        "inputs: one channel": size_one(-1),
        "inputs: zero": zeros,
    },
    aspects={
        "shape": 1,
        "parameters": 2,
        "output": 3,
        "gradient": 1,
        "config": 1,
        "dtype": 1,
    },
    misconceptions=(
        Misconception(
            "pointwise first",
            "Your layer mixes the channels first and looks at neighbouring pixels afterwards.",
            "Which of the two kernels is applied to the inputs first?",
            _PointwiseFirst,
        ),
        Misconception(
            "a bias after each step",
            "Your layer adds a bias after the first step too.",
            "A bias before a weighted sum only shifts the sum: how many biases are useful?",
            _TwoBiases,
        ),
        Misconception(
            "an activation between",
            "Your layer applies an activation between its two steps.",
            "Does the formula have anything between the two kernels?",
            _Relu,
        ),
        Misconception(
            "multiplier-major channels",
            "Your second step reads the channels of the first step in another order.",
            "After the first step, which channels are neighbours?",
            _MultiplierMajor,
        ),
        Misconception(
            "not separated",
            "Your layer is an ordinary Conv2D: one large kernel that does both at once.",
            "How many kernels does the layer have, and what is the shape of each?",
            _NotSeparated,
        ),
        Misconception(
            "bias omitted",
            "Your layer never adds a bias, although use_bias is True.",
            "What should be added to each output channel at the end?",
            _NoBias,
        ),
        Misconception(
            "depth_multiplier ignored",
            "Your first step has one filter for each channel and ignores depth_multiplier.",
            "How many channels does the second step see?",
            _OneFilter,
        ),
        *not_in_config(_LAYER, "strides", "padding"),
    ),
)


def _count(
    kernel_size: tuple[int, int],
    channels: int,
    filters: int,
    depth_multiplier: int = 1,
    use_bias: bool = True,
) -> int:
    layer = _LAYER(
        filters, kernel_size, padding="same", depth_multiplier=depth_multiplier, use_bias=use_bias
    )
    return count_of(layer, (None, 9, 9, channels))


def _arguments(draw: Draw, depth_multiplier: int = 1, use_bias: bool = True) -> Case:
    height, width, channels, filters = draw.sizes(4, 3, 20)
    return Case(
        {
            "kernel_size": (height, width),
            "channels": channels,
            "filters": filters,
            "depth_multiplier": depth_multiplier,
            "use_bias": use_bias,
        }
    )


def _wrong(rule: Any) -> Any:
    """A wrong function, from `rule(area, channels, filters, multiplier, bias)`."""

    def count(kernel_size: Any, channels: Any, filters: Any, many: Any = 1, bias: Any = 1) -> Any:
        return rule(kernel_size[0] * kernel_size[1], channels, filters, many, int(bias))

    return count


separable_params = Exercise(
    name="separable_params",
    unit=UNIT,
    layer="SeparableConv2D",
    reference=_count,
    kinds=(
        Kind("plain", _arguments),
        Kind("several filters for each channel", lambda d: _arguments(d, d.choice((2, 21, 22)))),
        Kind("no bias", lambda d: _arguments(d, 2, use_bias=False)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "counted as Conv2D",
            "Your count is that of an ordinary convolution.",
            "Are there two separate kernels, or one large kernel?",
            _wrong(lambda area, c, f, m, bias: area * c * f * m + f * bias),
        ),
        Misconception(
            "a bias after each step",
            "Your count has a bias after the first step too.",
            "How many biases does the layer have, and how long are they?",
            _wrong(lambda area, c, f, m, bias: area * c * m + c * m * f + (f + c * m) * bias),
        ),
        Misconception(
            "bias not counted",
            "Your count leaves out the bias.",
            "What should be added to each output channel at the end?",
            _wrong(lambda area, c, f, m, bias: area * c * m + c * m * f),
        ),
        Misconception(
            "multiplier forgotten in the second step",
            "Your second kernel is only as wide as the inputs have channels.",
            "How many channels come out of the first step?",
            _wrong(lambda area, c, f, m, bias: area * c * m + c * f + f * bias),
        ),
        Misconception(
            "use_bias ignored",
            "Your count has a bias even when use_bias is False.",
            "What is left of the formula when there is no bias?",
            _wrong(lambda area, c, f, m, bias: area * c * m + c * m * f + f),
        ),
    ),
)
