"""First step on a submission: its nbgrader metadata is made what the gradebook says, and every
trace of tampering is put into words for the instructor.

A student's notebook says of itself which cells are graded, locked and worth how much. None of
that is believed: only a cell's `grade_id` is read, and the rest is written anew.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Any

from nbformat.notebooknode import NotebookNode
from nbgrader.api import SourceCell
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor

from grader.gradebook.course import course_of
from grader.gradebook.gradebook import opened
from grader.grading.grading_record import NOTICED
from grader.submissions.changed_cells import later
from grader.submissions.digest import HANDED_IN, fingerprint
from grader.submissions.markup import make_harmless
from grader.submissions.notices import remark

_KEPT = ("kernelspec",)
"""What stays of a notebook's own metadata: the rest could pass for ours, or be run by a browser."""


class MendMetadata(NbGraderPreprocessor):
    """Rewrites the metadata of known cells, takes it from all others, and keeps notices."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Mend the notebook in place."""
        names = resources["nbgrader"]
        with opened(names["db_url"]) as gradebook:
            source = gradebook.find_notebook(names["notebook"], names["assignment"])
            cells = {cell.name: cell for cell in source.source_cells}
            meta = {name: _metadata(source, cell) for name, cell in cells.items()}
            noticed = mend(nb, cells, meta, self._later(names["assignment"]))
        if any([make_harmless(cell) for cell in nb.cells]):
            noticed.append("a text cell held markup that a browser would run; it was made plain")
        for index, cell in enumerate(nb.cells):  # else old notebooks get new ids in each run
            cell["id"] = f"cell-{index}"
        for notice in noticed:
            self.log.warning("%s: %s", names["student"], notice)
        kept = {name: nb.metadata[name] for name in _KEPT if name in nb.metadata}
        nb.metadata = NotebookNode({**kept, **self._handed_in(names), NOTICED: noticed})
        return nb, resources

    def _later(self, unit: str) -> Collection[str]:
        """The cells that were changed while submissions were there."""
        course = course_of(self)
        return later(Path(course.root), unit) if course else ()

    def _handed_in(self, names: dict[str, str]) -> dict[str, str]:
        """What it is that is graded, for the next run to know."""
        course = course_of(self)
        if course is None:
            return {}
        where = (course.submitted_directory, names["student"], names["assignment"])
        return {HANDED_IN: fingerprint(Path(course.format_path(*where)))}


def mend(
    nb: NotebookNode,
    sources: dict[str, SourceCell],
    true: dict[str, dict[str, Any]],
    changed: Collection[str] = (),
) -> list[str]:
    """Give each known cell its true metadata, the last one where several claim to be it.

    Returns what was noticed, in words. Cells that were `changed` later may
    be missing or differ.
    """
    noticed: list[str] = []
    seen: set[str] = set()
    for cell in reversed(nb.cells):
        claimed = cell.metadata.pop("nbgrader", None)
        if claimed is None:
            continue
        grade_id = claimed.get("grade_id") if isinstance(claimed, dict) else None
        if not isinstance(grade_id, str) or grade_id not in true:
            noticed.append(f"a cell claims to be {grade_id!r}, which the unit does not have")
        elif grade_id in seen:
            noticed.append(f"the cell {grade_id} stands more than once; the last one counts")
        else:
            seen.add(grade_id)
            old = grade_id in changed
            noticed += _differences(grade_id, cell, claimed, sources[grade_id], true[grade_id], old)
            if true[grade_id]["solution"] and cell.cell_type == "code":
                noticed += remark(grade_id, cell.source)
            cell.metadata["nbgrader"] = NotebookNode(true[grade_id])
    missing = [name for name in true if name not in seen and name not in changed]
    noticed += [f"the cell {name} was deleted" for name in missing]
    return noticed[::-1]


def _differences(
    grade_id: str,
    cell: NotebookNode,
    claimed: Any,
    source: SourceCell,
    true: dict[str, Any],
    old: bool,
) -> list[str]:
    found = [
        f"the {key} of the cell {grade_id} was changed from {true[key]!r} to {claimed.get(key)!r}"
        for key in ("points", "grade", "solution", "locked")
        if key in true and claimed.get(key) != true[key] and not (old and key == "points")
    ]
    if (
        true["locked"]
        and not old
        and cell.source.strip() not in (_released(source), source.source.strip())
    ):
        found.append(f"the locked cell {grade_id} was edited; it was put back")
    return found


def _released(source: SourceCell) -> str:
    """The source as the student got it, without the hidden tests."""
    cell = NotebookNode(cell_type=source.cell_type, source=source.source, metadata={})
    ClearHiddenTests()._remove_hidden_test_region(cell)
    return str(cell.source).strip()


def _metadata(notebook: Any, cell: SourceCell) -> dict[str, Any]:
    """The nbgrader metadata of a cell, as the gradebook knows it."""
    points = {graded.name: float(graded.max_score) for graded in notebook.grade_cells}
    solutions = {solution.name for solution in notebook.solution_cells}
    tasks = {task.name: float(task.max_score) for task in notebook.task_cells}
    meta: dict[str, Any] = {
        "grade_id": cell.name,
        "grade": cell.name in points,
        "solution": cell.name in solutions,
        "task": cell.name in tasks,
        "locked": bool(cell.locked),
        "schema_version": 3,
        "cell_type": cell.cell_type,
        "checksum": cell.checksum,
    }
    worth = {**points, **tasks}.get(cell.name)
    return meta if worth is None else {**meta, "points": worth}
