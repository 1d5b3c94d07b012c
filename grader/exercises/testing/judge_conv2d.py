"""A test for Conv2D."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.convolution.conv2d import conv2d
from grader.exercises.exercise import Misconception
from grader.exercises.testing.zoo import Zoo, by_samples, in_double, judging, only

_INPUTS = np.linspace(-1, 1, 2 * 7 * 6 * 3, dtype="float32").reshape(2, 7, 6, 3)


class _InTwoParts(keras.layers.Conv2D):
    """What is above zero and what is below go through the kernel one after the other."""

    def call(self, inputs: Any) -> Any:
        above = self.convolution_op(ops.relu(inputs), self.kernel)
        outputs = above - self.convolution_op(ops.relu(-inputs), self.kernel)
        return self.activation(outputs if self.bias is None else outputs + self.bias)


ZOO = Zoo(
    right=(
        keras.layers.Conv2D,
        _InTwoParts,
        in_double(keras.layers.Conv2D),
        by_samples(keras.layers.Conv2D),
    ),
    wrong=only(
        conv2d.misconceptions,
        *("flipped kernel", "bias omitted", "use_bias ignored", "only the first channel"),
        *("strides ignored", "same padded left-heavy", "same padded on both sides alike"),
        *("same repeats the border", "same taken for valid", "dilation ignored"),
        *("kernel height and width swapped", "strides swapped", "groups see the first channels"),
        *("activation before bias", "activation forgotten"),
    ),
    takes=(
        *("filters", "kernel_size", "strides", "padding", "dilation_rate", "groups"),
        *("activation", "use_bias"),
    ),
)


def _shape_only(layer: Any) -> bool:
    return tuple(layer(4, (3, 2), 2)(_INPUTS).shape) == (2, 3, 3, 4)


def _count_only(layer: Any) -> bool:
    made = layer(4, (3, 2))
    made(_INPUTS)
    return int(made.count_params()) == 4 * (3 * 2 * 3 + 1)


conv2d_is_right = judging(
    "conv2d_is_right",
    conv2d,
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
            "Has a layer that runs through its kernel backwards another number of parameters?",
            _count_only,
        ),
    ),
)
