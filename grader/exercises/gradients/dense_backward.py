"""The gradients of a Dense layer, from the gradient of what comes out of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
import numpy as np

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.gradients.deriving import UNIT, live_gradients

Array = Any


def _live(
    inputs: Array, kernel: Array, bias: Array, upstream: Array, activation: str
) -> dict[str, Array]:
    layer = keras.layers.Dense(kernel.shape[1], activation=activation)
    return live_gradients(layer, {"kernel": kernel, "bias": bias}, inputs, upstream)


def _case(draw: Draw, activation: str, rank: int = 2) -> Case:
    return _of(draw, draw.sizes(rank), draw.size(), activation)


def _of(draw: Draw, shape: tuple[int, ...], units: int, activation: str) -> Case:
    return Case(
        {
            "inputs": draw.normal(*shape),
            "kernel": draw.weight("kernel", (shape[-1], units)),
            "bias": draw.weight("bias", (units,)),
            "upstream": draw.normal(*shape[:-1], units),
            "activation": activation,
        }
    )


def _sigmoid(sums: Array) -> Array:
    return 1 / (1 + np.exp(-sums))


_ACTIVATIONS: Mapping[str, Callable[[Array], Array]] = {
    "linear": lambda sums: sums,
    "relu": lambda sums: np.maximum(sums, 0),
    "tanh": np.tanh,
    "sigmoid": _sigmoid,
}
_SLOPES: Mapping[str, Callable[[Array], Array]] = {
    "linear": np.ones_like,
    "relu": lambda sums: (sums > 0).astype("float32"),
    "tanh": lambda sums: 1 - np.tanh(sums) ** 2,
    "sigmoid": lambda sums: _sigmoid(sums) * (1 - _sigmoid(sums)),
}


def _rows(array: Array) -> Array:
    """All places of all samples as rows."""
    return array.reshape(-1, array.shape[-1])


class _Backward:
    """A right way in small steps, so that each wrong one can go astray in one of them."""

    def __call__(
        self, inputs: Array, kernel: Array, bias: Array, upstream: Array, activation: str
    ) -> dict[str, Array]:
        sums = self.sums(inputs, kernel, bias)
        d_sums = self.d_sums(upstream, sums, activation)
        return {
            "d_inputs": self.d_inputs(d_sums, upstream, kernel),
            "d_kernel": self.d_kernel(inputs, d_sums),
            "d_bias": self.d_bias(d_sums),
        }

    def sums(self, inputs: Array, kernel: Array, bias: Array) -> Array:
        return inputs @ kernel + bias

    def d_sums(self, upstream: Array, sums: Array, activation: str) -> Array:
        return upstream * _SLOPES[activation](sums)

    def d_inputs(self, d_sums: Array, upstream: Array, kernel: Array) -> Array:
        return d_sums @ kernel.T

    def d_kernel(self, inputs: Array, d_sums: Array) -> Array:
        return _rows(inputs).T @ _rows(d_sums)

    def d_bias(self, d_sums: Array) -> Array:
        return _rows(d_sums).sum(axis=0)


class _SlopeForgotten(_Backward):
    def d_sums(self, upstream: Array, sums: Array, activation: str) -> Array:
        return upstream


class _SlopeAtTheOutput(_Backward):
    def d_sums(self, upstream: Array, sums: Array, activation: str) -> Array:
        return upstream * _SLOPES[activation](_ACTIVATIONS[activation](sums))


class _UpstreamForgotten(_Backward):
    def d_sums(self, upstream: Array, sums: Array, activation: str) -> Array:
        return _SLOPES[activation](sums)


class _SlopeWithoutBias(_Backward):
    def sums(self, inputs: Array, kernel: Array, bias: Array) -> Array:
        return inputs @ kernel


class _SlopeForWeightsOnly(_Backward):
    def d_inputs(self, d_sums: Array, upstream: Array, kernel: Array) -> Array:
        return upstream @ kernel.T


class _KernelTransposed(_Backward):
    def d_kernel(self, inputs: Array, d_sums: Array) -> Array:
        return _rows(d_sums).T @ _rows(inputs)


class _BiasNotSummed(_Backward):
    def d_bias(self, d_sums: Array) -> Array:
        return d_sums


class _MeanForSum(_Backward):
    def d_kernel(self, inputs: Array, d_sums: Array) -> Array:
        return super().d_kernel(inputs, d_sums) / len(_rows(d_sums))

    def d_bias(self, d_sums: Array) -> Array:
        return _rows(d_sums).mean(axis=0)


dense_backward = Exercise(
    name="dense_backward",
    unit=UNIT,
    layer="Dense",
    reference=_live,
    forbid=("autodiff",),
    kinds=(
        Kind("relu", lambda d: _case(d, "relu")),
        Kind("tanh", lambda d: _case(d, "tanh")),
        Kind("sigmoid", lambda d: _case(d, "sigmoid")),
        Kind("no activation", lambda d: _case(d, "linear")),
        Kind("sequences", lambda d: _case(d, "tanh", rank=3)),
        Kind("one sample, one unit", lambda d: _of(d, (1, d.size()), 1, "sigmoid"), edge=True),
    ),
    aspects={"d_inputs": 3, "d_kernel": 3, "d_bias": 2},
    misconceptions=(
        Misconception(
            "slope forgotten",
            "Your gradients do not pass through the activation: its slope is missing.",
            "If relu gives 0 for a unit, how much does a small change of its sum change the "
            "output?",
            _SlopeForgotten(),
        ),
        Misconception(
            "slope taken at the output",
            "You take the slope of the activation at the output, not at the sum that goes into it.",
            "Where on the curve of tanh does the layer stand: at the sum, or at tanh of the sum?",
            _SlopeAtTheOutput(),
        ),
        Misconception(
            "upstream forgotten",
            "Your gradients do not depend on the upstream gradient.",
            "If the loss does not depend on an output at all, what gradient does its kernel get?",
            _UpstreamForgotten(),
        ),
        Misconception(
            "slope without the bias",
            "You take the slope of the activation at a sum without the bias.",
            "Which numbers does the layer add up before the activation?",
            _SlopeWithoutBias(),
        ),
        Misconception(
            "slope for the weights only",
            "Your d_inputs leaves out the slope of the activation; your other gradients have it.",
            "A change of an input reaches the output through the same sum as a change of the "
            "kernel. What does it pass on its way?",
            _SlopeForWeightsOnly(),
        ),
        Misconception(
            "kernel gradient transposed",
            "Your d_kernel is transposed.",
            "Which shape has the gradient of a loss with respect to an array?",
            _KernelTransposed(),
        ),
        Misconception(
            "bias gradient not summed",
            "Your d_bias has a row for each sample: it is not summed over the batch.",
            "The bias is one array for all samples. How many samples change if it changes?",
            _BiasNotSummed(),
        ),
        Misconception(
            "mean for sum",
            "Your d_kernel and d_bias are means over the samples, where they should be sums.",
            "Is the upstream gradient that of a sum or of a mean already? Who divides by the size "
            "of the batch?",
            _MeanForSum(),
        ),
    ),
)
