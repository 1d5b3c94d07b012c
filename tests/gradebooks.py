"""A course folder whose gradebook is filled through nbgrader's API: nothing in it was graded."""

import os
import sysconfig
from datetime import datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader.api import Gradebook

# nbgrader calls `alembic` by name for a new gradebook, as nbgrader_config.py tells.
os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", "")])

FIRST, SECOND = "01-first-layers", "02-joining"
CONFIG = "c = get_config()\nc.CourseDirectory.course_id = 'books'\n"
CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,01 First layers (5001),Extra (5002),Final Score
,,,,,Manual Posting,,
    Points Possible,,,,,12,3,(read only)
"Lovelace, Ada",501,s-1,ada,"Section A, B",,,
"Björk, Zoë",502,s-2,zoe,Section A,,,
"Student, Test",599,,7ba8f,Section A,,,
"""
MOODLE = """\
First name,Last name,ID number,Email address,Assignment: 01-first-layers (Real),Course total (Real)
Ada,Lovelace,s-1,ada@uni.example,-,-
Zoë,Björk,s-2,zoe@uni.example,-,-
"""


def url(folder: Path) -> str:
    """The gradebook's place in the database."""
    return f"sqlite:///{folder}/gradebook.db"


@cache
def _filled() -> bytes:
    """nbgrader takes seconds to make a new gradebook."""
    with TemporaryDirectory() as folder:
        _fill(Path(folder))
        return (Path(folder) / "gradebook.db").read_bytes()


def fill(folder: Path) -> None:
    """Two units. ada has handed in both, zoe one of them and late, eve one; bob nothing."""
    (folder / "nbgrader_config.py").write_text(CONFIG)
    (folder / "gradebook.db").write_bytes(_filled())


def _fill(folder: Path) -> None:
    with Gradebook(url(folder), "books") as book:
        for unit in FIRST, SECOND:
            book.add_assignment(unit, duedate="2026-11-01 12:00:00 UTC")
            book.add_notebook(unit, unit)
            book.add_grade_cell("check-dense", unit, unit, max_score=10, cell_type="code")
            book.add_grade_cell("essay", unit, unit, max_score=2, cell_type="markdown")
            book.add_solution_cell("essay", unit, unit)
        for student in "ada", "zoe", "eve", "bob":
            book.add_student(student)
        for student, unit, auto, manual in (
            ("ada", FIRST, 10.0, 2.0),
            ("ada", SECOND, 2.5, None),
            ("zoe", FIRST, 7.25, 0.5),
            ("eve", FIRST, 1.0, 0.0),
        ):
            hand_in(book, student, unit, auto, manual)
        late = book.find_submission(FIRST, "zoe")
        late.timestamp = datetime(2026, 11, 2, 12)
        late.notebooks[0].late_submission_penalty = 1.0
        book.db.commit()


def hand_in(book: Gradebook, student: str, unit: str, auto: float, manual: float | None) -> None:
    """A submission with the points of its test and, where it has them, of its essay."""
    book.add_submission(unit, student)
    test = book.find_grade("check-dense", unit, unit, student)
    test.auto_score, test.needs_manual_grade = auto, False
    essay = book.find_grade("essay", unit, unit, student)
    essay.manual_score, essay.needs_manual_grade = manual, manual is None
    book.db.commit()
