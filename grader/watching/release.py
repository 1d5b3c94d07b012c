"""A page put where `nbgrader fetch_feedback` finds it: in the exchange, under a name that only the
student's own secret gives."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from nbgrader.utils import notebook_hash

from grader.lms.arrival import Arrival

_MOST = 20
"""Notebooks of a submission for which there is a page: a student may hand in any number."""
_PASSED_THROUGH = 0o711
"""As nbgrader makes the folder: who knows the name of a page can read it, and nobody can list."""


def release(feedback: Path, arrival: Arrival, pages: dict[str, str]) -> bool:
    """Write the pages of a submission, by the name of the notebook; "" is for every notebook that
    has none of its own. Whether there was anywhere to write it. Raises `OSError`."""
    if not arrival.secret:
        return False
    if not feedback.is_dir():
        feedback.mkdir(parents=True)
        feedback.chmod(_PASSED_THROUGH)
    other = pages.get("") or (next(iter(pages.values())) if len(pages) == 1 else "")
    written = False
    for name in _notebooks(arrival.folder):
        page = pages.get(name) or other
        if page:
            hashed = notebook_hash(secret=arrival.secret, notebook_id=name)
            _write(feedback / f"{hashed}.html", page)
            written = True
    return written


def _notebooks(folder: Path) -> Iterator[str]:
    """The names under which the student looks for a page."""
    names = sorted(path.stem for path in folder.glob("*.ipynb"))
    yield from (name for name in names[:_MOST] if _is_text(name))


def _is_text(name: str) -> bool:
    with contextlib.suppress(UnicodeEncodeError):
        return bool(name.encode())
    return False


def _write(path: Path, page: str) -> None:
    """Whole or not at all, and so that its student can read it."""
    fresh = path.with_name(f"{path.stem}-tmp.html")
    try:
        with fresh.open("w", encoding="utf-8") as file:
            file.write(page)
        fresh.chmod(stat.S_IRUSR | stat.S_IWUSR | stat.S_IRGRP | stat.S_IROTH)
        os.replace(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
