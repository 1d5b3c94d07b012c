"""What a process that answers what it likes might say, whatever it is asked."""

from __future__ import annotations

from typing import Any

import numpy as np

JUNK: dict[str, Any] = {
    "nothing": None,
    "a number": 3,
    "no number": float("nan"),
    "a huge number": 10**400,
    "text": "array([1, 2])",
    "an empty list": [],
    "an empty dict": {},
    "an array without axes": np.array(1.0),
    "an empty array": np.ones((0, 5), "float32"),
    "an array of truth values": np.ones((2, 3), bool),
    "an array of words": np.array(["a", "b"]),
    "an array that is not a number": np.full((3, 3), np.nan, "float32"),
    "a ragged list": [np.ones(2), np.ones((3, 1))],
    "weights of odd shapes": {"tracked": [["a", [2, "x"], True]], "untracked": []},
    "weights of negative shapes": {"tracked": [["a", [-5, 2], True]], "untracked": []},
    "weights that are huge": {"tracked": [["a", [10**6, 10**6], True]], "untracked": []},
    "weights without end": {"tracked": [["a", [2], True]] * 5000, "untracked": ["b"] * 5000},
    "weights that are no list": {"tracked": 5, "untracked": 5},
    "a shape of words": {"shape": ["x", None]},
    "no shape": {"shape": None},
    "a reload of nothing": {"keys": 5, "output": None},
    "dtypes of nothing": {"output": [5], "weights": "float32", "values": {}},
    "a model of nothing": {"functional": 1, "sequential": "a", "after": [None]},
    "gradients of nothing": {"inputs": 5, "weights": [np.ones(3)]},
}
