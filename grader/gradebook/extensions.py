"""More time for a student: the extension that nbgrader keeps with a submission.

nbgrader adds it to the due date where it works out how late something is. A student who has handed
nothing in has a submission of the gradebook's from then on, without a time and without points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nbgrader.api import Gradebook, MissingEntry

from grader.gradebook.no_such_unit import no_such_unit


class NotExtended(Exception):
    """Why nothing was extended; the message says what to do."""


@dataclass(frozen=True)
class Extension:
    """A student's time for a unit beyond its due date, which is None where it has none."""

    unit: str
    student: str
    more: timedelta
    due: datetime | None


def extend(book: Gradebook, student: str, days: float, units: Sequence[str]) -> list[Extension]:
    """Give a student so many days in each of these units (all by default); 0 takes them back.

    It takes the place of what was given before. Raises `NotExtended` for a unit or a student that
    the gradebook does not know; then nothing is changed.
    """
    known = sorted(str(one.name) for one in book.assignments)
    for unit in units:
        if unit not in known:
            raise NotExtended(no_such_unit(book, unit))
    try:
        book.find_student(student)
    except MissingEntry:
        raise NotExtended(
            f"there is no student {student} in the gradebook: read the class list with "
            "grader roster, or grade what they handed in"
        ) from None
    for unit in units or known:
        if days or _has_row(book, unit, student):
            book.update_or_create_submission(unit, student)
            book.grant_extension(unit, student, days=days)
    return [one for one in extensions(book) if one.student == student]


def _has_row(book: Gradebook, unit: str, student: str) -> bool:
    try:
        return bool(book.find_submission(unit, student))
    except MissingEntry:
        return False


def extensions(book: Gradebook) -> list[Extension]:
    """All that were given, by unit and student."""
    found = [
        Extension(str(unit.name), str(one.student_id), one.extension, unit.duedate)
        for unit in book.assignments
        for one in unit.submissions
        if one.extension
    ]
    return sorted(found, key=lambda one: (one.unit, one.student))
