"""The cells of a unit, run as they stand in its text: claims are held by the notebook's numbers.

    names = run("03-regularize-normalize", "imports", "start-experiment", "dropout-experiment-4")
    names["right"]  # what the cells computed

`changed` gives a cell another text first: another seed, or fewer pictures. A text that is not there
is an error, so that no test goes on with a seed that is not used any more.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jupytext
import matplotlib.pyplot as plt
import pytest

import grader.pictures  # noqa: F401  its modules are patched by name

ROOT = Path(__file__).parents[3]


@cache
def sources(unit: str) -> dict[str, str]:
    """The text of each code cell of a unit, by its id or its grade_id."""
    found = {}
    for cell in jupytext.read(ROOT / "solutions" / f"{unit}.py").cells:
        name = cell.metadata.get("id") or cell.metadata.get("nbgrader", {}).get("grade_id")
        if cell.cell_type == "code":
            found[name] = cell.source
    return found


def text(unit: str, cell_id: str) -> str:
    """The text of a cell of words."""
    cells = jupytext.read(ROOT / "solutions" / f"{unit}.py").cells
    (source,) = (cell.source for cell in cells if cell.metadata.get("id") == cell_id)
    return " ".join(source.split())


def run(
    unit: str, *cell_ids: str, changed: Mapping[str, str] | None = None, then: Any = None
) -> dict[str, Any]:
    """The names after these cells were run, in this order; `then` are names from an earlier run.

    `changed` maps a text of one of the cells to what stands there instead.
    """
    names: dict[str, Any] = {"__name__": "notebook"} if then is None else dict(then)
    code = [sources(unit)[cell_id] for cell_id in cell_ids]
    for old, new in (changed or {}).items():
        assert any(old in cell for cell in code), f"{unit} has no {old!r} any more"
        code = [cell.replace(old, new) for cell in code]
    with pytest.MonkeyPatch.context() as patch:
        for module in ("show", "move"):  # modules that functions of the same names hide
            patch.setattr(sys.modules[f"grader.pictures.{module}"], "display", _nothing)
        for cell_id, cell in zip(cell_ids, code, strict=True):
            exec(compile(cell, f"{unit}: {cell_id}", "exec"), names)
    plt.close("all")
    return names


def _nothing(*_: Any, **__: Any) -> None:
    """What is shown is not looked at here."""


def mean(numbers: Iterable[float]) -> float:
    """Their mean, as a plain number."""
    found = list(numbers)
    return float(sum(found) / len(found))
