"""A small model that writes, and ways to choose: what a student's loop is tried with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.bench.backend import tf


class SmallWriter:
    """It keeps what it has read in a vector, which is its cache.

    `model(tokens)` gives logits for the next token at each place, (batch, steps, signs);
    `model.proceed(tokens, cache)` gives those for tokens that follow on a cache, and the new
    cache: None is that of no text. `passed` counts the tokens that went through it.
    """

    def __init__(self, signs: int, seed: int) -> None:
        random = np.random.default_rng(seed)
        self._vectors, self._back = (random.normal(size=(signs, 8)) for _ in range(2))
        self._kept = random.normal(size=(8, 8)) / 2
        self.passed = 0

    def proceed(self, tokens: Any, cache: Any = None) -> tuple[Any, Any]:
        """Logits, and the cache after these tokens."""
        numbers = np.asarray(tokens)
        if numbers.ndim != 2 or not np.issubdtype(numbers.dtype, np.integer):
            raise ValueError(
                f"the model takes whole numbers of shape (batch, steps), not {numbers.dtype} of "
                f"shape {numbers.shape}"
            )
        state = np.zeros((len(numbers), 8)) if cache is None else cache
        logits = np.zeros((*numbers.shape, len(self._back)))
        for step, column in enumerate(numbers.T):
            state = np.tanh(state @ self._kept + self._vectors[column])
            logits[:, step] = 2 * state @ self._back.T
        self.passed += numbers.size
        return tf.constant(logits.astype("float32")), state

    def __call__(self, tokens: Any) -> Any:
        """Logits at each place of a whole text."""
        return self.proceed(tokens)[0]


class Largest:
    """Chooses the token with the largest logit."""

    def __call__(self, logits: Any) -> int:
        """The token."""
        return int(np.argmax(_row(logits)))


class Drawn:
    """Chooses by chances, with given numbers between 0 and 1 in place of luck."""

    def __init__(self, numbers: Sequence[float]) -> None:
        self.numbers = list(numbers)

    def __call__(self, logits: Any) -> int:
        """The token whose part of the line from 0 to 1 the next number falls into."""
        row = _row(logits).astype("float64")
        chances = np.exp(row - row.max())
        ends = np.cumsum(chances / chances.sum())
        place = int(np.searchsorted(ends, self.numbers.pop(0), side="right"))
        return min(place, len(row) - 1)


def _row(logits: Any) -> np.ndarray:
    row = np.asarray(logits)
    if row.ndim != 1:
        raise ValueError(f"choose takes the logits of one place, not an array of shape {row.shape}")
    return row
