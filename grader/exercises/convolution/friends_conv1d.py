"""A Conv1D with one mistake, whose card unit 06 asks to explain; its code is not shown there."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops


class FriendsConv1D(keras.layers.Layer):
    """Puts the extra zero of `same` before the data, where it cannot be shared evenly."""

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        strides: int = 1,
        padding: str = "valid",
        dilation_rate: int = 1,
        use_bias: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.filters, self.kernel_size, self.strides = filters, kernel_size, strides
        self.padding, self.dilation_rate, self.use_bias = padding, dilation_rate, use_bias

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Kernel and bias as in Keras."""
        self.kernel = self.add_weight(
            name="kernel", shape=(self.kernel_size, input_shape[-1], self.filters)
        )
        if self.use_bias:
            self.bias = self.add_weight(name="bias", shape=(self.filters,), initializer="zeros")

    def call(self, inputs: Any) -> Any:
        """(batch, length, channels) to (batch, length', filters)."""
        length, reach = inputs.shape[1], (self.kernel_size - 1) * self.dilation_rate + 1
        zeros = 0
        if self.padding != "valid":
            zeros = max((math.ceil(length / self.strides) - 1) * self.strides + reach - length, 0)
        if self.padding == "causal":
            zeros = reach - 1
        after = zeros // 2 if self.padding == "same" else 0
        padded = ops.pad(inputs, ((0, 0), (zeros - after, after), (0, 0)))
        starts = np.arange(0, length + zeros - reach + 1, self.strides)
        entries = np.arange(self.kernel_size) * self.dilation_rate
        windows = ops.take(padded, starts[:, None] + entries, axis=1)
        outputs = ops.einsum("bwec,ecf->bwf", windows, self.kernel)
        return outputs + self.bias if self.use_bias else outputs
