"""A made-up class: each member is a text file that says what was handed in and what it must get.

    # Ada: all right, in raw TensorFlow.
    # %% [expect] dense=10 flatten=6
    # %% [delete] check-flatten
    # %% dense
    class Dense(keras.layers.Layer): ...

Every answer that is not in the file is that of the model solution; `# %% [blank]` leaves the
stubs instead, and `# %% [damage]` cuts the file off in the middle. `[expect]` names answers and
their points, or bounds of them (`dense=4..8`: a share hangs on how many kinds of cases there are);
full points where an answer is not named, and `[expect] not graded` for a file that cannot be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode

from grader.authoring.given import without_given

_MARK = "# %% "


@dataclass(frozen=True)
class Member:
    """One member of the class. `expected` is None where the submission cannot be graded."""

    name: str
    about: str
    expected: Mapping[str, tuple[float, float]] | None
    answers: Mapping[str, str] = field(default_factory=dict)
    delete: tuple[str, ...] = ()
    blank: bool = False
    damage: bool = False


def read_member(path: Path) -> Member:
    """The member that a file describes."""
    head, *sections = path.read_text(encoding="utf-8").split(f"\n{_MARK}")
    about = head.strip().lstrip("# ").strip()
    expected: dict[str, tuple[float, float]] | None = {}
    answers: dict[str, str] = {}
    delete: tuple[str, ...] = ()
    words = set()
    for section in sections:
        title, _, body = section.partition("\n")
        word, _, rest = title.partition(" ")
        if word == "[expect]":
            expected = None if rest == "not graded" else _points(rest)
        elif word == "[delete]":
            delete = tuple(rest.split())
        elif word.startswith("["):
            words.add(word)
        else:
            answers[title.strip()] = body.strip("\n")
    return Member(
        path.stem, about, expected, answers, delete, "[blank]" in words, "[damage]" in words
    )


def _points(text: str) -> dict[str, tuple[float, float]]:
    """The least and the most points of each answer."""
    pairs = (item.split("=") for item in text.split())
    bounds = {name: points.partition("..") for name, points in pairs}
    return {name: (float(low), float(high or low)) for name, (low, _, high) in bounds.items()}


def submission(member: Member, student: NotebookNode, solution: NotebookNode) -> str:
    """The text of the notebook file that the member hands in."""
    notebook = deepcopy(student)
    model = {_grade_id(cell): cell.source for cell in solution.cells}
    kept = [cell for cell in notebook.cells if _grade_id(cell) not in member.delete]
    unknown = set(member.answers) - {_grade_id(cell) for cell in notebook.cells}
    if unknown:
        raise ValueError(f"{member.name}: no cells {', '.join(sorted(unknown))} in the notebook")
    for cell in kept:
        meta = cell.metadata.get("nbgrader", {})
        if not meta.get("solution"):
            continue
        grade_id = str(_grade_id(cell))
        if grade_id in member.answers:
            cell.source = member.answers[grade_id]
        elif not member.blank:
            cell.source = _unmarked(model[grade_id])
    notebook.cells = kept
    text = nbformat.writes(notebook)
    return text[: len(text) // 2] if member.damage else text


def _unmarked(source: str) -> str:
    """A model answer as a student would have written it, without nbgrader's delimiters."""
    lines = without_given(source).split("\n")
    return "\n".join(line for line in lines if "### BEGIN" not in line and "### END" not in line)


def _grade_id(cell: NotebookNode) -> str | None:
    grade_id = cell.metadata.get("nbgrader", {}).get("grade_id")
    return str(grade_id) if grade_id else None
