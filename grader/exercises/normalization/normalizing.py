"""What the exercises of the unit on normalization share: small inputs, and a layer in small steps.

The inputs are small (0.05 or so), and so is their variance: there an epsilon in the wrong place,
or of another size, shows.
"""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw

UNIT = "13-normalization"
EPSILONS = (0.0005, 0.002, 0.004)


def small(draw: Draw, *shape: int, centre: float = 0.03) -> np.ndarray:
    """Inputs of both signs whose mean is not 0."""
    return draw.normal(*shape, scale=0.07) + np.float32(draw.choice((-1, 1)) * centre)


class Normalizing(keras.layers.Layer):
    """A right layer in small steps, so that each wrong one can go astray in one of them."""

    starts = ("ones", "zeros")

    def __init__(self, epsilon: float = 0.001, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        shape = self.weight_shape(input_shape)
        self.gamma, self.beta = (
            self.add_weight(name=name, shape=shape, initializer=start)
            for name, start in zip(("gamma", "beta"), self.starts, strict=True)
        )

    def weight_shape(self, input_shape: Any) -> tuple[int, ...]:
        return (input_shape[-1],)

    def call(self, inputs: Any) -> Any:
        return self.scaled(self.normalized(inputs))

    def normalized(self, inputs: Any) -> Any:
        mean, variance = self.statistics(inputs, self.axes(inputs))
        return (inputs - mean) / self.divisor(variance)

    def axes(self, inputs: Any) -> Any:
        return -1

    def statistics(self, inputs: Any, axes: Any) -> tuple[Any, Any]:
        mean = ops.mean(inputs, axis=axes, keepdims=True)
        return mean, ops.mean(ops.square(inputs - mean), axis=axes, keepdims=True)

    def divisor(self, variance: Any) -> Any:
        return ops.sqrt(variance + self.epsilon)

    def scaled(self, normal: Any) -> Any:
        return self.gamma * normal + self.beta


def unbiased(inputs: Any, mean: Any, variance: Any) -> Any:
    """The variance as an estimate for more data: divided by n - 1."""
    count = ops.cast(ops.size(inputs) // ops.size(mean), variance.dtype)
    return variance * count / ops.maximum(count - 1, 1)


class RootOmitted:
    """A wrong idea, to be put in front of a layer whose `divisor` is one of its steps."""

    epsilon: float

    def divisor(self, squares: Any) -> Any:
        return squares + self.epsilon


class EpsilonOutside:
    """Another one: epsilon is added to the root."""

    epsilon: float

    def divisor(self, squares: Any) -> Any:
        return ops.sqrt(squares) + self.epsilon


class EpsilonOmitted:
    """Another one: no epsilon at all."""

    def divisor(self, squares: Any) -> Any:
        return ops.sqrt(squares)
