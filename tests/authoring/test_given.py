"""What a student is given in the place of a solution, and what the author alone has."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from nbgrader.converters import GenerateAssignment
from traitlets.config.loader import PyFileConfigLoader

from grader.authoring.given import complaint, give, without_given

CELL = """\
class Doubled:
    def call(self, inputs):
        ### BEGIN SOLUTION
        return 2 * inputs
        ### GIVEN
        # if inputs:
        #     return inputs  # once
        #
        # return 0
        ### END SOLUTION

    def other(self):
        ### BEGIN SOLUTION
        return 1
        ### END SOLUTION"""
GIVEN = """\
class Doubled:
    def call(self, inputs):
        if inputs:
            return inputs  # once

        return 0

    def other(self):
        ### BEGIN SOLUTION
        return 1
        ### END SOLUTION"""


def test_what_is_given_stands_in_the_place_of_its_solution() -> None:
    assert give(CELL) == GIVEN


def test_a_line_that_is_left_out_leaves_no_gap() -> None:
    region = "### BEGIN SOLUTION\nb()\n### GIVEN\n### END SOLUTION\n"
    assert give(f"a()\n{region}c()") == "a()\nc()"


@pytest.mark.parametrize("source", ["a()\n", "### BEGIN SOLUTION\na()\n### END SOLUTION\n", ""])
def test_a_cell_that_gives_nothing_stays(source: str) -> None:
    assert give(source) == source
    assert without_given(source) == source


def test_the_answer_alone() -> None:
    kept = without_given(CELL)
    assert kept == CELL.replace(CELL[CELL.index("        ### GIVEN") : CELL.index("0\n") + 2], "")
    assert "return 2 * inputs" in kept
    assert "once" not in kept


def test_right_marks_are_no_cause_for_complaint() -> None:
    assert complaint(CELL) == ""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (
            "### GIVEN",
            "### GIVEN\n        # a()\n        ### GIVEN",
            "twice in one",
        ),
        ("# return 0", "return 0", "must be comments"),
        ("class Doubled:", "### GIVEN\nclass Doubled:", "outside of BEGIN SOLUTION and END"),
    ],
)
def test_what_is_wrong_with_the_marks_is_told(old: str, new: str, says: str) -> None:
    assert CELL.count(old) == 1
    assert says in complaint(CELL.replace(old, new))


def test_a_fault_that_is_none_is_told() -> None:
    same = "### BEGIN SOLUTION\na()\n### GIVEN\n# a()\n### END SOLUTION"
    assert complaint(same) == "what follows ### GIVEN is the solution itself"


def test_the_course_takes_nbgraders_own_steps_but_for_one(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", os.environ["PATH"])  # which the configuration changes
    config = PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()
    stock = [
        f"nbgrader.preprocessors.{step.__name__}" for step in GenerateAssignment().preprocessors
    ]
    ours = "grader.authoring.given.GiveOrClear"
    assert list(config.GenerateAssignment.preprocessors) == [
        ours if step.endswith(".ClearSolutions") else step for step in stock
    ]
