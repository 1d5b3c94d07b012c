"""Pages into their folder: whole or not at all, and for nobody else on the machine.

To draw a unit's plots takes longer than to read the unit, and most units of a term do not change
any more. So a page ends with a digest of what it shows, and is drawn again when that is another.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

from grader.class_report.class_report import ClassReport
from grader.gradebook.modes import close, mask

_DRAWN_BY = ("page.py", "plots.py", "html_page.py")
"""A page that an earlier version of these has drawn is drawn again."""


def make_folder(folder: Path, course: Path) -> None:
    """Make a folder for pages. Raises `FileExistsError` where a file has its name."""
    new = not folder.exists()
    folder.mkdir(parents=True, exist_ok=True)
    if new:
        close(folder, mask(course))


def write_page(path: Path, page: str, course: Path) -> None:
    """Replace the file."""
    fresh = path.with_name(f"{path.name}.new")
    opened = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o660 & ~mask(course))
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        file.write(page)
    os.replace(fresh, path)


def write_if_changed(
    path: Path, report: ClassReport, draw: Callable[[], str], course: Path
) -> None:
    """Draw the page of a unit and replace the file, unless it shows the same already."""
    mark = f"<!-- {_digest(report, course, path)} -->\n"
    try:
        if path.read_text(encoding="utf-8").endswith(mark):
            return
    except (OSError, ValueError):
        pass  # not there, or not ours
    write_page(path, draw() + mark, course)


def _digest(report: ClassReport, course: Path, path: Path) -> str:
    found = hashlib.sha256(repr((report, course, path)).encode())
    for name in _DRAWN_BY:
        found.update((Path(__file__).parent / name).read_bytes())
    return found.hexdigest()
