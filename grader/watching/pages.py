"""What a student reads of a submission before it is graded: aspects, or a few plain sentences."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from nbformat import from_dict

from grader.card.finding import WORDS
from grader.class_report.graded_notebook import read_graded
from grader.class_report.html_page import Cell, document, keep, section, table, text
from grader.grading.beside import is_beside
from grader.grading.grading_record import REPORT
from grader.lms.feedback_page import exercise_names
from grader.watching.early import PRACTICE

_STUB = "YOUR ANSWER HERE"
_LONGEST = 400
"""Characters of what is said of an aspect; a student's code may choose some of them."""


@dataclass(frozen=True)
class Exercise:
    """A test cell, or a written answer: its name, and each aspect with its verdict and what is
    said of it."""

    title: str
    aspects: tuple[tuple[str, bool | None, str], ...]
    says: str = ""

    @property
    def is_right(self) -> bool:
        """Whether nothing is wrong."""
        return all(passed for _, passed, _ in self.aspects) and not self.says


def read_look(folder: Path) -> list[Exercise]:
    """What a look has found, from the notebooks that it left in this folder; nothing where it did
    not come to its end."""
    return [
        one
        for path in sorted(folder.glob("*.ipynb"))
        if read_graded(path)
        for one in _exercises(json.loads(path.read_text(encoding="utf-8")))
    ]


def _exercises(notebook: Mapping[str, Any]) -> Iterator[Exercise]:
    names = exercise_names(from_dict(_joined(notebook)))
    for cell in notebook["cells"]:
        mark = cell["metadata"].get("nbgrader", {})
        if not (mark.get("grade") or mark.get("task")):
            continue
        title = names.get(mark.get("grade_id"), str(mark.get("grade_id")))
        if mark.get("solution") or mark.get("task"):
            yield _written(title, "".join(cell["source"]))
        else:
            yield from _tested(title, cell.get("outputs", []))


def _joined(notebook: Mapping[str, Any]) -> dict[str, Any]:
    """With each source as one text, which a file holds as lines."""
    cells = [{**cell, "source": "".join(cell["source"])} for cell in notebook["cells"]]
    return {**notebook, "cells": cells}


def _written(title: str, answer: str) -> Exercise:
    empty = not answer.strip() or _STUB in answer
    return Exercise(title, (), "No answer yet." if empty else "An answer is there.")


def _tested(title: str, outputs: Sequence[Mapping[str, Any]]) -> Iterator[Exercise]:
    told = [{**one, "text": "".join(one.get("text", ""))} for one in outputs]
    if is_beside(told):
        errors = [one for one in told if one.get("output_type") == "error"]
        said = "; ".join(f"{one.get('ename')}: {one.get('evalue')}" for one in errors)
        yield Exercise(title, (("test", not errors, _short(said)),))
    for report in (report for one in told for report in one.get("data", {}).get(REPORT, [])):
        yield _judged(report)


def _judged(report: Mapping[str, Any]) -> Exercise:
    if not report["attempted"]:
        return Exercise(report["exercise"], (), "Not attempted yet.")
    found = report["findings"]
    aspects = tuple((one["aspect"], one["passed"], _short(one["message"])) for one in found)
    stopped = f"What stopped it: {_short(report['crash'])}" if report["crash"] else ""
    return Exercise(report["exercise"], aspects, stopped)


def _short(said: str) -> str:
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def aspects_page(unit: str, handed_in: datetime, found: Sequence[Exercise], more: str) -> str:
    """The page of a look; `more` says what comes next."""
    judged = [one for one in found if one.aspects]
    tried = next((one.title for one in judged if one.title.isidentifier()), "Dense")
    rows: list[list[Cell]] = [
        [
            one.title,
            _in_short(one),
            ", ".join(_named(one, failed=True)),
            "" if one.aspects else one.says,  # else it stands below
        ]
        for one in found
    ]
    head = ["exercise", "right", "not right yet", "note"]
    return document(
        f"{unit}: a first look",
        [
            f"<h1>{text(unit)}: a first look</h1>",
            f'<p class="say">Of what you handed in on {handed_in:%Y-%m-%d} at '
            f"{handed_in:%H:%M:%S} UTC. Your notebook was run from its first cell to its last, as "
            "in grading. This is no grade: no points are given here, and grading tries other "
            "cases.</p>",
            f'<p class="say">{text(more)}</p>',
            section("Exercises", "", table(head, rows)),
            *(_in_full(one) for one in judged if not one.is_right),
            section(
                "What was tried",
                "The cases that <code>check</code> shows you, and further ones. You can try the "
                f"same further ones yourself: <code>check({text(tried)}, hidden=True, "
                f"seed={PRACTICE})</code>. An aspect is right if it is right for all of them.",
            ),
        ],
    )


def _in_short(one: Exercise) -> Cell:
    if not one.aspects:
        return ""
    return keep(f"{len(_named(one, failed=False))} of {len(one.aspects)}")


def _named(one: Exercise, *, failed: bool) -> list[str]:
    return [name for name, passed, _ in one.aspects if bool(passed) != failed]


def _in_full(one: Exercise) -> str:
    rows: list[list[Cell]] = [
        [name, keep(WORDS[passed]), said] for name, passed, said in one.aspects
    ]
    return section(text(one.title), text(one.says), table(["aspect", "verdict", "why"], rows))


def note_page(unit: str, handed_in: datetime, sentences: Sequence[str]) -> str:
    """A page that says what became of a submission, in a few sentences."""
    told = "".join(f"<p>{text(one)}</p>" for one in sentences)
    return document(
        f"{unit}: what you handed in",
        [
            f"<h1>{text(unit)}: what you handed in</h1>",
            f'<p class="say">On {handed_in:%Y-%m-%d} at {handed_in:%H:%M:%S} UTC.</p>',
            told,
        ],
    )
