"""Small files beside the gradebook, of names and what is known of each: written whole or not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read(path: Path) -> dict[str, Any]:
    """What the file holds; nothing where there is none."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def write(path: Path, rows: dict[str, Any]) -> None:
    """Replace the file."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(rows, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    fresh.replace(path)
