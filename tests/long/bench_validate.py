"""How long Validate takes, a part of `make bench`: each unit, with right answers, as nbgrader comes
and with the configuration that is installed with the grader, beside loading TensorFlow alone.

As nbgrader comes, its limits end Validate on a busy machine: here they are raised on both sides.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from grader.authoring.build import units
from grader.authoring.source import instructor_notebook
from grader.exercises.catalogue import CATALOGUE
from tests.long.measure import ROOT

OURS = ROOT / "grader" / "etc" / "jupyter" / "nbgrader_config.json"
STOCK = {"Validator": {"Execute": {"timeout": 1200, "startup_timeout": 600, "iopub_timeout": 600}}}
LOADING = [sys.executable, "-c", "from grader import check; import tensorflow"]


def solved(unit: str, folder: Path) -> Path:
    """The unit as a student hands it in who has all right."""
    notebook = nbformat.read(ROOT / "notebooks" / unit / f"{unit}.ipynb", as_version=4)
    text = instructor_notebook(ROOT / "solutions" / f"{unit}.py", frozenset(CATALOGUE))
    answers = {cell.metadata.get("nbgrader", {}).get("grade_id"): cell for cell in text.cells}
    for cell in notebook.cells:
        mark = cell.metadata.get("nbgrader", {})
        if mark.get("solution"):
            cell.source = answers[mark["grade_id"]].source
    nbformat.write(notebook, folder / f"{unit}.ipynb")
    return folder / f"{unit}.ipynb"


def validating(wanted: Sequence[str], out: Console) -> None:
    """Print (f): seconds of Validate for each unit, before and after, and of loading alone."""
    heads = "loading, s", "all cells, s", "ours, s", "all cells / ours", "ours / loading"
    table = Table("unit", *heads)
    table.title = "(f) Validate, all answers right, one run each in turns"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name, config in (("stock", json.dumps(STOCK)), ("ours", OURS.read_text())):
            (folder / name).mkdir()
            (folder / name / "nbgrader_config.json").write_text(config)
        for unit in wanted or units(ROOT):
            notebook = solved(unit, folder)
            loading = _seconds(LOADING, folder)
            stock = _validate(notebook, folder / "stock")
            ours = _validate(notebook, folder / "ours")
            ratios = f"{stock / ours:.1f}", f"{ours / loading:.1f}"
            table.add_row(unit, *(f"{each:.1f}" for each in (loading, stock, ours)), *ratios)
    out.print(table)


def _validate(notebook: Path, folder: Path) -> float:
    """Seconds of `nbgrader validate` with this folder's configuration and no other.

    Raises `RuntimeError` where it does not succeed.
    """
    shutil.copy(notebook, folder)
    return _seconds([sys.executable, "-m", "nbgrader", "validate", notebook.name], folder)


def _seconds(command: Sequence[str], folder: Path) -> float:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "JUPYTER_NO_CONFIG": "1"}
    began = time.perf_counter()
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    took = time.perf_counter() - began
    if done.returncode or ("validate" in command and not done.stdout.startswith("Success!")):
        raise RuntimeError(f"{' '.join(command)}:\n{(done.stdout + done.stderr)[-2000:]}")
    return took
