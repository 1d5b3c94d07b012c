"""Course folders of their own, graded by nbgrader's own commands."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.notebooknode import NotebookNode
from nbgrader.api import Gradebook

from grader.demo.sample import Member, submission

CONFIG = """c = get_config()
load_subconfig("nbgrader_config.py", path={project!r})
c.Execute.limits = {{"cell": 4.0, "probe": 4.0}}
"""
Edit = Callable[[NotebookNode], None]


def project(folder: Path, units: Mapping[str, str], config: Path) -> Path:
    """A folder like the project's own, with these units, built."""
    (folder / "solutions").mkdir(parents=True)
    for name, source in units.items():
        (folder / "solutions" / f"{name}.py").write_text(source)
    shutil.copy(config, folder)
    from grader.authoring.build import build  # it loads TensorFlow, which most tests do not need

    build(folder)
    return folder


@dataclass(frozen=True)
class Done:
    """How a command ended, and the lines of its log."""

    status: int
    log: list[str]

    def lines(self, pattern: str) -> list[str]:
        """The lines of the log in which the pattern is found."""
        return [line for line in self.log if re.search(pattern, line)]


@dataclass(frozen=True)
class Course:
    """A course on one unit."""

    folder: Path
    unit: str

    def run(self, step: str, *options: str) -> Done:
        """Run an nbgrader command on the unit, as an instructor would."""
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", step, self.unit, *options],
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=500,
            env={**os.environ, "COLUMNS": "1000"},
        )
        return Done(done.returncode, [*done.stdout.splitlines(), *done.stderr.splitlines()])

    @property
    def source(self) -> Path:
        """The instructor's notebook, in this course."""
        return self.folder / "solutions" / self.unit / f"{self.unit}.ipynb"

    def gradebook(self) -> Any:
        """The gradebook, to be used with `with`."""
        return closing(Gradebook(f"sqlite:///{self.folder}/gradebook.db"))

    def grades(self, student: str) -> dict[str, tuple[float | None, float | None]]:
        """Automatic and manual score of each graded cell."""
        with self.gradebook() as book:
            notebook = book.find_submission_notebook(self.unit, self.unit, student)
            return {grade.name: (grade.auto_score, grade.manual_score) for grade in notebook.grades}

    def points(self, student: str) -> dict[str, float | None]:
        """Automatic score of each graded cell."""
        return {name: auto for name, (auto, _) in self.grades(student).items()}

    def autograded(self, student: str) -> NotebookNode:
        """The student's notebook after grading."""
        path = self.folder / "autograded" / student / self.unit / f"{self.unit}.ipynb"
        return nbformat.read(path, as_version=4)

    def shown(self, student: str, grade_id: str) -> str:
        """The text that a cell shows after grading."""
        return text_of(find(self.autograded(student), grade_id))

    def feedback(self, student: str) -> str:
        """The page that the student gets."""
        path = self.folder / "feedback" / student / self.unit / f"{self.unit}.html"
        return path.read_text(encoding="utf-8")


def course(
    root: Path,
    folder: Path,
    unit: str,
    members: Sequence[Member],
    edits: Mapping[str, Edit] | None = None,
) -> Course:
    """A course with these submissions, not graded yet; `edits` change single ones by name."""
    made = Course(folder, unit)
    made.source.parent.mkdir(parents=True)
    shutil.copy(root / "solutions" / unit / f"{unit}.ipynb", made.source)
    (folder / "nbgrader_config.py").write_text(CONFIG.format(project=str(root)))
    student = nbformat.read(root / "notebooks" / unit / f"{unit}.ipynb", as_version=4)
    solution = nbformat.read(made.source, as_version=4)
    for member in members:
        text = submission(member, student, solution)
        if edits and member.name in edits:
            notebook = nbformat.reads(text, as_version=4)
            edits[member.name](notebook)
            text = nbformat.writes(notebook)
        path = folder / "submitted" / member.name / unit / f"{unit}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return made


def find(notebook: NotebookNode, grade_id: str) -> NotebookNode:
    """The cell of this grade id."""
    [cell] = [cell for cell in notebook.cells if grade_id_of(cell) == grade_id]
    return cell


def grade_id_of(cell: NotebookNode) -> str:
    """Its grade id, or nothing."""
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", ""))


def text_of(cell: NotebookNode) -> str:
    """All text that a cell shows."""
    parts = []
    for output in cell.outputs:
        parts += [output.get("text", ""), output.get("data", {}).get("text/plain", "")]
        parts += [f"{output.ename}: {output.evalue}"] if output.output_type == "error" else []
    return "\n".join(part for part in parts if part)
