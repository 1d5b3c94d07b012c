"""Conv1D: a window slides along a sequence; causal padding and dilation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import ops

from grader.exercises.convolution.convolution import (
    FORBIDDEN,
    UNIT,
    Pads,
    Plain,
    convolution_kind,
    dilation_ideas,
    padding_by,
    same_ideas,
    same_pads,
    tiny_case,
    usual_ideas,
)
from grader.exercises.draw import Draw
from grader.exercises.edges import beyond, given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import short, zeroed


def _kind(
    name: str, kernel: int, steps: Sequence[int], also: tuple[str, ...] = (), **config: Any
) -> Kind:
    return convolution_kind(name, (kernel,), (steps,), also, **config)


def _plainest(draw: Draw) -> Case:
    case = tiny_case(draw, draw.size(4, 7), kernel_size=1)
    return case.then(short(case, 1), zeroed(case))


def _causal_gaps(draw: Draw) -> Case:
    config: dict[str, Any] = {
        "kernel_size": 2,
        "strides": 3,
        "padding": "causal",
        "use_bias": False,
    }
    return tiny_case(draw, draw.size(5, 8), channels=2, **config)


def causal_after(length: int, size: int, stride: int, reach: int) -> Pads:
    """The zeros at the wrong end."""
    return 0, reach - 1


def causal_without_dilation(length: int, size: int, stride: int, reach: int) -> Pads:
    """As for a kernel without holes."""
    return size - 1, 0


class _StepsAsChannels(Plain):
    """Takes the axis of the steps for the channels."""

    rank = 1

    def build(self, input_shape: Any) -> None:
        super().build((input_shape[0], input_shape[2], input_shape[1]))

    def call(self, inputs: Any) -> Any:
        return super().call(ops.transpose(inputs, (0, 2, 1)))

    def compute_output_shape(self, input_shape: Any) -> Any:
        return super().compute_output_shape((input_shape[0], input_shape[2], input_shape[1]))


conv1d = Exercise(
    name="Conv1D",
    unit=UNIT,
    layer="Conv1D",
    reference=keras.layers.Conv1D,
    forbid=FORBIDDEN,
    kinds=(
        _kind("dilation", 3, (8, 9), also=("model", "traced"), dilation_rate=2),
        _kind("a stride that does not divide", 3, (6, 8), strides=2, use_bias=False),
        _kind(
            "same, an even kernel and dilation, no bias",
            4,
            (9, 10, 11),
            also=("traced",),
            padding="same",
            dilation_rate=3,
            use_bias=False,
        ),
        _kind("same, an even input and a stride", 6, (8, 12), padding="same", strides=4),
        _kind("same, a stride above the kernel", 2, (7, 11), padding="same", strides=4),
        _kind(
            "causal and dilation",
            3,
            (8, 9, 10),
            also=("traced",),
            padding="causal",
            dilation_rate=2,
        ),
        Kind("a kernel of 1, one channel, one filter", _plainest, edge=True),
        Kind("causal, a stride above the kernel", _causal_gaps, edge=True, hidden=True),
    ),
    edges={
        "filters: 1": given("filters", 1),
        "kernel_size: 1": given("kernel_size", 1),
        "strides: above the kernel": beyond("strides", "kernel_size"),
        "inputs: one step": size_one(1),
        "inputs: one channel": size_one(-1),
        "inputs: zero": zeros,
    },
    aspects={"shape": 1, "parameters": 1, "output": 4, "gradient": 1, "model": 1},
    misconceptions=(
        *usual_ideas(1),
        *same_ideas(1),
        *dilation_ideas(1),
        Misconception(
            "causal padded right",
            "With padding='causal' your zeros come after the data: every output looks ahead.",
            "At the very first step, how many earlier inputs are there?",
            padding_by(1, causal=causal_after),
        ),
        Misconception(
            "causal padded on both sides",
            "With padding='causal' you pad as for 'same': half of each window lies in the future.",
            "What is the last input that the output at step t may see?",
            padding_by(1, causal=same_pads),
        ),
        Misconception(
            "causal without the dilation",
            "With padding='causal' you add the zeros that a kernel without gaps needs, but "
            "dilation_rate spreads the kernel.",
            "A kernel of three has dilation_rate 2: how long is it from its first entry to its "
            "last?",
            padding_by(1, causal=causal_without_dilation),
        ),
        Misconception(
            "steps taken for channels",
            "Your layer slides along the last axis and mixes the time steps.",
            "Inputs are (batch, steps, channels): which axis is time?",
            _StepsAsChannels,
        ),
    ),
)
