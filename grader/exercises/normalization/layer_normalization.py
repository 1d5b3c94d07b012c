"""LayerNormalization: each vector to mean 0 and variance 1. Students only mend it.

The inputs are small, as for BatchNormalization: there an epsilon in the wrong place shows.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import zeroed
from grader.exercises.regularization.dropping import UNIT


def _case(draw: Draw, rank: int) -> Case:
    config = {"epsilon": draw.choice((0.0005, 0.002, 0.004))}
    return Case(config, draw.normal(*draw.sizes(rank, 3, 8), scale=0.08))


def _constant(draw: Draw) -> Case:
    case = _case(draw, 2)
    return case.then(zeroed(case)).with_known_batch()


class _Normalized(keras.layers.Layer):
    """A right layer in small steps, so that each wrong one can go astray in one of them."""

    def __init__(self, epsilon: float = 0.001, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        shape = (input_shape[-1],)
        self.gamma = self.add_weight(name="gamma", shape=shape, initializer="ones")
        self.beta = self.add_weight(name="beta", shape=shape, initializer="zeros")

    def call(self, inputs: Any) -> Any:
        mean = ops.mean(inputs, axis=self.axes(inputs), keepdims=True)
        squares = ops.square(inputs - mean)
        variance = ops.mean(squares, axis=self.axes(inputs), keepdims=True)
        return self.gamma * (inputs - mean) / self.divisor(variance) + self.beta

    def axes(self, inputs: Any) -> Any:
        return -1

    def divisor(self, variance: Any) -> Any:
        return ops.sqrt(variance + self.epsilon)


class _OverTheBatch(_Normalized):
    def axes(self, inputs: Any) -> Any:
        return tuple(range(len(inputs.shape) - 1))


class _WholeSample(_Normalized):
    def axes(self, inputs: Any) -> Any:
        return tuple(range(1, len(inputs.shape)))


class _NoRoot(_Normalized):
    def divisor(self, variance: Any) -> Any:
        return variance + self.epsilon


class _EpsilonOutside(_Normalized):
    def divisor(self, variance: Any) -> Any:
        return ops.sqrt(variance) + self.epsilon


layer_normalization = Exercise(
    name="LayerNormalization",
    unit=UNIT,
    layer="LayerNormalization",
    reference=keras.layers.LayerNormalization,
    forbid=("keras.layers.LayerNormalization", "keras.ops.layer_normalization"),
    kinds=(
        Kind("rank 2", lambda d: _case(d, 2)),
        Kind("rank 3", lambda d: _case(d, 3)),
        Kind("rank 4", lambda d: _case(d, 4)),
        Kind("zeros", _constant, edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 4, "gradient": 1},
    edges={"inputs: zero": zeros},
    misconceptions=(
        Misconception(
            "statistics over the batch",
            "Your layer takes mean and variance over the samples, as BatchNormalization does.",
            "Which numbers of the batch may the mean of one vector depend on?",
            _OverTheBatch,
        ),
        Misconception(
            "statistics of the whole sample",
            "Your layer takes one mean for all of a sample, not one for each of its vectors.",
            "How many vectors along the last axis has a sample of shape (3, 4)?",
            _WholeSample,
        ),
        Misconception(
            "root omitted",
            "Your layer divides by the variance, not by its root.",
            "Which of the two is measured in the same unit as the inputs?",
            _NoRoot,
        ),
        Misconception(
            "epsilon outside the root",
            "Your layer adds epsilon after the root.",
            "Where does epsilon stand in the formula, under the root or beside it?",
            _EpsilonOutside,
        ),
    ),
)
