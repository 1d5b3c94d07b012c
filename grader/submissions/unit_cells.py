"""The cells of a unit that the gradebook knows, in the order of the instructor's notebook."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory

from grader.grading.beside import without_hidden


@dataclass(frozen=True)
class UnitCell:
    """One of them: its true source and nbgrader metadata, and its tags. A cell that is not in the
    instructor's notebook, or where that cannot be read, has no `place` and no tags."""

    name: str
    kind: str
    source: str
    metadata: Mapping[str, Any]
    place: int | None = None
    tags: tuple[str, ...] = ()

    @property
    def is_answer(self) -> bool:
        """Whether students write in it."""
        return bool(self.metadata["solution"])

    @property
    def is_graded(self) -> bool:
        """Whether points are given for it."""
        return bool(self.metadata["grade"] or self.metadata["task"])

    @property
    def is_locked(self) -> bool:
        """Whether the gradebook's source is run, whatever was handed in."""
        return bool(self.metadata["locked"]) and not self.is_answer

    @property
    def released(self) -> str:
        """A locked cell's source as students get it."""
        return without_hidden(self.source)


def unit_cells(notebook: Any) -> dict[str, UnitCell]:
    """Those of a notebook in the gradebook, by name, in the order of its rows."""
    points = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
    tasks = {cell.name: float(cell.max_score) for cell in notebook.task_cells}
    answers = {cell.name for cell in notebook.solution_cells}
    return {
        cell.name: UnitCell(
            cell.name, cell.cell_type, cell.source, _metadata(cell, points, tasks, answers)
        )
        for cell in notebook.source_cells
    }


def _metadata(
    cell: Any, points: Mapping[str, float], tasks: Mapping[str, float], answers: set[str]
) -> dict[str, Any]:
    meta: dict[str, Any] = {
        "grade_id": cell.name,
        "grade": cell.name in points,
        "solution": cell.name in answers,
        "task": cell.name in tasks,
        "locked": bool(cell.locked),
        "schema_version": 3,
        "cell_type": cell.cell_type,
        "checksum": cell.checksum,
    }
    worth = {**points, **tasks}.get(cell.name)
    return meta if worth is None else {**meta, "points": worth}


def in_order(
    cells: Mapping[str, UnitCell], course: CourseDirectory | None, unit: str, notebook: str
) -> list[UnitCell]:
    """The cells as they stand in the instructor's notebook, if that is there: a database gives its
    rows in another order once the unit was released again."""
    found = _read(course, unit, notebook) if course else []
    places = {
        str(meta["grade_id"]): (place, tuple(map(str, cell["metadata"].get("tags", []))))
        for place, cell in enumerate(found)
        if (meta := cell["metadata"].get("nbgrader", {})).get("grade_id")
    }
    known = [
        replace(cell, place=places[name][0], tags=places[name][1]) if name in places else cell
        for name, cell in cells.items()
    ]
    return sorted(known, key=lambda cell: len(found) if cell.place is None else cell.place)


def plain_texts(course: CourseDirectory | None, unit: str, notebook: str) -> frozenset[str]:
    """The unit's texts that are nobody's to change, though no lock keeps them."""
    found = _read(course, unit, notebook) if course else []
    return frozenset(
        _source(cell)
        for cell in found
        if cell["cell_type"] == "markdown" and not cell["metadata"].get("nbgrader")
    )


def _read(course: CourseDirectory, unit: str, notebook: str) -> list[dict[str, Any]]:
    folder = course.format_path(course.source_directory, ".", unit)
    try:
        text = (Path(folder) / f"{notebook}.ipynb").read_text(encoding="utf-8")
        return list(json.loads(text)["cells"])
    except (OSError, ValueError, KeyError):
        return []


def _source(cell: Mapping[str, Any]) -> str:
    return "".join(cell["source"]).strip()
