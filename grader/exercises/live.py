"""Live answers for *predict* exercises: a real layer is built, and asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras


def count_of(layer: Any, shape: Sequence[int | None]) -> int:
    """Number of parameters of the layer when built for this input shape (batch axis first)."""
    layer(keras.KerasTensor(tuple(shape)))
    return int(layer.count_params())


def shape_of(layer: Any, shape: Sequence[int | None]) -> tuple[int | None, ...]:
    """The layer's output shape for this input shape, both with the batch axis."""
    return tuple(layer(keras.KerasTensor(tuple(shape))).shape)
