"""`check`: what a student calls under an exercise, and what a test cell holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from IPython.core.getipython import get_ipython
from IPython.display import display

from grader.card.report import Report
from grader.examination.examine import examine
from grader.sharing import note_check
from grader.validating import tell_in_words, validating

SHOWN: dict[str, str] = {}
"""The headline of the last card of each exercise in this process, for `progress`."""


class CheckFailed(AssertionError):
    """Something is not right yet. In a notebook it shows as one line, without a traceback.

    Validate shows no card, so `details` follow there: what is wrong, and the idea behind it.
    """

    def __init__(self, headline: str, details: Sequence[str] = ()) -> None:
        super().__init__(headline)
        self.details = tuple(details)

    def _render_traceback_(self) -> list[str]:
        return [str(self), *self.details] if validating() else [f"CheckFailed: {self}"]


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
    if not hidden and not validating():
        note_check(report)
    if not report.passed:
        raise CheckFailed(report.headline, _details(report))


def _details(report: Report) -> list[str]:
    """What the card says first below its headline."""
    if not report.attempted and not report.given:
        return []
    wrong = ", ".join(finding.aspect for finding in report.failed)
    idea = report.diagnosis.says if report.diagnosis else ""
    return [line for line in (f"not right: {wrong}", report.crash, idea) if line]


def put_on_page(thing: Any) -> None:
    """Show a card or the like: in a notebook as HTML, in plain Python as text."""
    if get_ipython() is None:  # display() would print a repr
        print(thing)
    else:
        display(thing)


if validating() and (_shell := get_ipython()) is not None:
    tell_in_words(_shell)
