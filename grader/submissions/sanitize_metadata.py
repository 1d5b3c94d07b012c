"""First step on a submission: its nbgrader metadata is made what the gradebook says, and what was
otherwise is put into words for the instructor.

A student's notebook says of itself which cells are graded, locked and worth how much. None of
that is believed: only a cell's `grade_id` is read, and the rest is rewritten.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell
from nbgrader.preprocessors import NbGraderPreprocessor

from grader.gradebook.course import course_of
from grader.gradebook.gradebook import opened
from grader.grading.code_cells import EXPERIMENT
from grader.grading.grading_record import NOTICED, within_bounds
from grader.submissions import notices
from grader.submissions.changed_cells import later
from grader.submissions.digest import HANDED_IN, fingerprint
from grader.submissions.markup import make_harmless
from grader.submissions.recover_marks import defined, is_as_released, recover
from grader.submissions.unit_cells import UnitCell, in_order, plain_texts, unit_cells

_KEPT = ("kernelspec",)
"""What stays of a notebook's own metadata: the rest could pass for ours, or be run by a browser."""
_COMPARED = ("points", "grade", "solution", "locked")


class MendMetadata(NbGraderPreprocessor):
    """Rewrites the metadata of known cells, takes it from all others, and keeps notices."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Mend the notebook in place."""
        names = resources["nbgrader"]
        place = (course_of(self), names["assignment"], names["notebook"])
        with opened(names["db_url"]) as gradebook:
            cells = unit_cells(gradebook.find_notebook(names["notebook"], names["assignment"]))
        texts = plain_texts(*place)
        noticed = sanitize(nb, in_order(cells, *place), self._later(names), texts)
        own = [cell for cell in nb.cells if cell.source.strip() not in texts]
        ran = dict.fromkeys(name for cell in own for name in make_harmless(cell))
        noticed += notices.markup(ran)
        for index, cell in enumerate(nb.cells):  # else old notebooks get new ids in each run
            cell["id"] = f"cell-{index}"
        noticed = within_bounds(noticed)
        for notice in noticed:
            self.log.warning("%s: %s", names["student"], notice)
        kept = {name: nb.metadata[name] for name in _KEPT if name in nb.metadata}
        nb.metadata = NotebookNode({**kept, **self._handed_in(names), NOTICED: noticed})
        return nb, resources

    def _later(self, names: dict[str, str]) -> Collection[str]:
        """The cells that were changed while submissions were there."""
        course = course_of(self)
        return later(Path(course.root), names["assignment"]) if course else ()

    def _handed_in(self, names: dict[str, str]) -> dict[str, str]:
        """What it is that is graded, for the next run to know."""
        course = course_of(self)
        if course is None:
            return {}
        where = (course.submitted_directory, names["student"], names["assignment"])
        return {HANDED_IN: fingerprint(Path(course.format_path(*where)))}


@dataclass
class _Seen:
    """What was found, by kind; names of cells, except for `marks`, which are in words."""

    unknown: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    edited: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def sanitize(
    nb: NotebookNode,
    unit: Sequence[UnitCell],
    changed: Collection[str] = (),
    texts: Collection[str] = (),
) -> list[str]:
    """Give each known cell its true metadata, the last one where several claim to be it.

    Returns what was noticed, in words. Cells that were `changed` later may be missing or differ.
    `texts` are the unit's own, which carry no mark.
    """
    seen = _Seen()
    known = {cell.name: cell for cell in unit}
    claimed = _claims(nb, known, changed, seen)
    found = recover(nb, unit, texts)
    for cell in list(nb.cells):
        mark = cell.metadata.get("nbgrader", {}).get("grade_id")
        if mark:
            _look(nb, cell, known[mark], mark in changed, seen)
    there = {*claimed, *found}
    others = frozenset().union(*(defined(c.source) for c in nb.cells if c.cell_type == "code"))
    missing = [
        cell.name
        for cell in unit
        if cell.name not in there
        and cell.name not in changed
        and (cell.is_graded or (cell.is_answer and not defined(cell.source) & others))
    ]
    return [
        *notices.absent(found, missing, whole=bool(nb.cells) and not claimed),
        *notices.doubled(seen.doubled[::-1]),
        *notices.unknown(seen.unknown[::-1]),
        *notices.marks(seen.marks[::-1]),
        *notices.edited(seen.edited),
        *seen.words,
    ]


