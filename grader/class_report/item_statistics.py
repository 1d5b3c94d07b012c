"""How hard an exercise was, and whether it tells strong from weak: the usual item statistics."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import StatisticsError, correlation, fmean

FEW = 20
"""Below so many submissions a correlation says more of chance than of the exercise."""


def difficulty(shares: Sequence[float]) -> float | None:
    """The mean share of the points, from 0 (nobody has a point) to 1 (all have all of them)."""
    return fmean(shares) if shares else None


def discrimination(shares: Sequence[float], rest: Sequence[float]) -> float | None:
    """The correlation of the exercise's points with those of all others, from -1 to 1.

    Nothing where there are too few submissions, or where all have the same.
    """
    if len(shares) < FEW:
        return None
    try:
        return correlation(shares, rest)
    except StatisticsError:
        return None
