"""The gradients of BatchNormalization in training, where the statistics depend on the inputs."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.gradients.deriving import UNIT, live_gradients

Array = Any


def _live(inputs: Array, gamma: Array, upstream: Array, epsilon: float) -> dict[str, Array]:
    layer = keras.layers.BatchNormalization(epsilon=epsilon)
    return live_gradients(layer, {"gamma": gamma}, inputs, upstream, training=True)


def _case(draw: Draw, rank: int, scale: float = 2.0) -> Case:
    return _of(draw, (draw.size(4, 6), *draw.sizes(rank - 1)), scale)


def _of(draw: Draw, shape: tuple[int, ...], scale: float = 2.0) -> Case:
    """Channels with means of their own, and an epsilon that matters where the scale is small."""
    channels = shape[-1]
    return Case(
        {
            "inputs": draw.normal(*shape, scale=scale) + draw.weight("mean", (channels,)),
            "gamma": draw.weight("gamma", (channels,)),
            "upstream": draw.normal(*shape),
            "epsilon": round(float(draw.random.uniform(0.01, 0.05)), 3),
        }
    )


def _without_spread(draw: Draw) -> Case:
    """One channel has the same number everywhere."""
    case = _case(draw, 3)
    inputs = case.config["inputs"].copy()
    inputs[..., 0] = 0.75
    return Case({**case.config, "inputs": inputs})


class _Backward:
    """A right way in small steps, so that each wrong one can go astray in one of them."""

    def __call__(
        self, inputs: Array, gamma: Array, upstream: Array, epsilon: float
    ) -> dict[str, Array]:
        axes = self.axes(inputs)
        mean = inputs.mean(axis=axes, keepdims=True)
        deviation = np.sqrt(self.variance(inputs, axes) + self.epsilon(epsilon))
        normal = (inputs - mean) / deviation
        return {
            "d_inputs": self.d_inputs(upstream * self.factor(gamma), normal, axes) / deviation,
            "d_gamma": self.d_gamma(upstream, normal, inputs, axes),
            "d_beta": self.d_beta(upstream, axes),
        }

    def axes(self, inputs: Array) -> tuple[int, ...]:
        return tuple(range(inputs.ndim - 1))

    def variance(self, inputs: Array, axes: tuple[int, ...]) -> Array:
        return inputs.var(axis=axes, keepdims=True)

    def epsilon(self, epsilon: float) -> float:
        return epsilon

    def factor(self, gamma: Array) -> Array:
        return gamma

    def d_inputs(self, d_normal: Array, normal: Array, axes: tuple[int, ...]) -> Array:
        by_mean = d_normal.mean(axis=axes, keepdims=True)
        by_variance = normal * (d_normal * normal).mean(axis=axes, keepdims=True)
        return d_normal - by_mean - by_variance

    def d_gamma(self, upstream: Array, normal: Array, inputs: Array, axes: Any) -> Array:
        return (upstream * normal).sum(axis=axes)

    def d_beta(self, upstream: Array, axes: Any) -> Array:
        return upstream.sum(axis=axes)


class _BothConstant(_Backward):
    def d_inputs(self, d_normal: Array, normal: Array, axes: tuple[int, ...]) -> Array:
        return d_normal


class _MeanConstant(_Backward):
    def d_inputs(self, d_normal: Array, normal: Array, axes: tuple[int, ...]) -> Array:
        return d_normal - normal * (d_normal * normal).mean(axis=axes, keepdims=True)


class _VarianceConstant(_Backward):
    def d_inputs(self, d_normal: Array, normal: Array, axes: tuple[int, ...]) -> Array:
        return d_normal - d_normal.mean(axis=axes, keepdims=True)


class _SumsNotMeans(_Backward):
    def d_inputs(self, d_normal: Array, normal: Array, axes: tuple[int, ...]) -> Array:
        by_mean = d_normal.sum(axis=axes, keepdims=True)
        return d_normal - by_mean - normal * (d_normal * normal).sum(axis=axes, keepdims=True)


class _GammaForgotten(_Backward):
    def factor(self, gamma: Array) -> Array:
        return 1.0


class _RawInputs(_Backward):
    def d_gamma(self, upstream: Array, normal: Array, inputs: Array, axes: Any) -> Array:
        return (upstream * inputs).sum(axis=axes)


class _MeanForSum(_Backward):
    def d_gamma(self, upstream: Array, normal: Array, inputs: Array, axes: Any) -> Array:
        return (upstream * normal).mean(axis=axes)

    def d_beta(self, upstream: Array, axes: Any) -> Array:
        return upstream.mean(axis=axes)


class _Unbiased(_Backward):
    def variance(self, inputs: Array, axes: tuple[int, ...]) -> Array:
        return inputs.var(axis=axes, keepdims=True, ddof=1)


class _NoEpsilon(_Backward):
    def epsilon(self, epsilon: float) -> float:
        return 0.0


class _BatchAxisOnly(_Backward):
    def axes(self, inputs: Array) -> tuple[int, ...]:
        return (0,)


batchnorm_backward = Exercise(
    name="batchnorm_backward",
    unit=UNIT,
    layer="BatchNormalization",
    reference=_live,
    forbid=("autodiff", "BatchNormalization"),
    kinds=(
        Kind("rows", lambda d: _case(d, 2)),
        Kind("sequences", lambda d: _case(d, 3)),
        Kind("images", lambda d: _case(d, 4)),
        Kind("small numbers", lambda d: _case(d, 2, scale=0.2)),
        Kind("one channel", lambda d: _of(d, (d.size(4, 6), 1)), edge=True),
        Kind("a channel without spread", _without_spread, edge=True),
    ),
    aspects={"d_inputs": 6, "d_gamma": 2, "d_beta": 1},
    misconceptions=(
        Misconception(
            "statistics taken as constants",
            "Your d_inputs takes the mean and the variance as constants.",
            "In training, what becomes of the mean of a batch if one of its numbers changes?",
            _BothConstant(),
        ),
        Misconception(
            "mean taken as a constant",
            "Your d_inputs takes the mean as a constant.",
            "If all inputs of a channel grow by 1, what becomes of the outputs? What must the "
            "gradients of the channel then add up to?",
            _MeanConstant(),
        ),
        Misconception(
            "variance taken as a constant",
            "Your d_inputs takes the variance as a constant.",
            "If all inputs of a channel become twice as large, what becomes of the outputs?",
            _VarianceConstant(),
        ),
        Misconception(
            "sums for means",
            "In your d_inputs the parts for mean and variance are sums, where they should be "
            "means.",
            "How much does the mean of n numbers change if one of them changes by 1?",
            _SumsNotMeans(),
        ),
        Misconception(
            "gamma forgotten",
            "Your d_inputs does not pass through gamma.",
            "If gamma is 0 for a channel, what does the output know of its inputs?",
            _GammaForgotten(),
        ),
        Misconception(
            "raw inputs for gamma",
            "Your d_gamma uses the inputs as they come, not the normalized ones.",
            "With what is gamma multiplied?",
            _RawInputs(),
        ),
        Misconception(
            "mean for sum",
            "Your d_gamma and d_beta are means, where they should be sums.",
            "beta is added to each number of its channel. To how many outputs does it lead?",
            _MeanForSum(),
        ),
        Misconception(
            "variance by n - 1",
            "You divide by n - 1 for the variance.",
            "Which variance does Keras's layer use in training?",
            _Unbiased(),
        ),
        Misconception(
            "epsilon forgotten",
            "You leave epsilon out of the root.",
            "By what is a channel divided whose numbers are all equal?",
            _NoEpsilon(),
        ),
        Misconception(
            "batch axis only",
            "You take the statistics over the batch axis alone: each place has its own.",
            "How many numbers of gamma are there: one for each channel, or one for each place?",
            _BatchAxisOnly(),
        ),
    ),
)
