"""The demonstration holds itself to its labels."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.graded_courses import FIRST, FOLDER

CLASS = ("ada", "cho", "lee")
"""Right, wrong, and not graded."""


def demo(project: Path) -> subprocess.CompletedProcess[str]:
    """Run `grader demo` in this folder."""
    return subprocess.run(
        [sys.executable, "-m", "grader.cli", "demo"],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=500,
        env={**os.environ, "COLUMNS": "200"},
    )


@pytest.fixture
def small_project(own_project: Path, tmp_path: Path) -> Path:
    """A project with a class of three."""
    members = tmp_path / "tests" / "sample_class" / FIRST
    members.mkdir(parents=True)
    (tmp_path / "solutions").mkdir()
    for name in CLASS:
        shutil.copy(FOLDER / FIRST / f"{name}.py", members)
    shutil.copy(own_project / "solutions" / f"{FIRST}.py", tmp_path / "solutions")
    shutil.copy(own_project / "nbgrader_config.py", tmp_path)
    return tmp_path


def test_the_demo_ends_well_where_all_labels_are_right(small_project: Path) -> None:
    done = demo(small_project)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(" yes") == len(CLASS)
    assert "bias not counted" in done.stdout
    assert "is not a notebook" in done.stdout
    assert (small_project / "demo" / "feedback" / "ada").is_dir()


@pytest.mark.long
def test_the_demo_fails_where_a_label_is_wrong(small_project: Path) -> None:
    members = small_project / "tests" / "sample_class" / FIRST
    (members / "ada.py").unlink()
    (members / "cho.py").unlink()
    lee = members / "lee.py"
    lee.write_text(lee.read_text().replace("not graded", "dense=10"))
    done = demo(small_project)
    assert done.returncode == 1, done.stderr
    assert "1 of the class did not get the score on their label." in done.stdout
    assert "Traceback" not in done.stderr
