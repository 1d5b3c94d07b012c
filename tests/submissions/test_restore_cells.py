"""Cells that a student deleted or edited: what is put back, and where."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from copy import deepcopy
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbconvert.exporters import NotebookExporter
from nbformat.notebooknode import NotebookNode
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config

from grader.grading.grading_record import NOTICED
from grader.submissions.restore_cells import RestoreCells
from grader.submissions.sanitize_metadata import MendMetadata
from tests import odd_class
from tests.courses import Course, find, grade_id_of

TESTS = ["check-my-dense", "check-double", "check-partly", "check-no-experiment", "essay"]
Restore = Callable[[NotebookNode], list[str]]


@pytest.fixture(scope="module")
def handed_out(odd_released: Course) -> NotebookNode:
    """The odd unit's notebook as students get it."""
    course = odd_released
    path = course.folder / "notebooks" / course.unit / f"{course.unit}.ipynb"
    return nbformat.read(path, as_version=4)


@pytest.fixture
def notebook(handed_out: NotebookNode) -> NotebookNode:
    """A copy to spoil."""
    return deepcopy(handed_out)


@pytest.fixture
def resources(odd_released: Course) -> dict[str, Any]:
    """What nbgrader tells its preprocessors."""
    course = odd_released
    names = {
        "notebook": course.unit,
        "assignment": course.unit,
        "student": "somebody",
        "db_url": f"sqlite:///{course.folder}/gradebook.db",
    }
    return {"nbgrader": names}


@pytest.fixture
def restore(resources: dict[str, Any]) -> Restore:
    """Mends and restores a notebook; gives its grade ids in their order."""

    def do(notebook: NotebookNode) -> list[str]:
        MendMetadata().preprocess(notebook, resources)
        RestoreCells(add_missing_cells=True).preprocess(notebook, resources)
        return [grade_id for cell in notebook.cells if (grade_id := grade_id_of(cell))]

    return do


def delete(notebook: NotebookNode, *grade_ids: str) -> None:
    """Delete these cells."""
    kept = [cell for cell in notebook.cells if grade_id_of(cell) not in grade_ids]
    assert len(kept) == len(notebook.cells) - len(grade_ids)
    notebook.cells = kept


ALL = ["colab", "start-experiment", "my-dense", "check-my-dense", "double", *TESTS[1:]]


def test_a_whole_notebook_stays_whole(notebook: NotebookNode, restore: Restore) -> None:
    assert restore(notebook) == ALL
    assert notebook.metadata[NOTICED] == []


@pytest.mark.parametrize("grade_id", TESTS)
def test_a_deleted_test_comes_back_to_its_place(
    notebook: NotebookNode, restore: Restore, grade_id: str
) -> None:
    delete(notebook, grade_id)
    assert restore(notebook) == ALL


def test_a_test_deleted_with_the_answer_above_it(notebook: NotebookNode, restore: Restore) -> None:
    delete(notebook, "double", "check-double")
    assert restore(notebook) == [name for name in ALL if name != "double"]


def test_a_test_whose_neighbour_is_a_deleted_locked_cell(
    notebook: NotebookNode, restore: Restore
) -> None:
    delete(notebook, "start-experiment", "my-dense", "check-my-dense")
    assert restore(notebook) == ["colab", "check-my-dense", "double", *TESTS[1:]]


def test_all_tests_deleted(notebook: NotebookNode, restore: Restore) -> None:
    delete(notebook, *TESTS)
    assert restore(notebook) == ALL


def test_a_notebook_without_a_cell(notebook: NotebookNode, restore: Restore) -> None:
    notebook.cells = []
    assert restore(notebook) == TESTS


@pytest.fixture
def rows_moved(resources: dict[str, Any], tmp_path: Path) -> None:
    """PostgreSQL puts a row that was changed after the others, SQLite one that was made anew."""
    course, _, db = resources["nbgrader"]["db_url"].rpartition("/")
    shutil.copy(f"{course.removeprefix('sqlite:///')}/{db}", tmp_path / "gradebook.db")
    resources["nbgrader"]["db_url"] = f"sqlite:///{tmp_path}/gradebook.db"
    with closing(sqlite3.connect(tmp_path / "gradebook.db")) as gradebook, gradebook:
        for name in ("my-dense", "check-partly", "double"):
            row = gradebook.execute("SELECT max(rowid) + 1 FROM source_cell").fetchone()
            change = "UPDATE source_cell SET rowid = ? WHERE name = ?"
            assert gradebook.execute(change, (*row, name)).rowcount == 1


@pytest.mark.usefixtures("rows_moved")
@pytest.mark.parametrize("grade_id", TESTS)
def test_the_order_is_that_of_the_instructors_notebook(
    notebook: NotebookNode, resources: dict[str, Any], odd_released: Course, grade_id: str
) -> None:
    course = odd_released
    config = Config()
    config.CourseDirectory.source_directory = "solutions"
    place = CourseDirectory(root=str(course.folder), config=config)
    exporter = NotebookExporter(parent=Autograde(coursedir=place))
    restorer = RestoreCells(parent=exporter, add_missing_cells=True)
    delete(notebook, grade_id)
    MendMetadata().preprocess(notebook, resources)
    restorer.preprocess(notebook, resources)
    assert [found for cell in notebook.cells if (found := grade_id_of(cell))] == ALL


