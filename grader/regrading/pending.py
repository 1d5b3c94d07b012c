"""A regrade that has begun and not ended: what it must know when it is begun again.

Once the unit is brought up to date, nothing shows any more which tests had changed; and a
submission that was graded again waits for a look at every score that a person gave.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from grader.gradebook.json_file import read, write

FILE = "gradebook.regrade.json"


@dataclass(frozen=True)
class Pending:
    """Grade ids of the changed cells, and the gradebook's ids of grades that were looked at."""

    changed: frozenset[str] = frozenset()
    reviewed: frozenset[str] = frozenset()


def pending(root: Path, unit: str) -> Pending | None:
    """What the unit's last regrade left, if it was stopped."""
    found = read(root / FILE).get(unit)
    return Pending(frozenset(found["changed"]), frozenset(found["reviewed"])) if found else None


def begin(root: Path, unit: str, changed: Collection[str], reviewed: Collection[str]) -> Pending:
    """Keep this, besides what a regrade that was stopped has left."""
    old = pending(root, unit) or Pending()
    now = Pending(old.changed.union(changed), old.reviewed.union(reviewed))
    parts = {"changed": sorted(now.changed), "reviewed": sorted(now.reviewed)}
    write(root / FILE, {**read(root / FILE), unit: parts})
    return now


def end(root: Path, unit: str) -> None:
    """All of the unit was graded again."""
    write(root / FILE, {name: kept for name, kept in read(root / FILE).items() if name != unit})
