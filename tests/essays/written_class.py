"""A class with written answers, graded by the machine on paper only: a gradebook and notebooks."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook
from nbgrader.api import Gradebook

from grader.gradebook.course import course_directory
from tests.likeness.copied_class import instructor
from tests.paper_class import CONFIG

UNIT = "19-capstone-see"
ROOT = Path(__file__).parents[2]
QUESTIONS = {"report": 5.0, "question": 3.0}
"""What the unit asks for in words, with the points."""
ANSWERS: Mapping[str, str] = {
    "ada": "1. The **padding**: $p = \\frac{k}{2}$.\n2. The statistics.\n3. No, it combines.",
    "ben": "It is the `strides`.",
    "cho": "1. Padding\n2. I do not know",
    "eve": "<script>document.title = 'caught'</script> [me](javascript:alert(1)) "
    '<img src="http://127.0.0.1:9/x.png" onerror="document.title = 1"> ![pic](http://127.0.0.1:9/y)',
}
"""To the second question; the first has a line from everybody."""
BLANK = "dan"
"""Who left it as it was handed out."""


def written_course(folder: Path, answers: Mapping[str, str] = ANSWERS, blank: str = BLANK) -> Path:
    """The course's folder."""
    (folder / "books").mkdir(parents=True)
    config = CONFIG.format(root=str(ROOT), database=str(folder / "books" / "grades.db"))
    (folder / "nbgrader_config.py").write_text(config)
    path = folder / "solutions" / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(instructor(UNIT), path)
    course = course_directory(folder)
    with Gradebook(course.db_url, course.course_id) as book:
        book.add_assignment(UNIT)
        book.add_notebook(UNIT, UNIT)
        book.add_grade_cell("check-resnet", UNIT, UNIT, max_score=9.0, cell_type="code")
        for name, most in QUESTIONS.items():
            book.add_grade_cell(name, UNIT, UNIT, max_score=most, cell_type="markdown")
            book.add_solution_cell(name, UNIT, UNIT)
        for student in (*answers, blank):
            book.add_student(student)
            book.add_submission(UNIT, student)
            _hand_in(folder, student, answers.get(student, "YOUR ANSWER HERE"))
        grade = book.find_grade("question", UNIT, UNIT, blank)
        grade.auto_score, grade.needs_manual_grade = 0.0, False
        book.db.commit()
    return folder


def copied(course: Path, folder: Path) -> Path:
    """A copy of a course that was made: nbgrader takes seconds to make a gradebook."""
    shutil.copytree(course, folder)
    config = CONFIG.format(root=str(ROOT), database=str(folder / "books" / "grades.db"))
    (folder / "nbgrader_config.py").write_text(config)
    return folder


def _hand_in(folder: Path, student: str, answer: str) -> None:
    cells = [_cell("report", f"| setting | mean |\n|---|---|\n| all of it | {len(student)} |")]
    cells.append(_cell("question", answer))
    path = folder / "autograded" / student / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(new_notebook(cells=cells), path)


def _cell(name: str, source: str) -> Any:
    meta = {"grade": True, "grade_id": name, "solution": True, "points": QUESTIONS[name]}
    return new_markdown_cell(source, metadata={"nbgrader": meta})


def given(folder: Path, student: str, cell: str = "question") -> tuple[float | None, bool, Any]:
    """The manual score, whether it waits, and the comment, in nbgrader's gradebook."""
    course = course_directory(folder)
    with Gradebook(course.db_url, course.course_id) as book:
        grade = book.find_grade(cell, UNIT, UNIT, student)
        comment = book.find_comment(cell, UNIT, UNIT, student)
        return grade.manual_score, grade.needs_manual_grade, comment.manual_comment
