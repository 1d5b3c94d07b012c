"""The course that the tests in a browser use: a short unit, and notebooks that answer it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell
from playwright.sync_api import Page

from grader.authoring.source import instructor_notebook
from grader.demo.sample import Member, read_member, submission
from grader.exercises.catalogue import CATALOGUE
from tests.small_course import Course

ROOT = Path(__file__).parents[2]
UNIT = "01-first-layers"
ANSWERS = ("dense-params", "dense", "question-plot")
"""What of the unit there is: so much can be run in seconds."""
WRITTEN = "The two that began with the same weights lie on each other: same formulas, same data."
MOVE = """from grader.pictures import convolution, move
move(convolution.draw_walk, strides=(1, 4), padding=["valid", "same"])"""
PROGRESS = "from grader import progress\nprogress()"


@dataclass(frozen=True)
class Site:
    """A JupyterLab that serves a student's folder `home/` and the instructor's `course/`."""

    folder: Path
    course: Course
    url: str
    token: str

    @property
    def notebook(self) -> Path:
        """The student's notebook, once it is fetched."""
        return self.folder / "home" / UNIT / f"{UNIT}.ipynb"

    def to(self, page: Page, path: str) -> None:
        """Open a page of the server."""
        page.goto(f"{self.url}/{path}")


def short_unit() -> NotebookNode:
    """Three exercises of the unit, a picture with sliders, and the progress."""
    notebook = instructor_notebook(ROOT / "solutions" / f"{UNIT}.py", frozenset(CATALOGUE))
    cells = notebook.cells
    places = {cell.id: place for place, cell in enumerate(cells)}
    imports = next(place for place, cell in enumerate(cells) if cell.cell_type == "code")
    wanted = {0, imports}
    for name in ANSWERS:
        wanted |= {places[name] - 1, places[name], places.get(f"check-{name}", 0)}
    notebook.cells = [cell for place, cell in enumerate(cells) if place in wanted]
    own = [new_code_cell(source, id=f"own-{n}") for n, source in enumerate((MOVE, PROGRESS))]
    notebook.cells += own
    return notebook


def answered(course: Course, **others: str) -> NotebookNode:
    """What students get, with the model answers; `others` stand in the place of some."""
    answers = {name.replace("_", "-"): text for name, text in others.items()}
    member = Member("", "", {}, {"question-plot": WRITTEN} | answers)
    text = submission(member, course.release, course.solution)
    return nbformat.reads(text, as_version=4)


def handed_in(name: str, course: Course) -> str:
    """What a member of the sample class hands in, as far as the short unit asks for it."""
    member = read_member(ROOT / "tests" / "sample_class" / UNIT / f"{name}.py")
    answers = {what: text for what, text in member.answers.items() if what in ANSWERS}
    answers["question-plot"] = WRITTEN
    return submission(Member(name, "", {}, answers), course.release, course.solution)
