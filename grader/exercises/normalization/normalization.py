"""Normalization: by the mean and the variance of the training data. Students only mend it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.regularization.dropping import UNIT


def _case(draw: Draw, *shape: int) -> Case:
    """Each feature has a mean and a variance that are not those of the batch."""
    features = shape[-1]
    means = np.round(draw.random.uniform(1, 4, features) * draw.random.choice((-1, 1), features), 3)
    variances = np.round(draw.random.uniform(2, 6, features), 3)
    config = {"mean": means.tolist(), "variance": variances.tolist()}
    return Case(config, draw.normal(*shape, scale=3.0))


class _Standardized(keras.layers.Layer):
    """A right layer in small steps, so that each wrong one can go astray in one of them."""

    def __init__(self, mean: Any, variance: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mean = np.array(mean, "float32")
        self.variance = np.array(variance, "float32")

    def statistics(self, inputs: Any) -> tuple[Any, Any]:
        return self.mean, self.variance

    def call(self, inputs: Any) -> Any:
        mean, variance = self.statistics(inputs)
        return (inputs - mean) / self.divisor(variance)

    def divisor(self, variance: Any) -> Any:
        return ops.sqrt(variance)


class _NoRoot(_Standardized):
    def divisor(self, variance: Any) -> Any:
        return variance


class _OfTheBatch(_Standardized):
    def statistics(self, inputs: Any) -> tuple[Any, Any]:
        axes = tuple(range(len(inputs.shape) - 1))
        return ops.mean(inputs, axis=axes), ops.var(inputs, axis=axes)


class _MeanKept(_Standardized):
    def statistics(self, inputs: Any) -> tuple[Any, Any]:
        return 0.0, self.variance


class _NotDivided(_Standardized):
    def divisor(self, variance: Any) -> Any:
        return 1.0


class _Multiplied(_Standardized):
    def divisor(self, variance: Any) -> Any:
        return 1.0 / ops.sqrt(variance)


normalization = Exercise(
    name="Normalization",
    unit=UNIT,
    layer="Normalization",
    reference=keras.layers.Normalization,
    forbid=("keras.layers.Normalization",),
    kinds=(
        Kind("rank 2", lambda d: _case(d, *d.sizes(2, 3, 7))),
        Kind("sequences", lambda d: _case(d, *d.sizes(3, 3, 7))),
        Kind("pictures", lambda d: _case(d, *d.sizes(4, 3, 7))),
        Kind("one feature", lambda d: _case(d, d.size(3, 5), 1).with_known_batch(), edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 4, "gradient": 1},
    misconceptions=(
        Misconception(
            "root omitted",
            "Your layer divides by the variance, not by its root.",
            "Which of the two is measured in the same unit as the inputs?",
            _NoRoot,
        ),
        Misconception(
            "statistics of the batch",
            "Your layer uses the mean and the variance of the batch, not those that it was given.",
            "What should the layer make of one single sample?",
            _OfTheBatch,
        ),
        Misconception(
            "mean not taken away",
            "Your layer does not take the mean away.",
            "What should an input that is equal to the mean become?",
            _MeanKept,
        ),
        Misconception(
            "not divided",
            "Your layer takes the mean away, but does not divide by anything.",
            "What is the variance of your outputs, if the inputs have the one that is given?",
            _NotDivided,
        ),
        Misconception(
            "multiplied by the deviation",
            "Your layer multiplies by the standard deviation, where it should divide.",
            "Do numbers with a large spread become smaller or larger?",
            _Multiplied,
        ),
    ),
)
