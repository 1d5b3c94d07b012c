"""Each limit is set in nbgrader_config.py, and one that is met says so in its own words."""

import re
from collections.abc import Iterator
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

import pytest
from traitlets.config import Config, PyFileConfigLoader

from grader.examination.examine import examine
from grader.sandbox.limits import MIB, Limits
from grader.sandbox.session import Session
from grader.sandbox.start import Warm

NAMES = [field.name for field in fields(Limits)]


@pytest.fixture(scope="module")
def config(root: Path) -> Config:
    """The course's own configuration."""
    return PyFileConfigLoader("nbgrader_config.py", path=str(root)).load_config()


@pytest.mark.parametrize("name", NAMES)
def test_each_limit_is_set_in_the_configuration_and_explained(
    config: Config, root: Path, name: str
) -> None:
    assert config.Execute.limits[name] == asdict(Limits())[name]
    line = re.search(rf'^    "{name}": .*', (root / "nbgrader_config.py").read_text(), re.MULTILINE)
    assert line
    assert "#" in line[0]


def test_the_defaults_are_as_strict_as_prairielearns() -> None:
    """Of its grader host: 30 seconds, 2 GiB, 1 GiB of disk, 1024 processes."""
    limits = Limits()
    assert max(limits.cell, limits.probe) <= 30
    assert limits.memory <= 2048 * MIB
    assert limits.scratch <= 1024 * MIB
    assert limits.threads <= 1024


# What is said


OPEN_FILES = "[open('/dev/null') for _ in range(10_000)]"
DISK = "for n in range(99): open(f'/tmp/{n}', 'wb').write(bytes(1 << 20))"
THREADS = """
import threading, time
threading.stack_size(32768)
while True: threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
"""
CELLS = {
    "cell": ("while True: pass", "the cell took longer than 3 seconds"),
    "memory": ("bytearray(2**31)", "a submission may use 1024 MiB of memory"),
    "numpy's memory": (
        "import numpy; numpy.ones(2**30)",
        "a submission may use 1024 MiB of memory",
    ),
    "disk": (DISK, "a submission may write 8 MiB of files"),
    "one file": ("open('f', 'wb').write(bytes(9 << 20))", "a submission may write 8 MiB of files"),
    "processes": ("import os; os.fork()", "a submission may not start another process"),
    "programs": ("import subprocess; subprocess.run(['ls'])", "may not start another process"),
    "threads": (THREADS, "it started more than 1024 threads"),
    "open files": (OPEN_FILES, "a submission may have 256 files open at once"),
    "output": ("print('x' * 99_999)", "the limit for one cell is reached"),
    "displays": ("for n in range(999): display(n)", "the limit for one cell is reached"),
}
"""By limit: a cell that meets it, and words of the message."""


@pytest.fixture
def limited(warm: Warm) -> Iterator[Session]:
    """A submission's run with little time for a cell."""
    with Session(warm.start, replace(warm.limits, cell=3.0, probe=3.0)) as opened:
        yield opened


def told(outputs: list[dict[str, Any]]) -> str:
    """All that a notebook would show of these outputs, but the cell's own text."""
    return "".join(
        "\n".join(output.get("traceback", [])) + output.get("text", "") for output in outputs
    )


@pytest.mark.parametrize(("cell", "words"), CELLS.values(), ids=CELLS.keys())
def test_a_limit_met_in_a_cell_is_told_and_costs_no_other_cell(
    limited: Session, cell: str, words: str
) -> None:
    limited.run("before = 1")
    assert words in told(limited.run(cell))
    [after] = limited.run("before + 1")
    assert after["data"]["text/plain"] == "2"


def test_a_process_has_the_limit_of_files_that_it_is_told(limited: Session, warm: Warm) -> None:
    [shown] = limited.run("import resource; resource.getrlimit(resource.RLIMIT_NOFILE)")
    assert shown["data"]["text/plain"] == str((warm.limits.open_files,) * 2)


LAYER = """
import keras
class Flatten(keras.layers.Layer):
    def call(self, inputs):
        {}
"""
CALLS = {
    "probe": ("while True: pass", "took too long", "an answer took longer than 3 seconds"),
    "memory": ("bytearray(2**31)", "MemoryError", "a submission may use 1024 MiB of memory"),
    "open files": (OPEN_FILES, "OSError", "a submission may have 256 files open at once"),
    "array": (
        "return keras.ops.zeros((3, 1 << 20))",
        "Your code returned too many numbers",
        "the answer is too large: more than 1 MiB",
    ),
}
"""By limit: what a layer does, and words of the card's row and of what stopped it."""


@pytest.mark.parametrize(("call", "row", "stopped"), CALLS.values(), ids=CALLS.keys())
def test_a_limit_met_in_a_layer_stands_on_its_card(
    limited: Session, call: str, row: str, stopped: str
) -> None:
    limited.run(
        "def flatten_shape(shape):\n    import math\n    return shape[0], math.prod(shape[1:])"
    )
    limited.run(LAYER.format(call))
    report = examine(limited.subject("Flatten"), "Flatten")
    for shown in str(report), report._repr_html_():
        assert row in shown
        assert stopped in shown
    assert report.score == 0
    other = examine(limited.subject("flatten_shape"), "flatten_shape")
    assert other.passed, str(other)


def test_the_notebooks_time_is_told(warm: Warm) -> None:
    limits = replace(warm.limits, cell=2.0, notebook=3.0)
    with Session(warm.start, limits) as session:
        said = [told(session.run("while True: pass")) for _ in range(3)]
    assert "the cell took longer than 2 seconds" in said[0]
    assert ["has used up its 3 seconds" in text for text in said[1:]] == [True, True]
