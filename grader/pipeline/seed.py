"""The seed of the hidden cases: chosen once for a course, and kept beside its gradebook."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

FILE = "gradebook.seeds.json"


def hidden_seed(root: Path, assignment: str) -> int:
    """The assignment's seed. Kept, so that a regrade tries the same cases; delete it to renew."""
    path = root / FILE
    with _alone(root):
        seeds: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
        if assignment not in seeds:
            seeds[assignment] = 1 + secrets.randbelow(2**31)
            fresh = path.with_suffix(".new")
            fresh.write_text(json.dumps(seeds, indent=1, sort_keys=True) + "\n")
            fresh.replace(path)
    return seeds[assignment]


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other instructors' commands out meanwhile. The folder itself is the lock: no file is
    left behind, and a command that is killed lets go of it."""
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows, where nobody grades a class but one person
        yield
        return
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
