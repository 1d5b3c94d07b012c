"""The cell that installs the course on Google Colab, and does nothing anywhere else."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell

from grader.authoring.colab import SOURCE


class Here(InteractiveShell):
    """A shell that writes down what it is asked to run."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def system(self, cmd: str) -> None:
        self.asked.append(cmd)


class Colab(Here):
    """Called as the shell of a notebook on Colab is."""

    __module__ = "google.colab._shell"


@pytest.mark.parametrize(
    ("shell", "asked"),
    [(Here, []), (Colab, ["unzip -qo layer-by-layer.zip && pip install -q ./layer-by-layer"])],
)
def test_it_installs_on_colab_only(shell: type[Here], asked: list[str]) -> None:
    InteractiveShell.clear_instance()
    InteractiveShell._instance = made = shell()  # get_ipython() looks for it here
    try:
        made.run_cell(SOURCE).raise_error()
    finally:
        InteractiveShell._instance = None
    assert made.asked == asked


def test_it_is_the_first_code_cell_of_each_unit_and_is_not_graded(root: Path) -> None:
    for path in sorted((root / "notebooks").rglob("*.ipynb")):
        first = next(c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code")
        assert first.source == SOURCE
        assert first.metadata.tags == ["experiment"]
        assert first.metadata.nbgrader.locked
        assert not first.metadata.nbgrader.grade
