"""A test for BatchNormalization."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.exercise import Misconception
from grader.exercises.normalization.batch_normalization import batch_normalization
from grader.exercises.testing.zoo import Zoo, in_double, judging, without

_INPUTS = np.linspace(-1, 2, 20, dtype="float32").reshape(5, 4) ** 3


class _InSteps(keras.layers.BatchNormalization):
    """Training by hand: mean, variance, moving statistics, gamma and beta, one after the other."""

    def call(self, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        if not training:
            return super().call(inputs, training=False)
        axes = tuple(range(len(inputs.shape) - 1))
        mean = ops.mean(inputs, axis=axes)
        variance = ops.mean(ops.square(inputs - mean), axis=axes)
        for kept, now in ((self.moving_mean, mean), (self.moving_variance, variance)):
            kept.assign(kept + (1 - self.momentum) * (now - kept))
        return self.beta + (inputs - mean) * self.gamma / ops.sqrt(variance + self.epsilon)


ZOO = Zoo(
    right=(
        keras.layers.BatchNormalization,
        _InSteps,
        in_double(keras.layers.BatchNormalization),
    ),
    wrong=without(
        batch_normalization.misconceptions,
        *("gradient cut off", "trainable = False ignored", "moving statistics trainable"),
    ),
    takes=("momentum", "epsilon"),
    calls=("training",),
)


def _count_only(layer: Any) -> bool:
    made = layer()
    made(_INPUTS[:, None])
    return int(made.count_params()) == 16


def _mean_and_variance_only(layer: Any) -> bool:
    output = np.asarray(layer()(_INPUTS, training=True))
    return bool(np.allclose(output.mean(0), 0, atol=0.01) and np.allclose(output.var(0), 1, 0.1))


batchnorm_is_right = judging(
    "batchnorm_is_right",
    batch_normalization,
    __name__,
    ZOO,
    (
        Misconception(
            "looks at the number of parameters alone",
            "Your test looks at the number of parameters, and not at the output.",
            "Has a layer that never updates its moving mean another number of parameters?",
            _count_only,
        ),
        Misconception(
            "looks at mean and variance alone",
            "Your test looks only at the mean and the variance of the output in training.",
            "What does the layer do at inference, what does it keep of a batch, and what do gamma "
            "and beta do?",
            _mean_and_variance_only,
        ),
    ),
)