@pytest.mark.usefixtures("rows_moved")
def test_without_that_notebook_a_test_comes_back_after_all_that_may_be_before_it(
    notebook: NotebookNode, restore: Restore
) -> None:
    delete(notebook, "check-partly")
    there = [name for name in ALL if name != "check-partly"]
    assert restore(notebook) == [*there, "check-partly"]


def test_what_comes_back_is_the_whole_test(notebook: NotebookNode, restore: Restore) -> None:
    delete(notebook, "check-my-dense", "essay")
    restore(notebook)
    test, essay = find(notebook, "check-my-dense"), find(notebook, "essay")
    assert 'check(MyDense, exercise="Dense", hidden=True)' in test.source
    assert test.metadata["nbgrader"]["points"] == 10
    assert test.metadata["nbgrader"]["locked"]
    assert essay.cell_type == "markdown"
    assert essay.metadata["nbgrader"]["solution"]


def meta(cell: NotebookNode) -> dict[str, Any]:
    """What nbgrader reads of a cell; a key that says no may be missing."""
    return {key: value for key, value in cell.metadata["nbgrader"].items() if value is not False}


@pytest.mark.parametrize("cheat", sorted(set(odd_class.CHEATS) - {"replaces-check"}))
def test_after_any_edit_the_tests_are_what_they_were(
    notebook: NotebookNode, restore: Restore, cheat: str
) -> None:
    right = deepcopy(notebook)
    restore(right)
    odd_class.CHEATS[cheat](notebook)
    assert [name for name in restore(notebook) if name in TESTS] == TESTS
    for grade_id in TESTS:
        mended, true = find(notebook, grade_id), find(right, grade_id)
        assert mended.cell_type == true.cell_type
        assert meta(mended) == meta(true)
        assert mended.source.endswith(true.source)  # a line before it may say that it was missing


FOUR = "4 cells (check-my-dense, check-double, check-partly, check-no-experiment) are "
DIFFERS = "nbgrader's metadata differs from the gradebook (check-my-dense: "


@pytest.mark.parametrize(
    ("cheat", "notice"),
    [
        ("deletes-its-tests", FOUR + "missing"),
        ("edits-its-tests", FOUR + "locked, but not as released"),
        ("writes-tests-as-text", FOUR + "locked, but not as released"),
        ("raises-the-points", DIFFERS + "points 1000, not 10.0; check-double: points 1000"),
        ("writes-points-as-text", DIFFERS + "points 'many', not 10.0; "),
        ("makes-tests-ungraded", DIFFERS + "grade False, not True; "),
        ("makes-tests-solutions", DIFFERS + "solution True, not False; "),
        ("unlocks-its-tests", DIFFERS + "locked False, not True; "),
        ("has-its-tests-twice", FOUR + "there more than once"),
        ("invents-a-test", "1 cell (bonus) is not in this unit"),
        ("loses-a-grade-id", "1 cell (check-double) is without nbgrader's metadata"),
        ("deletes-the-metadata", "no cell has nbgrader's metadata"),
    ],
)
def test_what_was_noticed_is_said_in_one_line(
    notebook: NotebookNode, restore: Restore, cheat: str, notice: str
) -> None:
    odd_class.CHEATS[cheat](notebook)
    restore(notebook)
    [line] = notebook.metadata[NOTICED]
    assert line.startswith(notice)
    assert "; " in line  # and how it can have come about, and what it changed


@pytest.mark.parametrize("meta", [None, 3, [], "check-double", {}, {"grade_id": 3}])
def test_metadata_of_any_shape(notebook: NotebookNode, restore: Restore, meta: Any) -> None:
    find(notebook, "check-double").metadata["nbgrader"] = meta
    assert restore(notebook) == ALL


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("def f(x): return x * 2", ""),
        ("import keras\nkeras.layers.Dense(2)", ""),
        ("evaluate = 3\nmodel.evaluate(x)", ""),
        ("import importlib", "importlib"),
        ("f.__code__ = eval('g')", "__code__, eval"),
        ("from keras.src.layers import Dense", "keras.src"),
        ("import grader.bench.subject as s", "grader.bench.subject"),
    ],
)
def test_words_that_no_answer_needs_are_remarked_on(
    notebook: NotebookNode, restore: Restore, answer: str, words: str
) -> None:
    find(notebook, "double").source = answer
    restore(notebook)
    remark = (
        f"the answer double uses {words}, which no exercise needs: "
        "this cost no points, but look at it"
    )
    assert notebook.metadata[NOTICED] == ([remark] if words else [])
