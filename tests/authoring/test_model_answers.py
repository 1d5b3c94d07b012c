"""The model answers that students get: all answers, and nothing that is the author's alone."""

from __future__ import annotations

import json
import re
from pathlib import Path

import nbformat
import pytest

from grader.authoring.build import units
from grader.authoring.given import without_given
from grader.authoring.model_answers import NotReleased, model_answers
from grader.authoring.source import instructor_notebook
from grader.cli import main
from grader.exercises.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[2]
SECRET = re.compile(
    r"check\([^)]*hidden\s*=|HIDDEN TESTS|(BEGIN|END) (SOLUTION|MARK SCHEME)|### GIVEN|hidden_seed"
)


@pytest.mark.parametrize("unit", units(ROOT))
def test_all_answers_and_no_hidden_test(unit: str) -> None:
    path = ROOT / "solutions" / f"{unit}.py"
    released = model_answers(path, frozenset(CATALOGUE))
    author = instructor_notebook(path, frozenset(CATALOGUE))
    assert len(released.cells) == len(author.cells)
    answers = 0
    for cell, own in zip(released.cells, author.cells, strict=True):
        assert not SECRET.search(cell.source)
        assert "nbgrader" not in cell.metadata
        lines = [
            line
            for line in without_given(own.source).splitlines()
            if not re.search(r"BEGIN|END", line)
        ]
        if own.metadata.get("nbgrader", {}).get("solution"):
            assert cell.source.splitlines() == "\n".join(lines).rstrip("\n").splitlines()
            answers += 1
    assert answers > 3


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with one unit; it is the current folder."""
    (tmp_path / "solutions").mkdir()
    text = (ROOT / "solutions" / "01-first-layers.py").read_text()
    (tmp_path / "solutions" / "01-first-layers.py").write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_command_writes_a_notebook(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release-solution", "01-first-layers"]) == 0
    path = project / "model-answers" / "01-first-layers.ipynb"
    nbformat.validate(nbformat.read(path, as_version=4))
    assert "Wrote model-answers/01-first-layers.ipynb." in capsys.readouterr().out
    assert main(["release-solution", "01-first-layers", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {"unit": "01-first-layers", "file": "model-answers/01-first-layers.ipynb"}


def test_a_hidden_test_that_would_be_left_is_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = project / "solutions" / "01-first-layers.py"
    path.write_text(path.read_text() + "\n# %%\ncheck(Dense, hidden=True)\n")
    with pytest.raises(NotReleased, match="holds a hidden test outside of"):
        model_answers(path, frozenset(CATALOGUE))
    assert main(["release-solution", "01-first-layers"]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not (project / "model-answers").exists()


def test_a_mistake_is_told_in_one_line(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["release-solution", "99-none"]) == 1
    assert capsys.readouterr().err == "grader: there is no unit 99-none: 01-first-layers\n"
