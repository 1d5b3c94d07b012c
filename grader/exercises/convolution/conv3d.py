"""Conv3D: a window slides through a block."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.convolution.convolution import (
    FORBIDDEN,
    UNIT,
    Plain,
    convolution_kind,
    reading,
    same_ideas,
    tiny_case,
    usual_ideas,
)
from grader.exercises.draw import Draw
from grader.exercises.edges import beyond, given, size_one, unequal, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import zeroed


def _turned(config: dict[str, Any]) -> dict[str, Any]:
    depth, height, width = config["kernel_size"]
    return {**config, "kernel_size": (height, width, depth)}


def _turned_strides(config: dict[str, Any]) -> dict[str, Any]:
    if "strides" not in config:
        return config
    depth, height, width = config["strides"]
    return {**config, "strides": (height, width, depth)}


class _Slices(Plain):
    """A Conv2D on each slice, whose depths are added up only over the first entry."""

    rank = 3

    def places(self) -> list[tuple[int, ...]]:
        return [(0, *place[1:]) for place in super().places()]


class _DepthLast(Plain):
    """Takes the blocks for (batch, rows, columns, depth, channels)."""

    rank = 3

    def call(self, inputs: Any) -> Any:
        return ops.transpose(super().call(ops.transpose(inputs, (0, 2, 3, 1, 4))), (0, 3, 1, 2, 4))


def _plainest(draw: Draw) -> Case:
    config: dict[str, Any] = {"kernel_size": (1, 1, 1), "padding": "same", "use_bias": False}
    case = tiny_case(draw, 2, 1, draw.size(3, 4), **config)
    return case.then(zeroed(case))


conv3d = Exercise(
    name="Conv3D",
    unit=UNIT,
    layer="Conv3D",
    reference=keras.layers.Conv3D,
    forbid=FORBIDDEN,
    kinds=(
        convolution_kind("plain", (3, 2, 1), ((5, 6), (6, 7), (5, 7)), also=("traced",)),
        convolution_kind(
            "strides that do not divide",
            (1, 2, 3),
            ((5, 7), (5, 7), (6, 8)),
            strides=(3, 1, 2),
            use_bias=False,
        ),
        convolution_kind(
            "same", (2, 1, 3), ((5, 6), (5, 6), (7,)), also=("traced",), padding="same"
        ),
        convolution_kind(
            "same, even sides and strides",
            (3, 2, 4),
            ((6, 8), (5, 7), (6, 8)),
            padding="same",
            strides=(2, 2, 1),
        ),
        Kind("a kernel of 1, one channel, one filter", _plainest, edge=True),
    ),
    edges={
        "filters: 1": given("filters", 1),
        "kernel_size: 1": given("kernel_size", (1, 1, 1)),
        "strides: some that differ": unequal("strides"),
        "strides: above the kernel": beyond("strides", "kernel_size"),
        "inputs: one row": size_one(2),
        "inputs: one channel": size_one(-1),
        "inputs: zero": zeros,
    },
    aspects={"shape": 1, "parameters": 1, "output": 3, "gradient": 1},
    misconceptions=(
        *usual_ideas(3),
        *same_ideas(3),
        Misconception(
            "depth of the kernel last",
            "Your layer reads kernel_size as (height, width, depth).",
            "Inputs are (batch, depth, rows, columns, channels): in which order are the sides?",
            reading(3, _turned),
        ),
        Misconception(
            "depth of the strides last",
            "Your layer reads strides as (rows, columns, depth).",
            "Inputs are (batch, depth, rows, columns, channels): in which order are the sides?",
            reading(3, _turned_strides),
        ),
        Misconception(
            "one slice only",
            "Your window has depth, but it uses the same slice of the input again and again.",
            "Which slices of the input does a window of depth two see?",
            _Slices,
        ),
        Misconception(
            "depth of the inputs last",
            "Your layer reads the inputs as (batch, rows, columns, depth, channels).",
            "Inputs are (batch, depth, rows, columns, channels): over which axis does the first "
            "side of the kernel slide?",
            _DepthLast,
        ),
    ),
)
