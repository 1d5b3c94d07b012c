"""Each notebook with right answers that are written otherwise: `make otherwise`.

An experiment goes on from what the student wrote. It must not hang on how: on the name of a weight,
the order of weights, or the way a network is put together, where the exercise leaves that open.
`python -m tests.long.otherwise 06-convolution` is for some units only.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbclient
from nbformat.notebooknode import NotebookNode
from nbgrader.utils import is_grade, is_solution
from rich.console import Console
from rich.table import Table

from grader.authoring.source import instructor_notebook
from grader.exercises.catalogue import CATALOGUE
from grader.grading.check_calls import check_calls
from tests.variants import RIGHT

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted(path.stem for path in (ROOT / "solutions").glob("[0-9]*.py"))
_MOST_SECONDS = 600

_INSTEAD = """
from tests.variants import RIGHT as _right
{name} = _right[{name!r}][{way}]
{name}.__name__ = {name!r}
"""


def answered(unit: str, way: int) -> NotebookNode:
    """The unit's notebook with the variant of this number in the place of each answer."""
    made = instructor_notebook(ROOT / "solutions" / f"{unit}.py", frozenset(CATALOGUE))
    answer = None
    for cell in made.cells:
        if cell.cell_type != "code":
            continue
        if is_solution(cell):
            answer = cell
        elif is_grade(cell):
            for call in check_calls(cell.source) or ():
                if answer is not None and call.exercise in RIGHT:
                    answer.source += _instead(call.exercise, way, answer.source)
                answer = None
    return made


def _instead(exercise: str, way: int, answer: str) -> str:
    """A line that puts the variant of this number there; a class where the answer is one."""
    is_class = f"class {exercise}(" in answer
    fitting = [
        number
        for number, variant in enumerate(RIGHT[exercise])
        if isinstance(variant, type) or not is_class
    ]
    return _INSTEAD.format(name=exercise, way=fitting[way % len(fitting)])


def errors(unit: str, way: int) -> list[str]:
    """What stops when that notebook is run, cell by cell."""
    made = answered(unit, way)
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        nbclient.NotebookClient(
            made, timeout=_MOST_SECONDS, allow_errors=True, resources=resources
        ).execute(env=os.environ | {"PYTHONPATH": str(ROOT)})
    return [
        f"{unit}, way {way}, cell {cell.id}: {output.ename}: {output.evalue}"
        for cell in made.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]


def ways(unit: str) -> int:
    """As many as the exercise with the most variants has."""
    made = instructor_notebook(ROOT / "solutions" / f"{unit}.py", frozenset(CATALOGUE))
    graded = [cell.source for cell in made.cells if cell.cell_type == "code" and is_grade(cell)]
    names = [call.exercise for source in graded for call in check_calls(source) or ()]
    return max(len(RIGHT.get(name, ())) for name in names)


def main() -> int:
    """Print what stops, and the table; the exit status is 1 where a cell stopped."""
    table = Table("unit", "ways", "stopped", title="right answers written otherwise")
    stopped = 0
    for unit in sys.argv[1:] or UNITS:
        most = ways(unit)
        found = [error for way in range(most) for error in errors(unit, way)]
        for error in found:
            print(error)
        table.add_row(unit, str(most), str(len(found)))
        stopped += len(found)
    Console(width=100).print(table)
    return 1 if stopped else 0


if __name__ == "__main__":
    sys.exit(main())