def _claims(
    nb: NotebookNode, known: dict[str, UnitCell], changed: Collection[str], seen: _Seen
) -> set[str]:
    """Believe of each cell's metadata which one it is; the names that are there."""
    there: dict[str, NotebookNode] = {}
    for cell in reversed(nb.cells):
        claimed = cell.metadata.pop("nbgrader", None)
        if not claimed:
            continue
        grade_id = claimed.get("grade_id") if isinstance(claimed, dict) else None
        if not isinstance(grade_id, str):
            continue
        if grade_id not in known:
            seen.unknown.append(grade_id)
            continue
        if grade_id in there:
            seen.doubled.append(grade_id)
            if not _is_better(cell, there[grade_id], known[grade_id]):
                continue
            del there[grade_id].metadata["nbgrader"]
        else:
            seen.marks += _differences(claimed, known[grade_id], grade_id in changed)
        there[grade_id] = cell
        cell.metadata["nbgrader"] = NotebookNode(known[grade_id].metadata)
    return set(there)


def _is_better(cell: NotebookNode, later_one: NotebookNode, known: UnitCell) -> bool:
    """Whether it is an answer, and the later one that claims to be it is the blank stub."""
    blank = known.source.strip()
    return known.is_answer and later_one.source.strip() == blank != cell.source.strip()


def _differences(claimed: dict[str, Any], known: UnitCell, old: bool) -> list[str]:
    """What its metadata says otherwise. What is not there was lost, not changed."""
    return [
        f"{known.name}: {key} {notices.short(repr(claimed[key]))}, not {known.metadata[key]!r}"
        for key in _COMPARED
        if key in claimed and key in known.metadata and claimed[key] != known.metadata[key]
        if not (old and key == "points")
    ]


def _look(nb: NotebookNode, cell: NotebookNode, known: UnitCell, old: bool, seen: _Seen) -> None:
    """Make a known cell what it has to be, except for the source of an answer."""
    if known.place is not None:
        cell.metadata.pop("tags", None)
        cell.metadata.update({"tags": list(known.tags)} if known.tags else {})
    same_kind = cell.cell_type == known.kind
    if not same_kind:
        _convert(cell, known.kind)
    if known.is_locked:
        if not (same_kind and is_as_released(cell.source, known)):
            if not old and _matters(known):
                seen.edited.append(known.name)
            _keep_definitions(nb, cell, known)
        cell.source = known.source
    elif known.is_answer and known.kind == "code":
        seen.words += notices.remark(known.name, cell.source)


def _matters(known: UnitCell) -> bool:
    """Whether grading runs it: who plays with an experiment does what it is there for."""
    return known.is_graded or (known.kind == "code" and EXPERIMENT not in known.tags)


def _convert(cell: NotebookNode, kind: str) -> None:
    cell.cell_type = kind
    if kind == "code":
        cell.outputs, cell.execution_count = [], None
        cell.pop("attachments", None)
    else:
        cell.pop("outputs", None)
        cell.pop("execution_count", None)


def _keep_definitions(nb: NotebookNode, cell: NotebookNode, known: UnitCell) -> None:
    """An answer that was merged with a locked cell is run before it, as a cell of the student's."""
    if known.kind == "code" and defined(cell.source) - defined(known.source):
        nb.cells.insert(
            nb.cells.index(cell), new_code_cell(cell.source, id=f"kept-{len(nb.cells)}")
        )
