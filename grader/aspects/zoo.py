"""What a student's test says of the layers of a zoo: right ones and wrong ones, each its own case.

A test says that a layer is wrong by False, or by an exception: an assertion, an error of its own,
or one of the layer's. It has not spoken where it is not written, was stopped at a limit, or gives
something else than True and False. `grader.examination.zoo_findings` reckons what that is worth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.aspects.aspect import Aspect, Trial, Verdict, first_fault
from grader.bench.probe import SAID, Answer, Fault, Step


def _lets_through(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    return None if actual[0].value is True else Verdict("A right layer is refused.")


def _catches(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    if actual[0].fault or actual[0].value is False:
        return None
    return Verdict("A wrong layer slips through.")


def _not_spoken(trial: Trial, answers: list[Answer]) -> Fault | None:
    """The fault, where it says nothing of the layer."""
    fault = first_fault(trial, answers)
    return fault if fault and (fault.untouched or fault.type in SAID) else None


def _says(trial: Trial, answers: list[Answer]) -> Any:
    """Two tests do the same where they say the same."""
    return answers[0].value is True


def _aspect(
    name: str, judge: Any, fault: Callable[[Trial, list[Answer]], Fault | None] = first_fault
) -> Aspect:
    """Dear: each is tried on the cases that name it, which are layers of its own side."""
    steps = (Step("judge"),)
    return Aspect(name, lambda case: steps, judge, dear=True, signature=_says, fault=fault)


lets_through = _aspect("lets_through", _lets_through)
catches = _aspect("catches", _catches, _not_spoken)
