"""Cells that Keras does not have, to stand inside a student's RNN."""

from __future__ import annotations

from typing import Any

from grader.bench.backend import keras

ops = keras.ops


@keras.saving.register_keras_serializable("grader")
class RunningSum(keras.layers.Layer):
    """The sum of all that came in: one state, nothing to learn, and no `get_initial_state`.

    Shapes: inputs, output and state (batch, units).
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = self.state_size = units

    def call(self, inputs: Any, states: Any) -> Any:
        """One step."""
        total = states[0] + inputs
        return total, [total]


@keras.saving.register_keras_serializable("grader")
class RunningMean(keras.layers.Layer):
    """The mean of all that came in, from two states: the sum, and how many there were.

    It has nothing to learn, a tuple as `state_size`, and no `get_initial_state`. Shapes: inputs,
    output and sum (batch, units), number (batch, 1).
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units
        self.state_size: Any = (units, 1)

    def call(self, inputs: Any, states: Any) -> Any:
        """One step."""
        total, count = states[0] + inputs, states[1] + 1.0
        return total / count, [total, count]


@keras.saving.register_keras_serializable("grader")
class TwoSpeeds(keras.layers.Layer):
    """A fast state and a slow one, of different sizes; the output is neither of them.

        fast' = tanh(x W + slow S)
        slow' = 0.8 slow + 0.2 fast' V
        output = fast' + fast

    Before the first step the slow state is 0.5. Shapes: inputs (batch, features), fast and output
    (batch, units), slow (batch, slots).
    """

    def __init__(self, units: int, slots: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units, self.slots = units, slots
        self.state_size: Any = [units, slots]

    def build(self, input_shape: Any) -> None:
        """Make the three matrices."""
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))
        self.read_kernel = self.add_weight(name="read_kernel", shape=(self.slots, self.units))
        self.write_kernel = self.add_weight(name="write_kernel", shape=(self.units, self.slots))

    def call(self, inputs: Any, states: Any) -> Any:
        """One step."""
        fast, slow = states
        total = ops.matmul(inputs, self.kernel) + ops.matmul(slow, self.read_kernel)
        new = ops.tanh(total)
        return new + fast, [new, 0.8 * slow + 0.2 * ops.matmul(new, self.write_kernel)]

    def get_initial_state(self, batch_size: Any = None) -> Any:
        """The states before the first step."""
        fast, slow = (ops.zeros((batch_size, size)) for size in self.state_size)
        return [fast, slow + 0.5]
