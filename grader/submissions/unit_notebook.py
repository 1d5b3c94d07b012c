"""Which notebook of a unit a file is, and whether anybody worked in it: by its cells.

A student may give a notebook any name. The grade ids of its cells stay.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.submissions.read_notebook import text_of

WORK, UNREADABLE, UNTOUCHED = 2, 1, 0
"""Of two copies of a notebook the one that is worth more counts."""


@dataclass(frozen=True)
class Release:
    """A notebook as students got it: the source of each cell with a grade id, whether the cell is
    the student's to fill in, and the sources of all cells. Blanks are left out of them."""

    cells: Mapping[str, str]
    own: frozenset[str]
    sources: frozenset[str]


@dataclass(frozen=True)
class Unit:
    """The notebooks of a unit, by their file names."""

    notebooks: Mapping[str, Release]

    def look(self, path: Path) -> tuple[str, int]:
        """The name of the notebook of the unit that the file is, by its grade ids, or nothing; and
        what the copy is worth."""
        cells = read_cells(path)
        if cells is None:
            return "", UNREADABLE
        name = self._name({grade_id for grade_id, _, _ in cells if grade_id})
        return name, WORK if any(self._is_work(*cell) for cell in cells) else UNTOUCHED

    def _name(self, ids: set[str]) -> str:
        """More than half of all ids that either has must be those of both."""
        for name, release in self.notebooks.items():
            if 2 * len(ids & release.cells.keys()) > len(ids | release.cells.keys()):
                return name
        return ""

    def _is_work(self, grade_id: str, source: str, _: bool) -> bool:
        """Whether a student wrote this cell: it is theirs, and not as it was handed out."""
        for release in self.notebooks.values():
            if grade_id in release.cells:
                return grade_id in release.own and source != release.cells[grade_id]
        return bool(source) and not any(source in one.sources for one in self.notebooks.values())


def read_unit(folder: Path) -> Unit:
    """The unit whose notebooks, as students get them, are in the folder."""
    return Unit({path.name: _release(path) for path in sorted(folder.glob("*.ipynb"))})


def _release(path: Path) -> Release:
    cells = read_cells(path) or []
    return Release(
        {grade_id: source for grade_id, source, _ in cells if grade_id},
        frozenset(grade_id for grade_id, _, own in cells if own),
        frozenset(source for _, source, _ in cells),
    )


def read_cells(path: Path) -> list[tuple[str, str, bool]] | None:
    """Grade id, source without blanks, and whether a student is to fill it in, of each cell; None
    where the file is not a notebook."""
    try:
        return [*_cells(json.loads(text_of(path.read_bytes()), strict=False))]
    except (OSError, ValueError, RecursionError, TypeError, AttributeError, KeyError):
        return None


def _cells(notebook: Any) -> Iterator[tuple[str, str, bool]]:
    sheets = notebook.get("worksheets") or [notebook]  # what Jupyter wrote until 2015
    for cell in (cell for sheet in sheets for cell in sheet["cells"]):
        mark = (cell.get("metadata") or {}).get("nbgrader") or {}
        source = cell.get("source") or cell.get("input") or ""
        text = "".join("".join(source).split())
        yield str(mark.get("grade_id") or ""), text, bool(mark.get("solution") or mark.get("task"))
