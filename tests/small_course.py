"""A course with one small unit, in a folder of its own, graded by nbgrader's own commands.

Four exercises of unit 01 and one test cell of the instructor's own are enough to attack, and to
see a run go wrong.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import nbformat
from nbformat.notebooknode import NotebookNode
from nbformat.v4 import new_code_cell

from grader.authoring.source import instructor_notebook
from grader.class_report.results import Result, results
from grader.exercises.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parent.parent
UNIT = "small"
EXERCISES = ("dense-params", "dense", "flatten-shape", "flatten")
POINTS = {"dense-params": 2.0, "dense": 10.0, "flatten-shape": 2.0, "flatten": 6.0, "own": 2.0}
SECRET = 471_147
"""Stands in the hidden part of the instructor's own test."""
OWN_TEST = f"""assert dense_params(2, 3) == 9
### BEGIN HIDDEN TESTS
assert dense_params({SECRET}, 1) == {SECRET + 1}
### END HIDDEN TESTS"""
CONFIG = """c = get_config()
load_subconfig("nbgrader_config.py", path={root!r})
c.Execute.limits = {limits!r}
"""


def unit() -> NotebookNode:
    """The instructor's notebook: what unit 01 has of these exercises, and a test with asserts."""
    source = ROOT / "solutions" / "01-first-layers.py"
    notebook = instructor_notebook(source, frozenset(CATALOGUE))
    wanted = {*EXERCISES, *(f"check-{name}" for name in EXERCISES), "start-experiment"}
    imports = next(cell for cell in notebook.cells if cell.cell_type == "code")
    own = {"grade": True, "grade_id": "check-own", "points": 2, "solution": False, "locked": True}
    own |= {"schema_version": 3, "task": False, "cell_type": "code"}
    cells = [c for c in notebook.cells if c.metadata.get("nbgrader", {}).get("grade_id") in wanted]
    place = 1 + next(i for i, cell in enumerate(cells) if cell.id == "check-dense-params")
    test = new_code_cell(OWN_TEST, id="check-own", metadata={"nbgrader": own})
    notebook.cells = [imports, *cells[:place], test, *cells[place:]]
    return notebook


@dataclass(frozen=True)
class Course:
    """A course folder."""

    path: Path
    name: str = UNIT

    @classmethod
    def make(
        cls,
        path: Path,
        limits: Mapping[str, float],
        name: str = UNIT,
        notebook: NotebookNode | None = None,
    ) -> Course:
        """Lay the folder out and release the unit; `notebook` is another one than the usual."""
        folder = path / "solutions" / name
        folder.mkdir(parents=True)
        nbformat.write(notebook or unit(), folder / f"{name}.ipynb")
        config = CONFIG.format(root=str(ROOT), limits=dict(limits))
        (path / "nbgrader_config.py").write_text(config)
        made = cls(path, name)
        made.nbgrader("generate_assignment", name, check=True)
        return made

    @property
    def solution(self) -> NotebookNode:
        """The instructor's notebook."""
        return nbformat.read(
            self.path / "solutions" / self.name / f"{self.name}.ipynb", as_version=4
        )

    @property
    def release(self) -> NotebookNode:
        """What students get."""
        return nbformat.read(
            self.path / "notebooks" / self.name / f"{self.name}.ipynb", as_version=4
        )

    def file(self, step: str, student: str, suffix: str = "ipynb") -> Path:
        """Path of a student's file in submitted/, autograded/ or feedback/."""
        return self.path / step / student / self.name / f"{self.name}.{suffix}"

    def hand_in(self, student: str, content: str | bytes) -> Path:
        """Put a file into submitted/."""
        path = self.file("submitted", student)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    def start(self, *words: str) -> subprocess.Popen[str]:
        """Start an nbgrader command in the course's folder; its log is on stderr.

        It leads a group of its own, so that it can get what Ctrl-C sends to all of a group.
        """
        return subprocess.Popen(
            [sys.executable, "-m", "nbgrader", *words],
            cwd=self.path,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # What a shell runs in the background ignores Ctrl-C, and so does all that it starts.
            preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),
            env={**os.environ, "PYTHONUNBUFFERED": "1", "INSTRUCTOR_TOKEN": "COURSE"},
        )

    def nbgrader(self, *words: str, check: bool = False, seconds: float = 1500.0) -> str:
        """Run an nbgrader command to its end; its log."""
        process = self.start(*words)
        _, log = process.communicate(timeout=seconds)
        if check and process.returncode:
            raise AssertionError(f"nbgrader {' '.join(words)} failed:\n{log}")
        return log

    def results(self, students: Iterable[str]) -> dict[str, Result]:
        """What grading found, by student."""
        return {result.student: result for result in results(self.path, self.name, list(students))}

    def autograded(self, student: str) -> NotebookNode:
        """A student's notebook as grading left it."""
        return nbformat.read(self.file("autograded", student), as_version=4)
