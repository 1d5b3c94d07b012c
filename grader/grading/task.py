"""The grading of one notebook, as a pure task: it can be done in any process, on any machine.

The student's cells are run in a `Session`, another process. A test cell that holds only `check`
calls is not executed anywhere: its calls are read, the student's layers are probed through the
session, and the cards and points become the cell's outputs. Anything else that is graded (an
instructor's own asserts) runs in the session, as nbgrader would run it, and says so.

There are up to two sessions. One runs all cells, is asked about the visible cases meanwhile and
about the hidden ones afterwards. Where a later cell may have changed an answer, another session
runs the cells once more, up to the test cell, and is asked there. What it prints, nobody sees. The
layers that a student's test judges stand in a further one, without any code of the student's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from grader.sandbox.limits import Limits

Outputs = list[dict[str, Any]]


@dataclass(frozen=True)
class Graded:
    """What grading gives: the outputs of each cell, and what the instructor is to know.

    `met` are the limits that were met and the processes that were lost; `tampered` is what the
    submission did to the grader; `trouble` is what is no doing of the submission's.
    """

    outputs: tuple[Outputs, ...]
    met: tuple[str, ...] = ()
    tampered: tuple[str, ...] = ()
    trouble: tuple[str, ...] = ()


class NotGraded(Exception):
    """Why a notebook could not be graded, in one line for the instructor."""


@dataclass(frozen=True)
class Cell:
    """A code cell: a test cell if it has a `grade_id`. `skip` tells that it need not run."""

    source: str
    grade_id: str = ""
    points: float = 0.0
    skip: bool = False


@dataclass(frozen=True)
class Task:
    """All that grading a notebook needs. `seed` is that of the hidden cases."""

    unit: str
    cells: tuple[Cell, ...]
    seed: int
    limits: Limits
    confined: bool = True
