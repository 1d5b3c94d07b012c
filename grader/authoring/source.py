"""A unit's text source (jupytext percent format) as an instructor notebook."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import jupytext
from nbformat.notebooknode import NotebookNode
from nbgrader.nbgraderformat import MetadataValidator, ValidationError

from grader.authoring.given import complaint
from grader.grading.check_calls import UnreadableCall, check_calls
from grader.grading.code_cells import EXPERIMENT

_HEADER = re.compile(r"# %%.* nbgrader=(.*)$")
_ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
_MARK = re.compile(r"\b(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)\b")
"""Of what nbgrader cuts out for students."""
_DEFAULTS = {"grade": False, "locked": False, "schema_version": 3, "solution": False, "task": False}


class BrokenUnit(Exception):
    """A unit that cannot be built; the message names the file, the cell and what to do."""


def instructor_notebook(path: Path, exercises: frozenset[str]) -> NotebookNode:
    """The notebook of the text file `path`, with full nbgrader metadata and lasting cell ids.

    Raises `BrokenUnit` where nbgrader or the grader could not read it later.
    """
    try:
        _check_headers(path)
    except UnicodeDecodeError as error:
        raise BrokenUnit(f"{path.name} is not UTF-8 text: {error.reason}") from None
    notebook = jupytext.read(path)
    notebook.metadata.pop("jupytext", None)
    seen: set[str] = set()
    for index, cell in enumerate(notebook.cells):
        where = f"{path.name}, cell {index + 1}"
        given = cell.metadata.get("nbgrader")
        experiment = given is None and EXPERIMENT in cell.metadata.get("tags", [])
        name = cell.metadata.pop("id", None) or _digest_id(cell.source, experiment)
        if experiment:
            given = {"grade_id": name, "locked": True}
        _check_regions(cell.source, where)
        if given is not None:
            meta = cell.metadata["nbgrader"] = _complete(given, where)
            name = meta["grade_id"]
            _check_metadata(cell, where)
            if meta["grade"] and not meta["solution"]:
                _check_test_cell(cell.source, f"{path.name}, {name}", exercises)
        cell["id"] = _checked_id(name, seen, path.name, index)
    return notebook


def _digest_id(source: str, experiment: bool) -> str:
    """For a cell without an id in its header: by what it says, so that none renames another."""
    digest = hashlib.sha256(source.encode("utf-8", "replace")).hexdigest()[:10]
    return f"{'experiment' if experiment else 'cell'}-{digest}"


def _checked_id(name: Any, seen: set[str], unit: str, index: int) -> str:
    """The name that a cell keeps when others come or go: jupytext draws ids at random."""
    if not isinstance(name, str) or not _ID.fullmatch(name):
        raise BrokenUnit(
            f"{unit}, cell {index + 1}: {name!r} is not an id: 1 to 64 letters, digits, - and _"
        )
    if name in seen:
        raise BrokenUnit(f"{unit}: the id {name!r} is used twice")
    seen.add(name)
    return name


def _check_headers(path: Path) -> None:
    """jupytext takes a header that it cannot read for one without metadata, and says nothing."""
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        header = _HEADER.match(line)
        if header is None:
            continue
        try:
            json.loads(header.group(1))
        except ValueError as error:
            raise BrokenUnit(
                f"{path.name}, line {number}: the header is not JSON: {error}"
            ) from None


def _check_regions(source: str, where: str) -> None:
    """nbgrader leaves in what ends and was not begun: students would get it."""
    begun = ""
    for word, kind in _MARK.findall(source):
        if word == "END" and begun != kind:
            raise BrokenUnit(f"{where}: END {kind} has no BEGIN {kind} before it")
        if word == "BEGIN" and begun:
            raise BrokenUnit(f"{where}: BEGIN {kind} is inside {begun}: end that first")
        begun = kind if word == "BEGIN" else ""
    if begun:
        raise BrokenUnit(f"{where}: BEGIN {begun} has no END {begun}")
    if wrong := complaint(source):
        raise BrokenUnit(f"{where}: {wrong}")


def _complete(given: Any, where: str) -> dict[str, Any]:
    if not isinstance(given, dict) or "grade_id" not in given:
        raise BrokenUnit(f"{where}: its nbgrader metadata has no grade_id")
    meta = {**_DEFAULTS, **given}
    meta["locked"] = meta["locked"] or (meta["grade"] and not meta["solution"])
    if meta["grade"] and "points" not in meta:
        raise BrokenUnit(f"{where}: a graded cell needs points")
    return meta


def _check_metadata(cell: NotebookNode, where: str) -> None:
    """As nbgrader checks it, which shows a traceback."""
    try:
        MetadataValidator().validate_cell(cell)
    except ValidationError as error:
        name = error.path[0] if error.path else "its nbgrader metadata"
        raise BrokenUnit(f"{where}: {name}: {error.message}") from None


def _check_test_cell(source: str, where: str, exercises: frozenset[str]) -> None:
    try:
        calls = check_calls(source) or []
    except UnreadableCall as error:
        raise BrokenUnit(f"{where}: {error}") from None
    for call in calls:
        if call.exercise not in exercises:
            raise BrokenUnit(f"{where}: there is no exercise {call.exercise!r} in grader/exercises")
