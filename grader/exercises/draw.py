"""Random cases that obey the rules for sharp probes: a lazy case hides a wrong layer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np


class Draw:
    """A source of random sizes and values, the same for the same seed.

    No two sizes of one draw are equal, so that a transposed matrix or a swapped axis can never
    fit by accident; values are never whole, zero or one.
    """

    def __init__(self, *seed: int) -> None:
        self.random = np.random.default_rng(seed)
        self._used: set[int] = set()

    def size(self, low: int = 2, high: int = 7) -> int:
        """A size from `low` to `high`, both included, that this draw has not given before.

        Raises `ValueError` where none is left.
        """
        free = [size for size in range(low, high + 1) if size not in self._used]
        if not free:
            raise ValueError(f"no size from {low} to {high} is left: widen the range")
        size = int(self.random.choice(free))
        self._used.add(size)
        return size

    def sizes(self, count: int, low: int = 2, high: int = 7) -> tuple[int, ...]:
        """`count` different sizes from `low` to `high`, none of which was given before.

        Raises `ValueError` where not enough are left.
        """
        return tuple(self.size(low, high) for _ in range(count))

    def choice(self, options: Sequence[Any]) -> Any:
        """One of the options, each as likely as the others."""
        return options[int(self.random.integers(len(options)))]

    def normal(self, *shape: int, scale: float = 1.0) -> np.ndarray:
        """An array of this shape, float32: normal values around 0, with deviation `scale`."""
        return (scale * self.random.normal(size=shape)).astype("float32")

    def weight(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """A value for a weight of this name and shape, float32: never zero or one.

        From 0.2 to 0.9 with either sign; from 0.5 to 2 where the name says that it is a variance.
        """
        if "variance" in name:
            return self.random.uniform(0.5, 2.0, size=shape).astype("float32")
        sign = self.random.choice([-1.0, 1.0], size=shape)
        return (sign * self.random.uniform(0.2, 0.9, size=shape)).astype("float32")
