"""What is said of a unit that changed, from the gradebook and the new notebook alone."""

from __future__ import annotations

from pathlib import Path

import nbformat.v4
import pytest
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

from grader.regrading.cell_plan import NotRegraded, plan
from grader.regrading.regrade import _settled
from tests.gradebooks import FIRST, fill, url


def cell(name: str, points: float, *, written: bool = False) -> NotebookNode:
    """A test, or a question that is answered in writing."""
    kind = {"grade_id": name, "grade": True, "solution": written, "locked": not written}
    make = nbformat.v4.new_markdown_cell if written else nbformat.v4.new_code_cell
    return make(name, metadata={"nbgrader": {**kind, "points": points, "task": False}})


def planned(folder: Path, *cells: NotebookNode) -> object:
    """The plan for the first unit with these cells; it had a test and a question."""
    fill(folder)
    with Gradebook(url(folder), "books") as book:
        for name in "check-dense", "essay":
            kind = "markdown" if name == "essay" else "code"
            book.add_source_cell(name, FIRST, FIRST, source=name, cell_type=kind)
        return plan(book, FIRST, {FIRST: nbformat.v4.new_notebook(cells=list(cells))})


def test_a_unit_that_did_not_change(tmp_path: Path) -> None:
    found = planned(tmp_path, cell("check-dense", 10), cell("essay", 2, written=True))
    assert (found.added, found.removed, found.changed, found.said) == ((), (), (), ())


def test_other_points_are_said_with_those_before(tmp_path: Path) -> None:
    found = planned(tmp_path, cell("check-dense", 12), cell("essay", 2.5, written=True))
    assert found.said[:2] == (
        "check-dense is worth 12 points, and was worth 10",
        "essay is worth 2.5 points, and was worth 2",
    )
    assert found.changed == ("check-dense", "essay")
    assert found.repriced == ("essay",)


def test_of_an_answer_that_was_worth_nothing_no_share_can_be_kept(tmp_path: Path) -> None:
    fill(tmp_path)
    with Gradebook(url(tmp_path), "books") as book:
        for name in "check-dense", "essay":
            kind = "markdown" if name == "essay" else "code"
            book.add_source_cell(name, FIRST, FIRST, source=name, cell_type=kind)
        book.find_grade_cell("essay", FIRST, FIRST).max_score = 0
        cells = [cell("check-dense", 10), cell("essay", 4, written=True)]
        found = plan(book, FIRST, {FIRST: nbformat.v4.new_notebook(cells=cells)})
    assert found.said[0] == "essay is worth 4 points, and was worth 0"
    assert (found.repriced, found.from_nothing) == (("essay",), ("essay",))
    assert _settled(found, "scale") == ()
    assert _settled(found, "keep") == ("essay",)


def test_one_point_is_singular(tmp_path: Path) -> None:
    fill(tmp_path)
    with Gradebook(url(tmp_path), "books") as book:
        for name in "check-dense", "essay":
            kind = "markdown" if name == "essay" else "code"
            book.add_source_cell(name, FIRST, FIRST, source=name, cell_type=kind)
        for submission in book.assignment_submissions(FIRST):
            for notebook in submission.notebooks:
                for grade in notebook.grades:
                    if grade.name == "essay":
                        grade.manual_score = 1
        book.db.commit()
        cells = [cell("check-dense", 10), cell("essay", 0.5, written=True)]
        found = plan(book, FIRST, {FIRST: nbformat.v4.new_notebook(cells=cells)})
    assert "ada has 1 point by hand for essay, which is now worth 0.5" in found.said


def test_a_new_cell_and_another_test(tmp_path: Path) -> None:
    changed = cell("check-dense", 10)
    changed.source = "check(Dense, hidden=True)"
    found = planned(tmp_path, changed, cell("essay", 2, written=True), cell("check-zero", 1))
    assert found.said[:2] == (
        "check-zero is new and is worth 1 point",
        "check-dense has another test",
    )
    assert (found.added, found.changed, found.repriced) == (("check-zero",), ("check-dense",), ())


def test_what_a_person_gave_points_for_is_not_removed(tmp_path: Path) -> None:
    with pytest.raises(NotRegraded, match=r"^essay was removed from 01-first-layers"):
        planned(tmp_path, cell("check-dense", 10))
