"""Mutation of the model solutions: `make mutants`. Does the hidden check notice every slip?

Each solution is changed by one step at a time, and the hidden check is run on each mutant. A
survivor is either a probe that is not sharp enough, or a change that changes nothing: those are
named with the reason in `explained.json` beside this file, by exercise and changed line.
"""

from __future__ import annotations

import dataclasses
import difflib
import functools
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import jupytext
from rich.console import Console
from rich.progress import track
from rich.table import Table

from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE, WRITTEN
from grader.exercises.exercise import Exercise
from grader.grading.check_calls import check_calls
from grader.grading.code_cells import EXPERIMENT
from tests.long.mutation import mutants

ROOT = Path(__file__).resolve().parents[2]
EXPLAINED: dict[str, dict[str, str]] = json.loads(
    (Path(__file__).parent / "explained.json").read_text()
)

_TRAINED = {"digit_network", "digit_reader", "name_writer"}
"""Each mutant trains a network, and one of them takes all memory: tried only where it is named."""


def solutions(path: Path) -> dict[str, tuple[str, str]]:
    """The solution of each exercise of a unit, with all that it may build on: the cells before."""
    found: dict[str, tuple[str, str]] = {}
    before, source = "", ""
    for cell in jupytext.read(path).cells:
        meta = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code" or EXPERIMENT in cell.metadata.get("tags", []):
            continue
        if meta.get("solution"):
            before += f"{source}\n"
            source = "\n".join(line for line in cell.source.split("\n") if "### " not in line)
        elif not meta.get("grade"):
            before += f"{cell.source}\n"
        else:
            for call in check_calls(cell.source) or []:
                found.setdefault(call.exercise, (before, source))
    return found


def survives(name: str, before: str, source: str, candidate: str) -> bool:
    """Whether the hidden check passes a mutant; `before` are the cells that it may build on."""
    scope: dict[str, Any] = {"_same": lambda x: x, "__name__": "notebook"}
    exec(before, scope)
    try:
        exec(source, scope)
    except Exception:
        return False
    if candidate not in scope:
        return False
    # Most fall at the first draw, and nobody asks which wrong idea they had.
    draws = (
        examine(scope[candidate], without_ideas(name), seed=77, hidden=True, draws=count)
        for count in (1, None)
    )
    return all(report.passed for report in draws)


@functools.cache
def without_ideas(name: str) -> Exercise:
    """The exercise, but with no wrong ideas to hold a mutant against: that takes longest."""
    return dataclasses.replace(CATALOGUE[name], misconceptions=())


def changed_line(before: str, after: str) -> str:
    """The lines that a mutant has otherwise, in one."""
    rows = difflib.ndiff(before.split("\n"), after.split("\n"))
    return " | ".join(row[2:].strip() for row in rows if row.startswith("+ "))


def main() -> int:
    """Print the table; the exit status is 1 where a survivor is not explained."""
    import ast

    wanted = set(sys.argv[1:]) or set(WRITTEN) - _TRAINED
    table = Table("exercise", "killed", "equivalent", "survived", title="mutants")
    unexplained = []
    for unit in sorted((ROOT / "solutions").glob("[0-9]*.py")):
        for name, (before, source) in solutions(unit).items():
            if name not in wanted:
                continue
            if not survives(name, before, source, name):
                unexplained.append((name, "not a mutant, but the solution itself fails"))
            plain, counts = ast.unparse(ast.parse(source)), Counter[str]()
            for _, made in track(list(mutants(source)), name):
                if not survives(name, before, made, name):
                    counts["killed"] += 1
                    continue
                line = changed_line(plain, made)
                known = line in EXPLAINED.get(name, {})
                counts["equivalent" if known else "survived"] += 1
                if not known:
                    unexplained.append((name, line))
            row = (str(counts[key]) for key in ("killed", "equivalent", "survived"))
            table.add_row(name, *row)
    Console(width=100).print(table)
    for name, line in unexplained:
        print(f"survived: {name}: {line}")
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
