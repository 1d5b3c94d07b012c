"""Small files beside the gradebook, of names and what is known of each: written whole or not."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from grader.gradebook.modes import mask


def read(path: Path) -> dict[str, Any]:
    """What the file holds; nothing where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(path: Path, rows: dict[str, Any]) -> None:
    """Replace the file; who may not read the course's files cannot read it."""
    fresh = path.with_suffix(".new")
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o660 & ~mask(path.parent))
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(json.dumps(rows, indent=1, sort_keys=True) + "\n")
    fresh.replace(path)
