"""A class on paper: a gradebook and graded notebooks, written without grading anything."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output
from nbgrader.api import Gradebook

from grader.gradebook.course import course_directory
from grader.gradebook.resume import GRADED
from grader.grading.beside import BESIDE
from grader.grading.grading_record import MET, NOTICED, REPORT, TROUBLE

UNIT = "90-paper"
MOST = {"check-dense": 10.0, "check-dropout": 4.0, "check-own": 2.0, "essay": 5.0}
EXERCISES = {"check-dense": "Dense", "check-dropout": "Dropout"}
CONFIG = """c = get_config()
load_subconfig("nbgrader_config.py", path={root!r})
c.CourseDirectory.db_url = "sqlite:///" + {database!r}
"""


def idea(name: str, *parts: dict[str, Any]) -> dict[str, Any]:
    """A diagnosis, as a report keeps it; of two ideas if there are `parts`."""
    return {"name": name, "says": f"Your layer: {name}.", "hint": "Which?", "parts": list(parts)}


@dataclass(frozen=True)
class Pupil:
    """A member of the class: points by cell (None: not graded yet), and what grading left."""

    name: str
    points: Mapping[str, float | None] = field(default_factory=lambda: dict(MOST))
    ideas: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    untouched: Sequence[str] = ()
    met: Sequence[str] = ()
    noticed: Sequence[str] = ()
    trouble: Sequence[str] = ()
    full_name: tuple[str, str] = ("", "")
    feedback: bool = True


def paper_course(
    root: Path, folder: Path, pupils: Sequence[Pupil], *, damaged: str = "", absent: str = ""
) -> Path:
    """The course's folder. Its gradebook is not at the usual place."""
    (folder / "books").mkdir(parents=True)
    config = CONFIG.format(root=str(root), database=str(folder / "books" / "grades.db"))
    (folder / "nbgrader_config.py").write_text(config)
    course = course_directory(folder)
    with Gradebook(course.db_url, course.course_id) as book:
        book.add_assignment(UNIT)
        book.add_notebook(UNIT, UNIT)
        for cell, most in reversed(MOST.items()):
            kind = "markdown" if cell == "essay" else "code"
            book.add_grade_cell(cell, UNIT, UNIT, max_score=most, cell_type=kind)
        book.add_solution_cell("essay", UNIT, UNIT)
        for pupil in pupils:
            _hand_in(book, folder, pupil)
        if absent:
            book.add_student(absent)
    if damaged:
        path = folder / "submitted" / damaged / UNIT / f"{UNIT}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text("{")
    return folder


def _hand_in(book: Gradebook, folder: Path, pupil: Pupil) -> None:
    first, last = pupil.full_name
    book.add_student(pupil.name, first_name=first, last_name=last)
    book.add_submission(UNIT, pupil.name)
    for cell in MOST:
        grade = book.find_grade(cell, UNIT, UNIT, pupil.name)
        by_hand = cell == "essay" and pupil.points[cell]
        setattr(grade, "manual_score" if by_hand else "auto_score", pupil.points[cell])
        grade.needs_manual_grade = pupil.points[cell] is None
    book.db.commit()
    path = folder / "autograded" / pupil.name / UNIT / f"{UNIT}.ipynb"
    path.parent.mkdir(parents=True)
    nbformat.write(_notebook(pupil), path)
    if pupil.feedback:
        page = folder / "feedback" / pupil.name / UNIT / f"{UNIT}.html"
        page.parent.mkdir(parents=True)
        page.write_text("<p>well done</p>")


def _notebook(pupil: Pupil) -> Any:
    cells = []
    for cell in MOST:
        meta = {"nbgrader": {"grade": True, "grade_id": cell, "points": MOST[cell]}}
        outputs = [_output(pupil, cell)] if cell != "essay" else []
        cells.append(new_code_cell("", metadata=meta, outputs=outputs))
    kept = {GRADED: True, MET: pupil.met, NOTICED: pupil.noticed, TROUBLE: pupil.trouble}
    return new_notebook(cells=cells, metadata=kept)


def _output(pupil: Pupil, cell: str) -> Any:
    if cell not in EXERCISES:
        return new_output("stream", text=BESIDE)
    report = {
        "exercise": EXERCISES[cell],
        "score": (pupil.points[cell] or 0.0) / MOST[cell],
        "attempted": cell not in pupil.untouched,
        "crash": "",
        "diagnosis": pupil.ideas.get(cell),
    }
    return new_output("display_data", data={REPORT: [report]})
