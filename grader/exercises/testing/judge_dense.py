"""A test for Dense."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.core.dense import dense
from grader.exercises.exercise import Misconception
from grader.exercises.testing.zoo import Zoo, by_samples, in_double, judging, without

_INPUTS = np.linspace(-1, 1, 8, dtype="float32").reshape(2, 4)


class _ByEinsum(keras.layers.Dense):
    def call(self, inputs: Any) -> Any:
        outputs = ops.einsum("...i,io->...o", inputs, self.kernel)
        return self.activation(outputs if self.bias is None else outputs + self.bias)


ZOO = Zoo(
    right=(
        keras.layers.Dense,
        _ByEinsum,
        in_double(keras.layers.Dense),
        by_samples(keras.layers.Dense),
    ),
    wrong=without(
        dense.misconceptions,
        *("activation not in config", "use_bias not in config", "casts to float32"),
    ),
    takes=("units", "activation", "use_bias"),
)


def _shape_only(layer: Any) -> bool:
    return tuple(layer(3)(_INPUTS[None]).shape) == (1, 2, 3)


def _count_only(layer: Any) -> bool:
    made = layer(3)
    made(_INPUTS)
    return int(made.count_params()) == 15


dense_is_right = judging(
    "dense_is_right",
    dense,
    __name__,
    ZOO,
    (
        Misconception(
            "looks at the shape alone",
            "Your test looks at the shape of the output, and not at its numbers.",
            "Which shape has an output that consists of zeros?",
            _shape_only,
        ),
        Misconception(
            "looks at the number of parameters alone",
            "Your test looks at the number of parameters, and not at the output.",
            "Has a layer that forgets its activation another number of parameters?",
            _count_only,
        ),
    ),
)
