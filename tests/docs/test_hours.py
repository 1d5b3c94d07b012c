"""The hours in the README's table follow from the minutes of the exercises and from the text."""

from __future__ import annotations

import re
from pathlib import Path

import jupytext
import pytest

from grader.grading.code_cells import EXPERIMENT

ROOT = Path(__file__).parents[2]
WORDS_A_MINUTE = 100
MINUTES_OF_AN_EXPERIMENT, MINUTES_OF_A_WRITTEN_ANSWER = 2, 10
ROW = re.compile(r"^\| \[\d\d .*?\]\(notebooks/([\w-]+)/.*\| ([\d.]+) \|$", re.MULTILINE)
HOURS = {unit: float(hours) for unit, hours in ROW.findall((ROOT / "README.md").read_text())}
UNITS = sorted(path.stem for path in (ROOT / "solutions").glob("[0-9]*.py"))


def minutes(unit: str) -> float:
    """Exercises take what their headers say; the rest by the rule below the README's table."""
    total = 0.0
    for cell in jupytext.read(ROOT / "solutions" / f"{unit}.py").cells:
        written = cell.metadata.get("nbgrader", {}).get("grade")
        if EXPERIMENT in cell.metadata.get("tags", []):
            total += MINUTES_OF_AN_EXPERIMENT
        elif cell.cell_type == "markdown" and written:
            total += MINUTES_OF_A_WRITTEN_ANSWER
        elif cell.cell_type == "markdown":
            header = re.findall(r"^> Difficulty .* · (\d+) minutes", cell.source, re.MULTILINE)
            total += sum(map(int, header))
            total += len(re.findall(r"\w+", cell.source)) / WORDS_A_MINUTE
    return total


@pytest.mark.parametrize("unit", UNITS)
def test_the_readme_says_how_many_hours_a_unit_takes(unit: str) -> None:
    """In half hours; a few words more or less do not change what is printed."""
    assert HOURS[unit] % 0.5 == 0
    assert abs(HOURS[unit] - minutes(unit) / 60) <= 0.4


def test_the_readme_says_how_many_hours_all_units_take() -> None:
    text = (ROOT / "README.md").read_text()
    (total,) = re.findall(r"All units take about (\d+) hours", text)
    assert abs(int(total) - sum(HOURS.values())) <= 1


def test_the_readme_says_how_the_hours_are_reckoned() -> None:
    text = " ".join((ROOT / "README.md").read_text().split())
    assert f"{WORDS_A_MINUTE} words a minute" in text
    assert f"{MINUTES_OF_AN_EXPERIMENT} minutes for each experiment" in text
    assert f"{MINUTES_OF_A_WRITTEN_ANSWER} minutes for each written answer" in text
