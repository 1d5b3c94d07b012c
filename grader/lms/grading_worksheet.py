"""Moodle's grading worksheet: the CSV file that has the participant's number of everybody.

Identifier (Participant 7001), Full name, Email address or another field of the site's choice,
Status, Grade and so on. A worksheet of an anonymous assignment has no names.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from nbgrader.api import Student

from grader.lms.class_names import ClassNames
from grader.lms.file_names import Download

_COLUMNS = {"Email address": "email", "ID number": "lms_user_id", "Username": "id"}
"""Columns that say who it is better than a name does, and what they are in the gradebook."""


class BadWorksheet(Exception):
    """A worksheet that cannot be taken, and why."""


def read_worksheet(path: Path, students: Iterable[Student]) -> dict[str, tuple[str, str]]:
    """Participant's number and full name of each student who is found in the worksheet.

    Whom a row could mean twice is not in it. Raises `BadWorksheet`.
    """
    people = list(students)
    names = ClassNames(people)
    found: dict[str, list[tuple[str, str]]] = {}
    for row in _rows(path):
        number = re.search(r"([0-9]+)\s*$", row["Identifier"] or "")
        who = _who(row, people, names)
        if number and len(who) == 1:
            found.setdefault(who[0], []).append((number[1], row.get("Full name") or ""))
    return {student: rows[0] for student, rows in found.items() if len(rows) == 1}


def _who(row: Mapping[str, str | None], people: list[Student], names: ClassNames) -> list[str]:
    for column, field in _COLUMNS.items():
        value = (row.get(column) or "").strip()
        if who := [one.id for one in people if value and getattr(one, field) == value]:
            return who
    full_name = row.get("Full name") or ""
    return list(names.of(Download(Path(), "", name=full_name))) if full_name else []


def _rows(path: Path) -> list[dict[str, str | None]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text), strict=True))
    except OSError as error:
        raise BadWorksheet(f"{path} cannot be read: {error.strerror}") from None
    except (UnicodeDecodeError, csv.Error):
        raise BadWorksheet(f"{path} is not CSV in UTF-8: download it again from Moodle") from None
    columns = {*(rows[0] if rows else ())}
    if not {"Identifier"} <= columns or not {"Full name", *_COLUMNS} & columns:
        raise BadWorksheet(
            f"{path} is not a grading worksheet of Moodle: its columns are Identifier, Full name, "
            "Email address and so on (in English)"
        )
    return rows
