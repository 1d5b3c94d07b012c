"""Cells that came to a unit, or were changed there, after some had handed it in.

That what was handed in has them not, or otherwise, is then no student's doing.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

FILE = "gradebook.later.json"


def later(root: Path, unit: str) -> frozenset[str]:
    """The grade ids of the unit's cells that are new, or not what they were."""
    return frozenset(_read(root).get(unit, ()))


def remember(root: Path, unit: str, cells: Collection[str]) -> None:
    """Keep the grade ids of cells that come to the unit, or are changed, now."""
    known = _read(root)
    known[unit] = sorted({*known.get(unit, ()), *cells})
    fresh = (root / FILE).with_suffix(".new")
    fresh.write_text(json.dumps(known, indent=1, sort_keys=True) + "\n")
    fresh.replace(root / FILE)


def _read(root: Path) -> dict[str, list[str]]:
    path = root / FILE
    return json.loads(path.read_text()) if path.exists() else {}
