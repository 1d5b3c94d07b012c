"""Why a submission was not graded, kept beside the gradebook for the report: a log scrolls away."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from grader.gradebook import json_file
from grader.gradebook.one_line import shown

FILE = "gradebook.not-graded.json"
_MOST = 500
"""Characters of a reason that are kept."""


def keep(course: Path, unit: str, reasons: Mapping[str, str]) -> None:
    """Remember a reason for each of these students; where it is empty, there is none any more."""
    rows = json_file.read(course / FILE)
    known: dict[str, str] = rows.get(unit, {})
    now = known | {student: shown(words)[:_MOST] for student, words in reasons.items()}
    now = {student: words for student, words in now.items() if words}
    if now != known:
        rows[unit] = now
        json_file.write(course / FILE, {name: row for name, row in rows.items() if row})


def read(course: Path, unit: str) -> dict[str, str]:
    """The reason for each student of whom one is known."""
    rows: dict[str, str] = json_file.read(course / FILE).get(unit, {})
    return rows
