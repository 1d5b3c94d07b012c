"""What was handed in, by its bytes: whether a submission is another one than that which was graded.

nbgrader grades again what has a later timestamp. What comes from an LMS or by hand has none.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

from grader.gradebook.resume import tail_of

HANDED_IN = "layer_by_layer_handed_in"
"""Key of the graded notebook's metadata."""
_KEPT = re.compile(rf'"{HANDED_IN}": "([0-9a-f]+)"'.encode())


def fingerprint(submitted: Path) -> str:
    """Of the notebooks in this folder, and of the time when they came."""
    whole = hashlib.sha256()
    found = [*submitted.glob("*.ipynb"), *submitted.glob("timestamp.txt")]
    for path in sorted(path for path in found if path.is_file()):
        whole.update(os.fsencode(path.name) + f" {path.stat().st_size}\n".encode())
        whole.update(path.read_bytes())
    return whole.hexdigest()[:32]


def is_another(submitted: Path, graded: Path) -> bool:
    """Whether what was graded there was handed in otherwise than it is now."""
    found = [_KEPT.findall(tail_of(path)) for path in graded.glob("*.ipynb")]
    kept = {each[-1].decode() for each in found if each}
    return bool(kept) and kept != {fingerprint(submitted)}
