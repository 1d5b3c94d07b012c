"""What grading left in a notebook: the reports, and what the instructor is to know besides."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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
        # As plain JSON: nbformat would validate, or make an object of each part, which is slow.
        notebook = json.loads(path.read_text(encoding="utf-8"))
        kept = notebook["metadata"]
        cells = [cell for cell in notebook["cells"] if _meta(cell).get("grade")]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if not kept.get(GRADED):
        return None
    graded = {_name(cell): cell for cell in cells}
    return GradedNotebook(
        {name: _reports(cell) for name, cell in graded.items() if _reports(cell)},
        tuple(graded),
        tuple(name for name, cell in graded.items() if is_beside(_outputs(cell))),
        *(tuple(kept.get(key, ())) for key in (MET, NOTICED, TROUBLE)),
    )


def _meta(cell: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = cell["metadata"].get("nbgrader", {})
    return found


def _name(cell: Mapping[str, Any]) -> str:
    return str(_meta(cell).get("grade_id"))


def _outputs(cell: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """A file holds text as a list of lines."""
    return [
        {**out, "text": "".join(out["text"])} if "text" in out else out
        for out in cell.get("outputs", [])
    ]


def _reports(cell: Mapping[str, Any]) -> Reports:
    outputs: Sequence[Mapping[str, Any]] = cell.get("outputs", [])
    return tuple(report for out in outputs for report in out.get("data", {}).get(REPORT, []))
