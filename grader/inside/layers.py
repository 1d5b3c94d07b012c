"""Layers that Keras does not have, to stand inside a student's Bidirectional or TimeDistributed."""

from __future__ import annotations

from typing import Any

from grader.backend import keras

ops = keras.ops


@keras.saving.register_keras_serializable("grader")
class Fading(keras.layers.Layer):
    """A recurrent layer without a cell: what was there fades to 0.6 of itself, what comes is added.

        h' = 0.6 h + x W

    A step that is masked leaves h as it is. Shapes: inputs (batch, time, features), output (batch,
    units), or (batch, time, units) with `return_sequences`; with `go_backwards` it begins at the
    last step, and the first output is that of the last step.
    """

    return_state = stateful = False

    def __init__(
        self,
        units: int,
        return_sequences: bool = False,
        go_backwards: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.units, self.return_sequences = units, return_sequences
        self.go_backwards = go_backwards

    def build(self, input_shape: Any) -> None:
        """Make the kernel."""
        self.kernel = self.add_weight(name="kernel", shape=(input_shape[-1], self.units))

    def call(self, sequences: Any, initial_state: Any = None, mask: Any = None) -> Any:
        """Take in the steps, one after the other."""
        came = ops.matmul(sequences, self.kernel)
        h = ops.zeros_like(came[:, 0]) if initial_state is None else initial_state[0]
        outputs = []
        times = range(sequences.shape[1])
        for t in reversed(times) if self.go_backwards else times:
            new = 0.6 * h + came[:, t]
            h = new if mask is None else ops.where(mask[:, t, None], new, h)
            outputs.append(h)
        return ops.stack(outputs, axis=1) if self.return_sequences else h

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of the output."""
        batch, steps, _ = input_shape
        return (batch, steps, self.units) if self.return_sequences else (batch, self.units)


@keras.saving.register_keras_serializable("grader")
class Distances(keras.layers.Layer):
    """How far each input is from each of some learned points; 0 for an input that is masked.

    It takes single inputs only. Shapes: inputs (batch, features), mask (batch,), output (batch,
    units).
    """

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.units = units

    def build(self, input_shape: Any) -> None:
        """Make the points."""
        self.points = self.add_weight(name="points", shape=(self.units, input_shape[-1]))

    def call(self, inputs: Any, mask: Any = None) -> Any:
        """Sums of absolute differences."""
        if len(inputs.shape) != 2:
            raise ValueError(f"Distances takes (batch, features), not {len(inputs.shape)} axes")
        far = ops.sum(ops.abs(inputs[:, None] - self.points), axis=-1)
        return far if mask is None else ops.where(mask[:, None], far, 0.0)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """The shape of the output."""
        return (input_shape[0], self.units)
