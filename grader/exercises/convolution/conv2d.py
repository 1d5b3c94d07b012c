"""Conv2D: a window slides over a picture."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.bench.probe import Ref
from grader.exercises.convolution.convolution import (
    FORBIDDEN,
    UNIT,
    Plain,
    convolution_kind,
    dilation_ideas,
    reading,
    same_ideas,
    tiny_case,
    usual_ideas,
)
from grader.exercises.draw import Draw
from grader.exercises.edges import beyond, given, size_one, unequal, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import zeroed


class Live(keras.layers.Conv2D):
    """Keras's own, with one convolution for each group: Keras compiles a grouped one again at each
    call, which takes half a second. A test holds it against Keras's."""

    def convolution_op(self, inputs: Any, kernel: Any) -> Any:
        if self.groups == 1:
            return super().convolution_op(inputs, kernel)
        parts = zip(
            ops.split(inputs, self.groups, axis=-1),
            ops.split(kernel, self.groups, axis=-1),
            strict=True,
        )
        outputs = [super(Live, self).convolution_op(part, one) for part, one in parts]
        return ops.concatenate(outputs, axis=-1)


def swapped(*names: str) -> type[Plain]:
    """A convolution that takes (height, width) of these arguments for (width, height)."""

    def change(config: dict[str, Any]) -> dict[str, Any]:
        pairs = {name: config[name] for name in names if isinstance(config.get(name), tuple)}
        return config | {name: pair[::-1] for name, pair in pairs.items()}

    return reading(2, change)


def _ungrouped(config: dict[str, Any]) -> dict[str, Any]:
    return {**config, "groups": 1}


class _Dealt(Plain):
    """Deals the channels out to the groups like cards."""

    def padded(self, inputs: Any) -> Any:
        channels = range(inputs.shape[-1])
        order = [c for first in range(self.groups) for c in channels[first :: self.groups]]
        return super().padded(ops.take(inputs, order, axis=-1))


class _FirstGroup(Plain):
    """All groups look at the channels of the first one."""

    def padded(self, inputs: Any) -> Any:
        own = inputs.shape[-1] // self.groups
        return super().padded(ops.concatenate([inputs[..., :own]] * self.groups, axis=-1))


class _DealtFilters(Plain):
    """Puts the first filter of each group first, then the second of each."""

    def product(self, windows: list[Any]) -> Any:
        outputs = super().product(windows)
        own = self.filters // self.groups
        order = [group * own + one for one in range(own) for group in range(self.groups)]
        return ops.take(outputs, order, axis=-1)


class _ChannelsFirst(Plain):
    """Takes axis 1 for the channels."""

    def build(self, input_shape: Any) -> None:
        super().build(self._turned(input_shape))

    def call(self, inputs: Any) -> Any:
        return super().call(ops.transpose(inputs, (0, 2, 3, 1)))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return super().compute_output_shape(self._turned(input_shape))

    def _turned(self, shape: Any) -> Any:
        return (shape[0], shape[2], shape[3], shape[1])


class _BiasLast(Plain):
    def call(self, inputs: Any) -> Any:
        return self.biased(self.activation(self.product(self.cut(self.padded(inputs)))))


class _NoActivation(Plain):
    def call(self, inputs: Any) -> Any:
        return self.biased(self.product(self.cut(self.padded(inputs))))


class _CastsToFloat32(Plain):
    def product(self, windows: list[Any]) -> Any:
        return ops.cast(super().product(windows), "float32")


def _forgets(name: str) -> type[Plain]:
    class Forgets(Plain):
        def get_config(self) -> dict[str, Any]:
            config = super().get_config()
            del config[name]
            return config

    return Forgets


def _kind(
    name: str,
    kernel: tuple[int, int],
    rows: tuple[int, ...],
    columns: tuple[int, ...],
    also: tuple[str, ...] = (),
    **config: Any,
) -> Kind:
    return convolution_kind(name, kernel, (rows, columns), also, **config)


def _three_groups(draw: Draw) -> Case:
    config: dict[str, Any] = {"kernel_size": (1, 2), "dilation_rate": (1, 2), "activation": "tanh"}
    return tiny_case(draw, 2, draw.size(4, 6), channels=3, filters=3, groups=3, **config)


def _plainest(draw: Draw) -> Case:
    config: dict[str, Any] = {"kernel_size": 1, "activation": "tanh", "use_bias": False}
    case = tiny_case(draw, 1, draw.size(3, 5), **config)
    return case.then(zeroed(case))


