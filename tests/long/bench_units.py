"""What a submission of each unit costs, and what a whole class does, a part of `make bench`.

A class of four hands in each unit: two with all answers right, two with an answer that is wrong
everywhere and that no known wrong idea explains, which is the dearest kind. One worker grades them
one after the other, as `make profile` does. The first of each kind pays for what is kept for a
class, so the second one counts.
"""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from rich.console import Console
from rich.table import Table

from grader.authoring.build import build, units
from grader.demo.demo import fill
from grader.demo.sample import Member
from tests.long.measure import ROOT

STUDENTS = 300
RIGHT_SHARE = 2 / 3
"""Of the made-up class; the others hand in the wrong one."""
WRITER, SPEED_UP = 0.12, 1.49
"""Seconds in the one process that writes, for a submission, and what a second worker gains on two
cores: as docs/performance.md has them from part (d)."""
ORDER = ("a-right", "b-right", "c-wrong", "d-wrong")

_WRONG = """
def _off(value):
    if isinstance(value, dict):
        return {key: _off(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(map(_off, value))
    if isinstance(value, (bool, str, type(None))) or isinstance(value, keras.layers.Layer):
        return value
    if isinstance(value, int):
        return value + 1
    return value * 1.01 if "float" in str(getattr(value, "dtype", type(value))) else value
"""
_WRONG_CLASS = """
_right_{name} = {name}
class {name}(_right_{name}):
    def call(self, *args, **kwargs):
        return _off(super().call(*args, **kwargs))
"""
_WRONG_FUNCTION = """
_right_{name} = {name}
def {name}(*args, **kwargs):
    return _off(_right_{name}(*args, **kwargs))
"""


@dataclass(frozen=True)
class UnitCost:
    """Seconds for one more submission of a unit, right and wrong, by part of the work."""

    unit: str
    right: Mapping[str, float]
    wrong: Mapping[str, float]

    @property
    def mean(self) -> float:
        """Seconds for one of the made-up class."""
        right, wrong = sum(self.right.values()), sum(self.wrong.values())
        return RIGHT_SHARE * right + (1 - RIGHT_SHARE) * wrong


def wrong_everywhere(source: str) -> str:
    """A model answer, made to give numbers that are off by a hundredth, or sizes off by one."""
    tree = ast.parse(source).body
    classes = [part.name for part in tree if isinstance(part, ast.ClassDef)]
    functions = [part.name for part in tree if isinstance(part, ast.FunctionDef)]
    wrapped = [_WRONG_CLASS.format(name=name) for name in classes]
    wrapped += [_WRONG_FUNCTION.format(name=name) for name in functions]
    return "\n".join([source, _WRONG, *wrapped]) if wrapped else source


def _solutions(notebook: NotebookNode) -> dict[str, str]:
    marked = [(cell, cell.metadata.get("nbgrader", {})) for cell in notebook.cells]
    return {
        mark["grade_id"]: cell.source
        for cell, mark in marked
        if cell.cell_type == "code" and mark.get("solution") and not mark.get("grade")
    }


def hand_in(unit: str, folder: Path) -> None:
    """A course in this folder, with a class of four who hand in this unit."""
    build(ROOT, [unit])
    path = ROOT / "solutions" / unit / f"{unit}.ipynb"
    answers = _solutions(nbformat.read(path, as_version=4))
    wrong = {name: wrong_everywhere(source) for name, source in answers.items()}
    fill(ROOT, folder, unit, [Member(n, "", {}, wrong if "wrong" in n else {}) for n in ORDER])
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", unit]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)


def cost_of(unit: str) -> UnitCost:
    """Grade the class of four in a process of its own, since parts of the grader are watched.

    Raises `RuntimeError` where it was not graded.
    """
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "class"
        hand_in(unit, folder)
        command = [sys.executable, "-m", "tests.long.profile", "--only", str(folder), unit]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{unit} was not graded:\n{(done.stdout + done.stderr)[-2000:]}")
    _, right, _, wrong = json.loads(done.stdout.splitlines()[-1])
    return UnitCost(unit, right, wrong)


def by_unit(wanted: Sequence[str], out: Console) -> None:
    """Print (g): seconds for one submission of each unit, where they go, and a class's hours."""
    found = [cost_of(unit) for unit in wanted or units(ROOT)]
    table = Table("unit", "right, s", "wrong, s", "where the wrong one's time goes")
    table.title = "(g) one more submission, one worker"
    for cost in found:
        shares = Counter(cost.wrong)
        parts = [f"{s:.1f} s {part.split(':')[0]}" for part, s in shares.most_common(3)]
        right, wrong = sum(cost.right.values()), sum(cost.wrong.values())
        table.add_row(cost.unit, f"{right:.1f}", f"{wrong:.1f}", "; ".join(parts))
    out.print(table)
    work = STUDENTS * sum(cost.mean for cost in found)
    writing = STUDENTS * len(found) * WRITER
    out.print(
        f"(g) {STUDENTS} students, {len(found)} units, {RIGHT_SHARE:.0%} right, the others wrong "
        f"everywhere: one worker {work / 3600:.1f} h.\n    By a model, not measured: 2 cores "
        f"{work / SPEED_UP / 3600:.1f} h; 8 cores "
        f"{max(work / (4 * SPEED_UP), writing) / 3600:.1f} h (four times two cores, or what the "
        f"one process that writes takes, {writing / 3600:.1f} h)"
    )
