"""The tokens that a function writes with a model that it is given."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return (Step("write"),)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = tokens(expected[0].value["tokens"]) or [], tokens(actual[0].value["tokens"])
    if got is None:
        return Verdict("The function does not return a list of tokens.", want, got)
    if got == want:
        return None
    if got[: len(want)] == want:
        return Verdict("The tokens are right, but it writes on.", want, got)
    if got == want[: len(got)]:
        return Verdict("The tokens are right, but some are missing at the end.", want, got)
    return Verdict(
        "It writes other tokens than the model does when it is given the whole text each time.",
        want,
        got,
    )


def tokens(value: Any) -> list[int] | None:
    """A list of whole numbers, also where they are arrays; None for anything else."""
    if not isinstance(value, list | tuple | np.ndarray):
        return None
    numbers = [np.asarray(item) for item in value]
    if any(number.size != 1 or number.dtype.kind not in "iu" for number in numbers):
        return None
    return [int(number.reshape(())) for number in numbers]


def _signature(trial: Trial, answers: list[Answer]) -> Any:
    return answers[0].value["tokens"]


text = Aspect("text", _steps, _judge, signature=_signature)
