"""Grading uses no GPU, whatever the machine has."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from grader.sandbox.session import Session

HARMLESS = {
    *(
        "null",
        "zero",
        "full",
        "random",
        "urandom",
        "tty",
        "console",
        "ptmx",
        "pts",
        "shm",
        "mqueue",
    ),
    *("core", "fd", "stdin", "stdout", "stderr"),
}
"""Without a device of the machine; links and memory among them."""


def test_a_students_process_sees_no_device_but_the_usual_ones(session: Session) -> None:
    [output] = session.run("import os; print(*os.listdir('/dev'))")
    seen = set(output["text"].split())
    assert "null" in seen
    assert seen <= HARMLESS


def test_a_students_process_is_told_of_no_gpu(session: Session) -> None:
    [output] = session.run("import os; print(repr(os.environ['CUDA_VISIBLE_DEVICES']))")
    assert output["text"] == "''\n"


@pytest.mark.parametrize("room", ["grader.batch", "grader.grading"])
def test_what_judges_takes_no_gpu_that_others_use(room: str) -> None:
    code = f"import {room}, os; print(repr(os.environ['CUDA_VISIBLE_DEVICES']))"
    environment = {**os.environ, "CUDA_VISIBLE_DEVICES": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout == "''\n"
