"""The floor of grading: the cells of a class run bare in this process, one notebook after another.

No sandbox, no gradebook, no notebook read or written: what no grader can do without. The cells
come from a file that `lay_out` has written before.
"""

from __future__ import annotations

import contextlib
import io
import pickle
import sys
from pathlib import Path
from typing import Any

from grader.examination.examine import examine
from grader.grading.check_calls import check_calls
from grader.grading.task import Cell

LAID_OUT = "cells.pickle"


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
    """Run all submissions that were laid out in the folder of a course."""
    total = 0.0
    for code in pickle.loads((Path(sys.argv[1]) / LAID_OUT).read_bytes()):
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            total += run(code)
    print(f"{total:.3f}")


if __name__ == "__main__":
    main()
