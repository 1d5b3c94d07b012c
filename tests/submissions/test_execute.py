"""Details of our own Execute and of what saves its grades, without a run of nbgrader."""

import logging
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.gradebook.one_line import Refused, refuse
from grader.gradebook.save import SaveAllGrades
from grader.grading.beside import BESIDE, HIDDEN, Beside
from grader.sandbox.session import Session
from grader.sandbox.start import Warm
from grader.submissions.submission import SubmissionExporter
from tests.courses import Course, Done

# An instructor's own test cells

HIDDEN_PART = "\n### BEGIN HIDDEN TESTS\n{}\n### END HIDDEN TESTS"


def beside(warm: Warm, answer: str, test: str, points: float = 4.0) -> list[dict[str, Any]]:
    """What a test cell shows after this answer."""
    with (
        Session(warm.start, warm.limits) as shown,
        Session(warm.start, warm.limits, discreet=True) as unseen,
    ):
        shown.run(answer)
        unseen.later(answer)
        cell = Beside(test, shown)
        cell.finish(unseen)
        return cell.outputs(points)


def verdict(outputs: list[dict[str, Any]]) -> str | float | None:
    """Type of the error, or points, or None for full marks, as nbgrader sees it."""
    for output in outputs:
        assert output.get("name") != "stderr"  # nbgrader would give zero
        if output["output_type"] == "error":
            return str(output["ename"])
        if output["output_type"] == "execute_result":
            return float(output["data"]["text/plain"])
    return None


@pytest.mark.parametrize(
    ("answer", "test", "seen"),
    [
        ("x = 1", "assert x == 1", None),
        ("x = 1", "assert x == 2", "AssertionError"),
        ("x = 1", "x + 0.5", 1.5),
        ("x = 1", "x * 100", 4.0),
        ("x = 1", "-x", 0.0),
        ("x = 1", "'well done'", None),
        ("x = 1", "float('nan')", None),
        ("x = 1", "y", "NameError"),
        ("x = 1", "assert x == 1" + HIDDEN_PART.format("assert x == 1"), None),
        ("x = 1", "assert x == 1" + HIDDEN_PART.format("assert x == 2"), "AssertionError"),
        ("x = 1", "assert x == 2" + HIDDEN_PART.format("assert x == 1"), "AssertionError"),
        ("x = 1", "assert x == 1" + HIDDEN_PART.format("x / 2"), 0.5),
        ("import warnings", "warnings.warn('careful')", None),
        ("def f(): raise SystemExit", "f()", "SystemExit"),
        ("import os\ndef f(): os._exit(0)", "f()", "ProcessLost"),
    ],
)
def test_own_asserts(warm: Warm, answer: str, test: str, seen: str | float | None) -> None:
    outputs = beside(warm, answer, test)
    assert outputs[0] == {"output_type": "stream", "name": "stdout", "text": BESIDE}
    assert verdict(outputs) == seen


def test_a_hidden_assert_shows_nothing_of_itself(warm: Warm) -> None:
    answer = "def f(x):\n    print('got', x)\n    return 0"
    outputs = beside(warm, answer, "f(1)" + HIDDEN_PART.format("assert f(4711) == 1, 'secret'"))
    assert "got 1" in str(outputs)
    assert "4711" not in str(outputs)
    assert "secret" not in str(outputs)
    assert HIDDEN in str(outputs)


# One line in the log


def test_a_refusal_is_logged_without_its_traceback(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("test-refuse")
    refused = refuse(log, "the file is empty")
    log.error("There was an error:\n%s", f"Traceback ...\n{Refused.__module__}.Refused: x")
    log.error("another error")
    assert isinstance(refused, Refused)
    assert [record.getMessage() for record in caplog.records] == [
        "the file is empty",
        "another error",
    ]


NO_NOTEBOOKS = {
    "empty": b"",
    "half": b'{"cells": [{"cell_ty',
    "a list": b"[]",
    "a number": b"3",
    "an object": b"{}",
    "another format": b"%PDF-1.7",
    "no cells": b'{"metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
    "no text": bytes(range(256)),
    "nested without end": b"[" * 100_000,
}


@pytest.mark.parametrize("data", NO_NOTEBOOKS.values(), ids=NO_NOTEBOOKS.keys())
def test_a_file_that_is_no_notebook_is_refused_in_one_line(
    tmp_path: Path, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "unit.ipynb"
    path.write_bytes(data)
    with pytest.raises(Refused):
        SubmissionExporter().from_filename(str(path))
    [said] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert said.startswith(f"{path} is not a notebook (")
    assert said.endswith("). It was not graded: ask the student for it again.")
    assert "\n" not in said


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_link_is_refused(tmp_path: Path, what: str, caplog: pytest.LogCaptureFixture) -> None:
    """It could lead to the solutions, or to what another student handed in."""
    other = tmp_path / "other" / "unit.ipynb"
    other.parent.mkdir()
    nbformat.write(nbformat.v4.new_notebook(), other)
    link = tmp_path / "mine" / "unit.ipynb"
    if what == "file":
        link.parent.mkdir()
        link.symlink_to(other)
    else:
        link.parent.symlink_to(other.parent)
    with pytest.raises(Refused):
        SubmissionExporter().from_filename(str(link))
    name = "unit.ipynb" if what == "file" else "mine"
    assert f"({name} is a link to another place)" in caplog.text


# Saving


class Interrupted(Exception):
    """Somebody pressed Ctrl-C."""


class InterruptedSave(SaveAllGrades):
    """Is interrupted at the third cell that has a grade."""

    saved = 0

    def _add_score(self, cell: Any, resources: dict[str, Any]) -> None:
        self.saved += 1
        if self.saved == 3:
            raise Interrupted
        super()._add_score(cell, resources)


def test_grades_are_saved_all_or_none(odd: tuple[Course, Done]) -> None:
    course, _ = odd
    before = course.grades("right")
    names = {
        "notebook": course.unit,
        "assignment": course.unit,
        "student": "right",
        "db_url": f"sqlite:///{course.folder}/gradebook.db",
    }
    worthless = course.autograded("replaces-check")
    with pytest.raises(Interrupted):
        InterruptedSave().preprocess(worthless, {"nbgrader": names})
    assert course.grades("right") == before
    assert before["check-my-dense"] == (10, None)
