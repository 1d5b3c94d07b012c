"""What the exercises on a model that writes share: the signs of names, and names as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

UNIT = "18-capstone-write"
SIGNS = ".abcdefghijklmnopqrstuvwxyz"
"""The point stands before a name and behind it."""
PLACES = 14
"""Of the longest name: its letters, and an end."""


def rows_of(names: Sequence[str] | np.ndarray[Any, Any]) -> np.ndarray:
    """Names as rows of numbers: an end, the letters, and ends behind them, (names, places + 1)."""
    rows = np.zeros((len(names), PLACES + 1), "int32")
    for row, name in zip(rows, names, strict=True):
        row[1 : len(name) + 1] = [SIGNS.index(letter) for letter in name]
    return rows


def counted(rows: np.ndarray) -> np.ndarray:
    """For each sign to be told: 1 for a letter and for the first end, 0 behind it."""
    ends = rows[:, 1:] == 0
    return (np.cumsum(ends, axis=1) - ends == 0).astype("float32")
