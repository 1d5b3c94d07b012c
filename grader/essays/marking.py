"""Points and a comment from a person, into nbgrader's gradebook, as formgrader writes them.

Somebody may grade the same answer meanwhile, here or in formgrader. So each entry says what its
writer saw, and it is written only if that still stands there.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from nbgrader.api import Comment, Grade, Gradebook, MissingEntry
from sqlalchemy import update

from grader.gradebook.save import one_commit

MOST_WORDS = 20_000
"""Characters of a comment."""


class NotSaved(Exception):
    """Why an entry was not written, in one line."""


@dataclass(frozen=True)
class Entry:
    """What a person gives: points, or None to take them back, and a comment, or nothing."""

    score: float | None
    comment: str


class Meanwhile(Exception):
    """Somebody else has given `entry` since."""

    def __init__(self, entry: Entry) -> None:
        super().__init__("somebody else has graded this answer meanwhile")
        self.entry = entry


def save(book: Gradebook, grade_id: str, seen: Entry, given: Entry) -> bool:
    """Write what is given in the place of what was seen: both points and comment, or nothing. Gives
    whether the answer still waits for points.

    Raises `Meanwhile` and `NotSaved`.
    """
    try:
        grade = book.find_grade_by_id(grade_id)
        names = (grade.name, grade.notebook.name, grade.assignment.name, grade.student.id)
        comment = book.find_comment(*names)
    except MissingEntry:
        raise NotSaved("the gradebook does not have this answer any more: load the page") from None
    most = float(grade.cell.max_score)
    if given.score is not None and not (math.isfinite(given.score) and 0 <= given.score <= most):
        raise NotSaved(f"points must be from 0 to {most:g}")
    if len(given.comment) > MOST_WORDS:
        raise NotSaved(f"a comment may have {MOST_WORDS:,} characters")
    waits = given.score is None and grade.auto_score is None
    with one_commit(book):
        if not (_score(book, grade, seen, given, waits) and _comment(book, comment, seen, given)):
            book.db.rollback()
            book.db.refresh(grade)
            book.db.refresh(comment)
            raise Meanwhile(Entry(grade.manual_score, comment.manual_comment or ""))
    return waits


def _score(book: Gradebook, grade: Grade, seen: Entry, given: Entry, waits: bool) -> bool:
    """Whether the points were as they were seen, and are now what is given."""
    done = book.db.execute(
        update(Grade)
        .where(Grade.id == grade.id, Grade.manual_score.is_not_distinct_from(seen.score))
        .values(manual_score=given.score, needs_manual_grade=waits)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)


def _comment(book: Gradebook, comment: Comment, seen: Entry, given: Entry) -> bool:
    there = Comment.manual_comment.is_not_distinct_from(seen.comment or None)
    if not seen.comment:
        there |= Comment.manual_comment == ""  # as formgrader writes it
    done = book.db.execute(
        update(Comment)
        .where(Comment.id == comment.id, there)
        .values(manual_comment=given.comment or None)
        .execution_options(synchronize_session=False)
    )
    return bool(done.rowcount == 1)
