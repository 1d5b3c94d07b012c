"""From text sources to notebooks: `solutions/<unit>.py` is the one source, all else is made.

solutions/<unit>.py  --jupytext-->  solutions/<unit>/<unit>.ipynb   (instructor; not committed)
                     --nbgrader-->  notebooks/<unit>/<unit>.ipynb   (student; committed)
docs/glossary.md     ------------>  notebooks/glossary.md           (student; committed)
"""

from __future__ import annotations

import logging
import tempfile
from collections.abc import Sequence
from pathlib import Path

import nbformat
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import ClearSolutions
from traitlets.config import Config

from grader.authoring.colab import add_colab_cell
from grader.authoring.given import GiveOrClear
from grader.authoring.glossary import students_glossary
from grader.authoring.installation import project_of
from grader.authoring.source import BrokenUnit, instructor_notebook
from grader.exercises.catalogue import CATALOGUE
from grader.gradebook.modes import keep_private


def units(root: Path) -> list[str]:
    """Names of the units, in the order of the course."""
    return sorted(path.stem for path in (root / "solutions").glob("[0-9]*.py"))


def build(root: Path, wanted: Sequence[str] = ()) -> list[Path]:
    """Make the notebooks of the wanted units (all by default); the files that changed.

    Raises `BrokenUnit` for a unit that does not exist or cannot be read.
    """
    changed = []
    for unit in wanted or units(root):
        source = root / "solutions" / f"{unit}.py"
        if not source.exists():
            raise BrokenUnit(f"there is no unit {unit}: {', '.join(units(root))}")
        notebook = instructor_notebook(source, frozenset(CATALOGUE))
        add_colab_cell(notebook)
        solution = root / "solutions" / unit / f"{unit}.ipynb"
        changed += _write(solution, nbformat.writes(notebook) + "\n")
        release = root / "notebooks" / unit / f"{unit}.ipynb"
        changed += _write(release, _student_version(root, unit))
    ours = project_of(root)
    if (ours / "docs" / "glossary.md").exists():
        glossary = students_glossary(ours, units(root))
        changed += _write(root / "notebooks" / "glossary.md", glossary)
    keep_private(root)
    return changed


def _student_version(root: Path, unit: str) -> str:
    """What nbgrader's own `generate_assignment` makes of the instructor notebook."""
    with tempfile.TemporaryDirectory() as folder:
        config = Config()
        config.CourseDirectory.root = str(root.resolve())
        config.CourseDirectory.source_directory = "solutions"
        config.CourseDirectory.release_directory = folder
        config.CourseDirectory.assignment_id = unit
        config.GenerateAssignment.no_database = True
        config.GenerateAssignment.preprocessors = [
            GiveOrClear if step is ClearSolutions else step
            for step in GenerateAssignment().preprocessors
        ]
        config.SaveCells.enabled = False
        config.LockCells.lock_readonly_cells = False  # experiments are there to be changed
        logging.getLogger("traitlets").setLevel(logging.ERROR)
        GenerateAssignment(coursedir=CourseDirectory(config=config), config=config).start()
        made = Path(folder) / "." / unit / f"{unit}.ipynb"
        return made.read_text(encoding="utf-8")


def _write(path: Path, text: str) -> list[Path]:
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return []
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return [path]
