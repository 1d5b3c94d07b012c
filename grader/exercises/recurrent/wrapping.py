"""What the layers that hold another layer share: how it is copied, and how masks are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.exercises.draw import Draw

UNIT = "11-recurrent-wrappers"
ASPECTS: Mapping[str, float] = {
    "shape": 1,
    "parameters": 2,
    "output": 4,
    "mask": 2,
    "gradient": 1,
}
STEPS = 4
"""The least that shows in which order steps are taken."""


def copy_of(layer: Any, **other: Any) -> Any:
    """A layer of the same class and config, except for what is `other`, with weights of its own."""
    config = {key: value for key, value in layer.get_config().items() if key != "name"}
    return type(layer).from_config({**config, **other})


def holes(draw: Draw, batch: int, steps: int) -> np.ndarray:
    """A mask (batch, steps): one sample has a hole, one lacks its beginning, one its end."""
    mask = draw.random.random((batch, steps)) < 0.7
    mask[:, 1] = True
    mask[0, -2:] = False, True
    mask[1, 0], mask[-1, -1] = False, False
    return mask
