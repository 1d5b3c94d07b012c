"""A test for LSTMCell."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.exercise import Misconception
from grader.exercises.recurrent.lstm_cell import lstm_cell
from grader.exercises.testing.zoo import Zoo, by_samples, in_double, judging, without

_INPUTS = np.linspace(-1, 1, 10, dtype="float32").reshape(2, 5)
_STATES = [np.full((2, 3), value, "float32") for value in (0.3, -0.4)]


class _InOneProduct(keras.layers.LSTMCell):
    """Inputs and old output side by side, times both kernels on top of each other."""

    def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
        before, carry = states
        kernel = ops.concatenate([self.kernel, self.recurrent_kernel], axis=0)
        sums = ops.matmul(ops.concatenate([inputs, before], axis=-1), kernel)
        sums = sums if self.bias is None else sums + self.bias
        i, f, candidate, o = ops.split(sums, 4, axis=-1)
        gate = self.recurrent_activation
        carry = gate(f) * carry + gate(i) * self.activation(candidate)
        output = gate(o) * self.activation(carry)
        return output, [output, carry]


ZOO = Zoo(
    right=(
        keras.layers.LSTMCell,
        _InOneProduct,
        in_double(keras.layers.LSTMCell),
        by_samples(keras.layers.LSTMCell),
    ),
    wrong=without(
        lstm_cell.misconceptions,
        *("forget bias starts at zero", "unit_forget_bias ignored", "ones in another gate"),
        *("ones in all gates", "no state_size", "state_size of one state"),
    ),
    takes=("units",),
)


def _shape_only(layer: Any) -> bool:
    output, states = layer(3)(_INPUTS, _STATES)
    return [tuple(part.shape) for part in (output, *states)] == [(2, 3)] * 3


def _count_only(layer: Any) -> bool:
    made = layer(3)
    made(_INPUTS, _STATES)
    return int(made.count_params()) == 4 * 3 * (5 + 3 + 1)


lstm_cell_is_right = judging(
    "lstm_cell_is_right",
    lstm_cell,
    __name__,
    ZOO,
    (
        Misconception(
            "looks at the shapes alone",
            "Your test looks at the shapes of output and states, and not at their numbers.",
            "Which shapes has a cell that reads its gates in another order?",
            _shape_only,
        ),
        Misconception(
            "looks at the number of parameters alone",
            "Your test looks at the number of parameters, and not at the output.",
            "Has a cell that forgets nothing another number of parameters?",
            _count_only,
        ),
    ),
)
