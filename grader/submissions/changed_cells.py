"""Cells that came to a unit, or were changed there, after some had handed it in.

That what was handed in has them not, or otherwise, is then no student's doing.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from grader.gradebook.json_file import read, write

FILE = "gradebook.later.json"


def later(root: Path, unit: str) -> frozenset[str]:
    """The grade ids of the unit's cells that are new, or not what they were."""
    return frozenset(read(root / FILE).get(unit, ()))


def remember(root: Path, unit: str, cells: Collection[str]) -> None:
    """Keep the grade ids of cells that come to the unit, or are changed, now."""
    known = read(root / FILE)
    write(root / FILE, {**known, unit: sorted({*known.get(unit, ()), *cells})})
