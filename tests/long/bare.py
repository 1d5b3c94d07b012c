"""The floor of grading: the cells of a class run bare in this process, one notebook after another.

No sandbox, no gradebook, no notebook written: what no grader can do without.
"""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path
from typing import Any

import nbformat

from grader.examine import examine
from grader.pipeline.checkcalls import check_calls
from grader.pipeline.task import Cell, cells


def run(code: tuple[Cell, ...]) -> float:
    """Run a notebook's cells; the sum of its scores."""
    names: dict[str, Any] = {}
    total = 0.0
    for cell in code:
        if cell.skip:
            continue
        with contextlib.suppress(Exception):
            if not cell.grade_id:
                exec(cell.source, names)
                continue
            for call in check_calls(cell.source) or []:
                candidate = names[call.candidate]
                total += examine(candidate, call.exercise, hidden=call.hidden, seed=7).score
    return total


def main() -> None:
    """Run all submissions of a unit: folder of the course, name of the unit."""
    folder, unit = Path(sys.argv[1]), sys.argv[2]
    solution = nbformat.read(folder / "solutions" / unit / f"{unit}.ipynb", as_version=4)
    sources = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in solution.cells
        if cell.metadata.get("nbgrader", {}).get("locked")
    }
    total = 0.0
    for path in sorted((folder / "submitted").glob(f"*/{unit}/{unit}.ipynb")):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            total += run(cells(nbformat.read(path, as_version=4), sources))
    print(f"{total:.3f}")


if __name__ == "__main__":
    main()
