"""What the exercises of the unit share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

UNIT = "15-decoder-block"
ASPECTS: Mapping[str, float] = {
    "shape": 1,
    "parameters": 2,
    "output": 5,
    "gradient": 1,
    "model": 1,
}


def plain_dense(units: int, **more: Any) -> keras.layers.Dense:
    """A Dense layer without a bias, as the blocks of today have them."""
    return keras.layers.Dense(units, use_bias=False, **more)
