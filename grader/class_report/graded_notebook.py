"""What grading left in a notebook: the reports, and what the instructor is to know besides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nbformat import v4
from nbformat.notebooknode import NotebookNode

from grader.gradebook.resume import GRADED
from grader.grading.beside import is_beside
from grader.grading.grading_record import MET, NOTICED, REPORT, TROUBLE

Reports = tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class GradedNotebook:
    """A notebook after grading.

    `reports` holds, by test cell, the report of each exercise as `Report.to_json` gives it; `cells`
    the graded cells in their order; `beside` those whose tests ran beside the student's code. The
    rest is in words: limits met, what was noticed, trouble that is not the student's.
    """

    reports: Mapping[str, Reports] = field(default_factory=dict)
    cells: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    met: tuple[str, ...] = ()
    noticed: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()


def read_graded(path: Path) -> GradedNotebook | None:
    """The graded notebook in this file; nothing where there is none, or grading was cut off."""
    try:
        notebook = v4.reads(path.read_text(encoding="utf-8"))  # nbformat.read would validate: slow
    except (OSError, ValueError):
        return None
    if not notebook.metadata.get(GRADED):
        return None
    graded = {_name(cell): cell for cell in notebook.cells if _meta(cell).get("grade")}
    return GradedNotebook(
        {name: _reports(cell) for name, cell in graded.items() if _reports(cell)},
        tuple(graded),
        tuple(name for name, cell in graded.items() if is_beside(cell.get("outputs", []))),
        *(tuple(notebook.metadata.get(key, ())) for key in (MET, NOTICED, TROUBLE)),
    )


def _meta(cell: NotebookNode) -> Mapping[str, Any]:
    return dict(cell.metadata.get("nbgrader", {}))


def _name(cell: NotebookNode) -> str:
    return str(_meta(cell).get("grade_id"))


def _reports(cell: NotebookNode) -> Reports:
    outputs = cell.get("outputs", [])
    return tuple(report for out in outputs for report in out.get("data", {}).get(REPORT, []))
