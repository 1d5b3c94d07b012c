"""A number and what it counts, in words."""

from __future__ import annotations


def counted(number: float, one: str) -> str:
    """`1 unit`, `2 units`, `0.5 points`."""
    words = one if number == 1 else f"{one}s"
    return f"{number:,} {words}" if isinstance(number, int) else f"{number:g} {words}"
