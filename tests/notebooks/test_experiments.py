"""Experiments go on from what a student wrote, whatever its attributes are called."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import jupytext
import pytest

from grader.grading.code_cells import EXPERIMENT

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "solutions").glob("[0-9]*.py"))
NOT_THE_STUDENTS = {
    "00-your-first-layer": {"factor"},
    "01-first-layers": {"kernel"},
    "03-regularize-normalize": {"moving_mean", "rate"},
    "05-saving": {"units"},
    "06-convolution": {"kernel"},
    "09-embedding-and-cells": {"bias", "embeddings"},
    "10-recurrent-layers": {"bias", "state_size"},
    "12-attention": {"scale"},
}
"""Attributes that experiments take from layers of Keras's, or of the experiment itself."""


def hidden_attributes(source: str) -> Iterator[str]:
    """What an answer alone gives to `self`: a student may call it otherwise."""
    inside = False
    for line in source.split("\n"):
        if "### BEGIN SOLUTION" in line or "### END SOLUTION" in line:
            inside = "BEGIN" in line
        elif inside:
            left, equals, _ = line.partition(" = ")
            yield from re.findall(r"self\.(\w+)", left) if equals else ()


def used_attributes(source: str) -> set[str]:
    """What is taken from any object, by name."""
    return {node.attr for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute)}


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)
def test_no_experiment_hangs_on_an_attribute_that_only_the_solution_has(unit: Path) -> None:
    cells = [cell for cell in jupytext.read(unit).cells if cell.cell_type == "code"]
    hidden = {name for cell in cells for name in hidden_attributes(cell.source)}
    others = NOT_THE_STUDENTS.get(unit.stem, set())
    experiments = [cell for cell in cells if EXPERIMENT in cell.metadata.get("tags", [])]
    used = set().union(*(used_attributes(cell.source) for cell in experiments))
    assert used & hidden == others
