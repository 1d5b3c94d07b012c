"""Rules of chance for coins that fall by themselves, each with the same probability.

Each rule accuses right coins with a probability of at most `FALSE_ALARM`. It counts coins, or pairs
of them, whose number follows a binomial distribution exactly. By Chernoff's inequality, of n such
the share lies where n * KL(share, rate) > ln(2 / p) with a probability below p; KL is the
Kullback-Leibler divergence of two coins. A rule that looks at several counts shares p among them
(the union bound).
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

FALSE_ALARM = 2e-8
"""How often, at most, a rule accuses right coins."""


def is_near(fell: int, count: int, rate: float, looks: int = 1) -> bool:
    """Whether so many of `count` coins may well fall, as one of `looks` counts of a rule."""
    return count * _divergence(fell / count, rate) <= math.log(2 * looks / FALSE_ALARM)


def _divergence(share: float, rate: float) -> float:
    """The Kullback-Leibler divergence of coins that fall with these two probabilities."""
    return sum(
        p * math.log(p / q) if q else math.inf
        for p, q in ((share, rate), (1 - share, 1 - rate))
        if p
    )


def odd_places(coins: np.ndarray, rate: float) -> str:
    """A place along an axis where coins fall too seldom or too often, in words; else empty."""
    looks = sum(coins.shape)
    for axis, length in enumerate(coins.shape):
        each = coins.size // length
        for place, fell in enumerate(np.moveaxis(coins, axis, 0).reshape(length, -1).sum(1)):
            if not is_near(int(fell), each, rate, looks):
                return f"those at index {place} of axis {axis}"
    return ""


def tied_pairs(coins: np.ndarray, rate: float) -> str:
    """Pairs of coins along an axis that fall alike too often or too seldom, in words; else empty.

    Two coins fall alike with the probability rate^2 + (1 - rate)^2. The pairs of one count have no
    coin in common, so that they are as independent as the coins.
    """
    alike = rate**2 + (1 - rate) ** 2
    pairings = [(axis, *pair) for axis in range(coins.ndim) for pair in _pairings(coins, axis)]
    for axis, words, first, second in pairings:
        fell = int(np.count_nonzero(first == second))
        if first.size and not is_near(fell, first.size, alike, len(pairings)):
            return f"{words} along axis {axis}"
    return ""


def _pairings(coins: np.ndarray, axis: int) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    moved = np.moveaxis(coins, axis, 0)
    half = len(moved) // 2
    yield "neighbours", moved[: 2 * half : 2], moved[1 : 2 * half : 2]
    rest = (len(moved) - 1) // 2
    yield "neighbours", moved[1 : 2 * rest + 1 : 2], moved[2 : 2 * rest + 2 : 2]
    yield "the two halves", moved[:half], moved[half : 2 * half]
    yield "mirrored places", moved[:half], moved[::-1][:half]
