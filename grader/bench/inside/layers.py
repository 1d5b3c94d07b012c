"""Layers that Keras does not have, to stand inside a student's Bidirectional or TimeDistributed."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.bench.backend import keras, tf

ops = keras.ops


@keras.saving.register_keras_serializable("grader")
class Fading(keras.layers.Layer):
    """A recurrent layer without a cell: what was there fades to 0.6 of itself, what comes is added.

        h' = 0.6 h + x W

    A step that is masked leaves h as it is, and gives h again, or 0 with `zero_output_for_mask`: in
    this and in all else it behaves as a recurrent layer of Keras. Shapes: inputs (batch, time,
    features), output (batch, units), or (batch, time, units) with `return_sequences`; with
    `go_backwards` it begins at the last step, and the first output is that of the last step.
    """

    return_state = stateful = zero_output_for_mask = False

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
        """All steps at once: the share of each in h depends on how many have come in since.

        In TensorFlow's own operations, because a check calls this layer again and again.
        """
        if self.go_backwards:
            sequences = tf.reverse(sequences, [1])
            mask = None if mask is None else tf.reverse(mask, [1])
        steps, features = sequences.shape[1:]
        came = tf.matmul(tf.reshape(sequences, (-1, features)), self.kernel)
        came = tf.reshape(came, (-1, steps, self.units))
        if mask is None:
            age = np.arange(steps)
            shares = tf.constant(np.tri(steps) * 0.6 ** np.abs(age[:, None] - age), came.dtype)
        else:
            taken = tf.cast(mask, came.dtype)
            age = tf.cumsum(taken, axis=1)
            since = tf.expand_dims(age, 2) - tf.expand_dims(age, 1)
            shares = np.tri(steps) * tf.expand_dims(taken, 1) * 0.6**since
        outputs = tf.reduce_sum(tf.expand_dims(shares, -1) * tf.expand_dims(came, 1), axis=2)
        if self.zero_output_for_mask and mask is not None:
            outputs = ops.where(mask[..., None], outputs, 0.0)
        return outputs if self.return_sequences else outputs[:, -1]

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


class BuiltDense(keras.layers.Dense):
    """A Dense layer that has its weights from the start, as one that was trained before.

    Shapes: inputs (batch, features), output (batch, units).
    """

    def __init__(self, units: int, features: int, **kwargs: Any) -> None:
        super().__init__(units, **kwargs)
        self.features = features
        self.build((None, features))

    def get_config(self) -> dict[str, Any]:
        """Dense's own, and the number of features."""
        return {**super().get_config(), "features": self.features}
