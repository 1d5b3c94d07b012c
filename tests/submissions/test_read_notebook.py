"""Files as people hand them in: what is a notebook is read, and what is none is told in a line."""

import json
import os
import warnings
from pathlib import Path
from typing import Any

import nbformat
import pytest

from grader.grading.grading_record import keep, within_bounds
from grader.submissions.read_notebook import NoNotebook, read_notebook
from tests.odd_people import PEOPLE


def notebook() -> dict[str, Any]:
    """A small one, with a cell of each kind."""
    mark = {"grade_id": "double", "solution": True, "grade": False, "locked": False}
    cells = [
        nbformat.v4.new_markdown_cell("# Größe\ntext"),
        nbformat.v4.new_code_cell("def double(x):\n    return 2 * x", metadata={"nbgrader": mark}),
        nbformat.v4.new_raw_cell("raw"),
    ]
    return dict(json.loads(nbformat.writes(nbformat.v4.new_notebook(cells=cells))))


PLAIN = [
    name
    for name in PEOPLE
    if name.startswith(("id", "source", "byte", "utf", "cr", "of-", "cell", "no-k", "no-s", "unk"))
    and name not in ("id-number", "id-colon", "id-umlaut", "of-an-older-version", "of-another-unit")
]


@pytest.mark.parametrize("name", PLAIN)
def test_what_jupyter_opens_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / "notebook.ipynb"
    made = notebook()
    PEOPLE[name].change(made)
    path.write_bytes(PEOPLE[name].written(made))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = read_notebook(path)
        nbformat.validate(found)
    sources = [cell.source for cell in found.cells]
    assert "# Größe\ntext" in sources
    assert "def double(x):\n    return 2 * x" in sources
    [answer] = [cell for cell in found.cells if cell.source.startswith("def")]
    assert answer.metadata.nbgrader.grade_id == "double"
    assert nbformat.writes(found).encode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (b"[]", "it is JSON, but not a notebook"),
        (b"{}", "it is JSON, but contains no cells"),
        (b'{"cells": null}', "it is JSON, but contains no cells"),
        (b"<html></html>", "JSONDecodeError"),
        (b"PK\x03\x04\xff\xfe", "JSONDecodeError"),
        (b"[" * 100_000, "RecursionError"),
    ],
)
def test_what_is_none_is_told_in_a_line(tmp_path: Path, data: bytes, says: str) -> None:
    path = tmp_path / "notebook.ipynb"
    path.write_bytes(data)
    with pytest.raises(NoNotebook) as reason:
        read_notebook(path)
    assert str(reason.value).startswith(says)
    assert "\n" not in str(reason.value)


def test_what_nobody_reads_may_be_nested_deeply(tmp_path: Path) -> None:
    path = tmp_path / "notebook.ipynb"
    path.write_bytes(b'{"cells": [], "metadata": ' + b"[" * 900 + b"]" * 900 + b"}")
    assert read_notebook(path).cells == []


def test_a_record_stays_within_bounds() -> None:
    made = nbformat.v4.new_notebook()
    keep(made, met=[], noticed=["x" * 70_000] * 3000, trouble=[])
    assert len(json.dumps(made.metadata)) < 1 << 15
    assert within_bounds(["a"] * 41)[-1] == "and 1 more"
    assert within_bounds(["a"] * 40) == ["a"] * 40
    assert os.linesep not in "".join(within_bounds(["a"]))
