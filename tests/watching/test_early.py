"""What a look asks: nothing of it is hidden, so nothing hidden can come out of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook
from traitlets.config import Config

from grader.grading.task import Cell, Task
from grader.watching import early
from grader.watching.early import PRACTICE, EarlyExecute

SECRET = "471147"
ASSERTS = f"assert f(2) == 3\n### BEGIN HIDDEN TESTS\nassert f({SECRET}) == 1\n### END HIDDEN TESTS"
CHECKS = "check(Dense)\n### BEGIN HIDDEN TESTS\ncheck(Dense, hidden=True)\n### END HIDDEN TESTS"
ONLY_HIDDEN = f"### BEGIN HIDDEN TESTS\nassert {SECRET}\n### END HIDDEN TESTS"
OWN = f"# {ONLY_HIDDEN}"


def cell(name: str, source: str, **mark: Any) -> Any:
    """A cell as the gradebook knows it."""
    mark = {"grade_id": name, "points": 1, "locked": True, "solution": False, **mark}
    return new_code_cell(source, metadata={"nbgrader": mark})


def task(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, config: Config | None = None) -> Task:
    """The task of a notebook with a test of each kind, and a cell of the student's."""
    tests = {"asserts": ASSERTS, "checks": CHECKS, "only": ONLY_HIDDEN}
    monkeypatch.setattr(early, "sources", lambda names: tests)
    nb = new_notebook(
        cells=[
            cell("setup", f"import x\n{ONLY_HIDDEN}", grade=False),
            *(cell(name, source, grade=True) for name, source in tests.items()),
            cell("answer", OWN, grade=False, locked=False, solution=True),
        ]
    )
    execute = EarlyExecute(config=config or Config())
    return execute.task(nb, {"assignment": "unit"}, tmp_path)


def test_a_task_holds_what_was_released_and_a_seed_that_all_know(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = task(monkeypatch, tmp_path)
    assert made.seed == PRACTICE
    assert made.cells[:4] == (
        Cell("import x"),
        Cell("assert f(2) == 3", "asserts", 1.0),
        Cell("check(Dense)\ncheck(Dense, 'Dense', hidden=True)", "checks", 1.0),
        Cell("", "only", 1.0),
    )
    assert made.cells[4].source == OWN  # a student may write what they like
    assert made.confined
    assert [*tmp_path.iterdir()] == []  # the course's own seed was not asked for


def test_hidden_is_what_the_course_marks_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    marked = ASSERTS.replace("HIDDEN TESTS", "SECRET PART")
    monkeypatch.setitem(globals(), "ASSERTS", marked)
    config = Config()
    config.ClearHiddenTests.begin_test_delimeter = "BEGIN SECRET PART"
    config.ClearHiddenTests.end_test_delimeter = "END SECRET PART"
    found = task(monkeypatch, tmp_path, config).cells[1]
    assert found.source == "assert f(2) == 3"
