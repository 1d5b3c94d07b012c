"""Cells that lost their nbgrader metadata get it back, where it is clear which ones they are.

Some programs drop metadata (Databricks, cleaners of notebooks for git), and a cell that a student
retyped, or merged with another one, has none. What such cells define is right all the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from nbformat.notebooknode import NotebookNode

from grader.submissions.unit_cells import UnitCell

_DEFINED = re.compile(
    r"^(?:class|(?:async )?def)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE
)
_ABOVE = re.compile(r"(?:(?:# ?@(?:title|markdown)|%%(?:time|capture)\b).*(?:\n\s*|\Z))+")


def recover(
    nb: NotebookNode, unit: Sequence[UnitCell], texts: Collection[str] = ()
) -> tuple[str, ...]:
    """Mark cells of the `unit`, which stands in its order, that are there without their marks.

    `texts` are the unit's own. Returns the names of the cells that were found.
    """
    found = [cell.name for cell in reversed(_missing(nb, unit)) if _mark_by_source(nb, cell)]
    answers = [cell for cell in _missing(nb, unit) if cell.is_answer]
    found += [cell.name for cell in answers if _mark_by_names(nb, cell)]
    answers = [cell for cell in answers if cell.name not in found and not defined(cell.source)]
    found += [cell.name for cell in answers if _mark_by_place(nb, cell, unit, texts)]
    answers = [cell for cell in answers if cell.name not in found]
    found += [cell.name for cell in reversed(answers) if _mark_elsewhere(nb, cell, texts)]
    return tuple(cell.name for cell in unit if cell.name in found)


def defined(source: str) -> frozenset[str]:
    """Names of classes, functions and variables that a cell defines, as far as its text tells."""
    return frozenset(one or other for one, other in _DEFINED.findall(source))


def is_as_released(source: str, cell: UnitCell) -> bool:
    """Whether this is a locked cell's source, however its lines end."""
    return _plain(source) in (_plain(cell.released), _plain(cell.source))


def _plain(source: str) -> str:
    """Without blanks at the end of lines, and without what a page or a student puts above a cell: a
    title for a form (Colab), or that its time is taken."""
    text = _ABOVE.sub("", source.strip())
    return "\n".join(line.rstrip() for line in text.strip().split("\n"))


def _missing(nb: NotebookNode, unit: Sequence[UnitCell]) -> list[UnitCell]:
    there = {mark_of(cell) for cell in nb.cells}
    return [cell for cell in unit if cell.name not in there]


def mark_of(cell: NotebookNode) -> str:
    """Its grade id, or nothing."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def _unmarked(nb: NotebookNode, kind: str) -> Iterator[NotebookNode]:
    """Cells of a kind without a mark, from the last on: what stands later counts."""
    return (cell for cell in reversed(nb.cells) if cell.cell_type == kind and not mark_of(cell))


def _give(cell: NotebookNode, known: UnitCell) -> bool:
    cell.metadata["nbgrader"] = NotebookNode(known.metadata)
    if known.tags:
        cell.metadata["tags"] = list(known.tags)
    return True


def _mark_by_source(nb: NotebookNode, known: UnitCell) -> bool:
    """A locked cell is the one that says what it says."""
    if not known.is_locked:
        return False
    same = (c for c in _unmarked(nb, known.kind) if is_as_released(c.source, known))
    cell = next(same, None)
    return cell is not None and _give(cell, known)


def _mark_by_names(nb: NotebookNode, known: UnitCell) -> bool:
    """The answer is what defines all that it should define; else what defines some of it."""
    wanted = defined(known.source) if known.kind == "code" else frozenset()
    cells = list(_unmarked(nb, known.kind)) if wanted else []
    whole = (cell for cell in cells if wanted <= defined(cell.source))
    part = (cell for cell in cells if wanted & defined(cell.source))
    cell = next(whole, None) or next(part, None)
    return cell is not None and _give(cell, known)


def _mark_by_place(
    nb: NotebookNode, known: UnitCell, unit: Sequence[UnitCell], texts: Collection[str]
) -> bool:
    """A written answer is the first text of the student's own where it should stand."""
    names = [cell.name for cell in unit]
    before, after = names[: names.index(known.name)], names[names.index(known.name) + 1 :]
    marks = [mark_of(cell) for cell in nb.cells]
    begin = max((place + 1 for place, mark in enumerate(marks) if mark in before), default=0)
    later = [place for place, mark in enumerate(marks) if mark in after and place >= begin]
    return _mark_text(nb.cells[begin : min(later, default=len(marks))], known, texts)


def _mark_elsewhere(nb: NotebookNode, known: UnitCell, texts: Collection[str]) -> bool:
    """A written answer that nobody finds in its place is the last text of the student's own."""
    return known.kind == "markdown" and _mark_text(reversed(nb.cells), known, texts)


def _mark_text(cells: Iterable[NotebookNode], known: UnitCell, texts: Collection[str]) -> bool:
    kinds = (known.kind, "raw") if known.kind == "markdown" else (known.kind,)
    for cell in cells:
        own = cell.source.strip() and cell.source.strip() not in texts
        if own and cell.cell_type in kinds and not mark_of(cell):
            return _give(cell, known)
    return False
