"""The seed of the hidden cases: chosen once for a course, and kept beside its gradebook."""

from __future__ import annotations

import secrets
from pathlib import Path

from grader.gradebook.json_file import read, write
from grader.gradebook.lock import alone

FILE = "gradebook.seeds.json"


def hidden_seed(root: Path, assignment: str) -> int:
    """The assignment's seed. Kept, so that a regrade tries the same cases; delete it to renew."""
    path = root / FILE
    with alone(root):
        seeds = read(path)
        if assignment not in seeds:
            # So many that nobody finds it by trying which one fits a few values of its cases.
            seeds[assignment] = 1 + secrets.randbits(128)
            write(path, seeds)
    return int(seeds[assignment])
