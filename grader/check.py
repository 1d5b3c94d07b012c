"""`check`: what a student calls under an exercise, and what a test cell holds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from grader.examination.examine import examine

SHOWN: dict[str, str] = {}
"""The headline of the last card of each exercise in this process, for `progress`."""


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
    SHOWN[report.exercise] = report.headline
    put_on_page(report)
    if not report.passed:
        raise CheckFailed(report.headline)


def put_on_page(thing: Any) -> None:
    """Show a card or the like: in a notebook as HTML, in plain Python as text."""
    if get_ipython() is None:  # display() would print a repr
        print(thing)
    else:
        display(thing)
