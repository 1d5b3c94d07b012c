"""The time in a submission's timestamp.txt, which people write by hand too.

nbgrader's own reading ends in a traceback for some, and takes others for another time than was
meant: `CEST` for UTC, `+0100` for 100 seconds, 03.11. for March.
"""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

_TIME = re.compile(
    r"(?P<time>\d{4}-\d\d-\d\d[ T]\d\d:\d\d(:\d\d(\.\d+)?)?)"
    r"(Z|[+-]\d\d:\d\d| (?P<zone>[A-Za-z][\w/+-]*))?"
)
_FIRST, _LAST = 1970, 9000
"""Years: others are a slip, and in another zone they may be none."""
HOW = "write it as 2026-11-03 00:10:00 UTC or 2026-11-03 00:10:00 Europe/Berlin"


def unreadable(submitted: Path) -> str:
    """What is wrong with the time in this folder; nothing where it can be read, or is none."""
    path = submitted / "timestamp.txt"
    if path.is_dir():
        return f"{path} is a folder: {HOW} into a file of that name"
    if not path.is_file():
        return ""
    text = path.read_text(encoding="utf-8", errors="replace").strip()
    if not text or _is_time(text):
        return ""
    return f"{path} contains {text[:60]!r}, which is not a time: {HOW}"


def _is_time(text: str) -> bool:
    found = _TIME.fullmatch(text)
    if found is None:
        return False
    try:
        time = datetime.fromisoformat(found["time"])
        if found["zone"] not in (None, "UTC"):
            ZoneInfo(found["zone"])
    except (ValueError, OSError, KeyError):
        return False
    return _FIRST <= time.year <= _LAST
