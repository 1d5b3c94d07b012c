"""`check`: what a student calls under an exercise, and what a test cell holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from grader.examine import examine
from grader.report import Report


class CheckFailed(AssertionError):
    """Something is not right yet. In a notebook it shows as one line, without a traceback."""

    def _render_traceback_(self) -> list[str]:
        return [f"CheckFailed: {self}"]


def check(
    candidate: Callable[..., Any],
    exercise: str | None = None,
    *,
    seed: int = 0,
    hidden: bool = False,
) -> None:
    """Examine a layer or a function and show the card.

    The exercise is found by the candidate's name unless it is given. With `hidden` more cases
    are drawn, and the card shows no values.

    Raises `CheckFailed` where something is wrong or not attempted yet.
    """
    report = examine(candidate, exercise, seed=seed, hidden=hidden)
    _show(report)
    if not report.passed:
        raise CheckFailed(report.headline)


def _show(report: Report) -> None:
    if get_ipython() is None:  # plain Python: display() would print a repr
        print(report)
    else:
        display(report)
