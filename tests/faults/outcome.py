"""The course after its runs, and what is the same in all of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from nbgrader.api import Gradebook, MissingEntry
from small_course import UNIT, Course
from trouble import Run

MARK = (64 << 20) + (os.getpid() << 12)
"""Bytes of scratch, by which our own boxes are known among those of this machine."""
LIMITS = {"cell": 20.0, "probe": 20.0, "notebook": 200.0, "memory": 1 << 30, "scratch": MARK}
SEED = 31_415_926
Grades = Mapping[str, tuple[float | None, float | None, bool]]


@dataclass(frozen=True)
class Graded:
    """A course after one or more runs."""

    course: Course
    runs: list[Run]

    @property
    def notebooks(self) -> dict[str, bytes]:
        """Each autograded notebook, byte for byte."""
        folder = self.course.path / "autograded"
        return {path.parts[-3]: path.read_bytes() for path in folder.glob(f"*/{UNIT}/*.ipynb")}

    def grades(self, students: list[str]) -> dict[str, Grades | None]:
        """What the gradebook says of each student's cells; None where it does not know them."""
        with closing(Gradebook(f"sqlite:///{self.course.path / 'gradebook.db'}")) as book:
            return {student: _grades(book, student) for student in students}


def _grades(book: Gradebook, student: str) -> Grades | None:
    try:
        notebook = book.find_submission_notebook(UNIT, UNIT, student)
    except MissingEntry:
        return None
    rows = [(g.name, g.auto_score, g.manual_score, g.needs_manual_grade) for g in notebook.grades]
    return {name: tuple(rest) for name, *rest in sorted(rows)}


@dataclass(frozen=True)
class Interrupted(Graded):
    """After each run: which notebooks were complete, when they were written, and what was left."""

    complete: list[dict[str, int]]
    scored: list[set[str]]
    half: list[set[str]]
    boxes: list[list[str]]
