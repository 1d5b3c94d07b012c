"""What Validate says, and where it finds how long it may take and what it need not run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.server_extensions.validate_assignment.handlers import ValidateAssignmentHandler

from grader import check
from grader.validating import tell_in_words
from tests.variants.dense import WithOps

CONFIG = "etc/jupyter/nbgrader_config.json"
RIGHT = (
    "def dense_params(features, units, use_bias=True):\n    return (features + use_bias) * units"
)


class Dense(WithOps):
    pass


class Doubled(WithOps):
    def call(self, inputs):
        return 2 * super().call(inputs)


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> Iterator[InteractiveShell]:
    """A shell as it is in the kernel that Validate starts."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    shell = InteractiveShell.instance()
    tell_in_words(shell)
    shell.push({"check": check, "Dense": Dense, "Doubled": Doubled})
    yield shell
    InteractiveShell.clear_instance()


def says(shell: InteractiveShell, *cells: str) -> list[str]:
    """The lines that the last of the cells shows for its exception."""
    for cell in cells:
        with capture_output() as captured:
            shell.run_cell(cell, store_history=True)
    return captured.stdout.strip().splitlines()


def test_a_right_answer_says_nothing(shell: InteractiveShell) -> None:
    assert says(shell, "check(Dense)") == []


def test_a_wrong_answer_gives_the_headline_and_what_is_wrong(shell: InteractiveShell) -> None:
    assert says(shell, 'check(Doubled, exercise="Dense")') == [
        "Dense: 5 of 7 right",
        "not right: output, gradient",
    ]


def test_a_stub_is_not_attempted_yet(shell: InteractiveShell) -> None:
    stub = "def dense_params(features, units, use_bias=True):\n    raise NotImplementedError()"
    assert says(shell, stub, "check(dense_params)") == ["dense_params: not attempted yet"]


def test_an_answer_that_stops_shows_its_own_line(shell: InteractiveShell) -> None:
    answer = "def dense_params(features, units, use_bias=True):\n    return units[0]"
    assert says(shell, answer, "check(dense_params)")[:2] == [
        "dense_params: 0 of 1 right",
        "not right: prediction",
    ]
    assert "line 2: return units[0]" in says(shell, "check(dense_params)")[2]


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        (
            "def dense_params(features)\n    return 1",
            ["line 1: def dense_params(features)", "SyntaxError: expected ':'"],
        ),
        (
            "import nowhere\ndef dense_params(features, units, use_bias=True): ...",
            ["line 1: import nowhere", "ModuleNotFoundError: No module named 'nowhere'"],
        ),
        (
            "class dense_params(kears.Layer): ...",
            [
                "line 1: class dense_params(kears.Layer): ...",
                "NameError: name 'kears' is not defined",
            ],
        ),
    ],
)
def test_a_test_without_its_answer_says_what_stopped_that(
    shell: InteractiveShell, answer: str, lines: list[str]
) -> None:
    assert says(shell, "1 / 0", answer, "check(dense_params)") == [
        "dense_params is not defined here.",
        "Its cell stopped:",
        *lines,
    ]


def test_what_stopped_elsewhere_is_not_the_cause(shell: InteractiveShell) -> None:
    assert says(shell, "import nowhere", "check(dense_params)") == [
        "dense_params is not defined here.",
        "Its cell was deleted, uses another name, or is further down.",
    ]


def test_no_line_is_so_long_that_nbgrader_cuts_it(shell: InteractiveShell) -> None:
    lines = says(shell, "raise ValueError('a word ' * 40)")
    assert len(lines) > 2
    assert max(map(len, lines)) <= 87 - 4


def test_outside_of_validate_a_check_shows_the_line_it_always_did(
    shell: InteractiveShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NBGRADER_EXECUTION")
    assert says(shell, 'check(Doubled, "Dense")') == ["CheckFailed: Dense: 5 of 7 right"]


def test_installing_puts_the_limits_where_jupyter_looks(root: Path) -> None:
    """An editable installation too, and that of the zip for students (test_pack)."""
    wheel = tomllib.loads((root / "pyproject.toml").read_text())["tool"]["hatch"]["build"]
    assert wheel["targets"]["wheel"]["shared-data"] == {"grader/etc/jupyter": "etc/jupyter"}
    own = json.loads((root / "grader" / CONFIG).read_text())
    assert json.loads((Path(sys.prefix) / CONFIG).read_text()) == own, "pip install -e . again"


def test_the_button_in_jupyterlab_reads_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JUPYTER_NO_CONFIG", raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "own"))
    found = ValidateAssignmentHandler.load_config(None).Validator.Execute
    assert found.skip_cells_with_tag == "experiment"
    assert found.timeout > 120


def graded(source: str, name: str) -> nbformat.NotebookNode:
    """A test cell."""
    mark = {
        "grade_id": name,
        "grade": True,
        "locked": True,
        "points": 1,
        "schema_version": 3,
        "solution": False,
        "task": False,
        "cell_type": "code",
    }
    return new_code_cell(source, metadata={"nbgrader": mark})


@pytest.mark.slow
def test_nbgrader_validate_as_a_student_runs_it(root: Path, tmp_path: Path) -> None:
    """Right passes, wrong fails, and what is an experiment is not run."""
    experiment = new_code_cell("del check", metadata={"tags": ["experiment"]})
    cells = [
        new_code_cell("from grader import check"),
        experiment,
        new_code_cell(RIGHT),
        graded("check(dense_params)", "right"),
        new_code_cell(RIGHT.replace("+ use_bias", "+ 1")),
        graded("check(dense_params)", "wrong"),
        graded("check(Dense)", "missing"),
    ]
    nbformat.write(new_notebook(cells=cells), tmp_path / "unit.ipynb")
    environment = {k: v for k, v in os.environ.items() if k != "JUPYTER_NO_CONFIG"}
    environment |= {"JUPYTER_CONFIG_DIR": str(tmp_path / "own"), "PYTHONPATH": str(root)}
    environment["JUPYTER_CONFIG_PATH"] = str((root / "grader" / CONFIG).parent)
    done = subprocess.run(
        [sys.executable, "-m", "nbgrader", "validate", "unit.ipynb"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout
    assert said.startswith("NOT RIGHT YET: 2 TEST CELL(S).")
    assert said.count("The following cell failed") == 2
    assert "    dense_params: 0 of 1 right\n    not right: prediction\n" in said
    assert "    Dense is not defined here.\n" in said
    assert "CheckFailed" not in said + done.stderr
    assert "Traceback" not in said + done.stderr