conv2d = Exercise(
    name="Conv2D",
    unit=UNIT,
    layer="Conv2D",
    reference=Live,
    forbid=FORBIDDEN,
    kinds=(
        _kind(
            "dilation",
            (2, 3),
            (5, 6, 7),
            (6, 7, 8),
            also=("model", "dtype", "traced"),
            dilation_rate=(2, 1),
        ),
        _kind("strides that do not divide", (3, 2), (6, 8), (7,), strides=(2, 3)),
        _kind(
            "same, an even side of the kernel and dilation",
            (2, 3),
            (5, 6),
            (7, 8),
            also=("config", "traced"),
            padding="same",
            dilation_rate=(1, 2),
            activation=Ref("keras.activations.softsign"),
            use_bias=False,
        ),
        _kind(
            "same, an even side of the input and strides",
            (3, 2),
            (6, 8),
            (5, 7),
            padding="same",
            strides=(2, 2),
            activation="tanh",
        ),
        _kind(
            "groups, no bias, and a stride above the kernel",
            (2, 1),
            (6,),
            (5, 8),
            also=("config",),
            padding="same",
            strides=3,
            groups=2,
            use_bias=False,
        ),
        Kind("three groups of one channel and one filter", _three_groups, edge=True),
        Kind("a kernel of 1, one channel, one filter", _plainest, edge=True),
    ),
    edges={
        "filters: 1": given("filters", 1),
        "kernel_size: 1": given("kernel_size", 1),
        "strides: two that differ": unequal("strides"),
        "strides: above the kernel": beyond("strides", "kernel_size"),
        "dilation_rate: two that differ": unequal("dilation_rate"),
        "groups: 3": given("groups", 3),
        "inputs: one row": size_one(1),
        "inputs: one channel": size_one(-1),
        "inputs: zero": zeros,
    },
    aspects={
        "shape": 1,
        "compute_output_shape": 1,
        "parameters": 1,
        "output": 4,
        "gradient": 1,
        "config": 1,
        "dtype": 1,
        "model": 1,
    },
    misconceptions=(
        *usual_ideas(2),
        *same_ideas(2),
        *dilation_ideas(2),
        Misconception(
            "kernel height and width swapped",
            "Your layer reads kernel_size as (width, height).",
            "In (batch, rows, columns, channels), which comes first: height or width?",
            swapped("kernel_size"),
        ),
        Misconception(
            "strides swapped",
            "Your layer reads strides as (across, down).",
            "In (batch, rows, columns, channels), which direction comes first: down or across?",
            swapped("strides"),
        ),
        Misconception(
            "dilation swapped",
            "Your layer reads dilation_rate as (across, down).",
            "In (batch, rows, columns, channels), which direction comes first: down or across?",
            swapped("dilation_rate"),
        ),
        Misconception(
            "rows taken for channels",
            "Your layer treats axis 1 as the channels and slides over the other two.",
            "Inputs are (batch, rows, columns, channels): over which axes does the window slide?",
            _ChannelsFirst,
        ),
        Misconception(
            "groups ignored",
            "Your layer lets every filter see all channels: it ignores groups.",
            "With two groups, how many of four channels does one filter see?",
            reading(2, _ungrouped),
        ),
        Misconception(
            "groups see the first channels",
            "In your layer all groups look at the channels of the first one.",
            "Which channels belong to the second group?",
            _FirstGroup,
        ),
        Misconception(
            "channels given to the groups in turn",
            "Your layer gives the channels to the groups in turn, like cards; each group should "
            "get neighbouring channels.",
            "With four channels and two groups, which two channels belong together?",
            _Dealt,
        ),
        Misconception(
            "filters of the groups interleaved",
            "Your outputs take one filter from each group in turn; they should come group by "
            "group.",
            "Where do the outputs of the first group end, and where do those of the second begin?",
            _DealtFilters,
        ),
        Misconception(
            "activation before bias",
            "Your layer adds the bias after the activation.",
            "In which order do the product, the bias and the activation come in the formula?",
            _BiasLast,
        ),
        Misconception(
            "activation forgotten",
            "Your layer never applies its activation.",
            "What should happen to the sums before they leave the layer?",
            _NoActivation,
        ),
        Misconception(
            "casts to float32",
            "Your layer casts to float32 by itself and ignores the dtype policy.",
            "Keras casts inputs and weights for you before call(): what happens if you leave out "
            "your own cast?",
            _CastsToFloat32,
        ),
        Misconception(
            "dilation not in config",
            "Your get_config() forgets dilation_rate.",
            "Which arguments does __init__ need to make the same layer again?",
            _forgets("dilation_rate"),
        ),
        Misconception(
            "strides not in config",
            "Your get_config() forgets strides.",
            "Which arguments does __init__ need to make the same layer again?",
            _forgets("strides"),
        ),
        Misconception(
            "padding not in config",
            "Your get_config() forgets padding.",
            "Which arguments does __init__ need to make the same layer again?",
            _forgets("padding"),
        ),
        Misconception(
            "groups not in config",
            "Your get_config() forgets groups.",
            "Which arguments does __init__ need to make the same layer again?",
            _forgets("groups"),
        ),
    ),
)
