"""The values that a new layer's weights start from, where they do not come by chance."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return ask(case, "start"), ask(case, "start")


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    once, again = (answer.value for answer in expected)
    placed = trial.to_reference(actual[0].value)
    for weight, want, other, got in zip(trial.reference_weights, once, again, placed, strict=True):
        if np.array_equal(want, other) and (got is None or not same(want, got, trial.tolerance)):
            says = f"A new layer starts with other values in {weight.name}."
            return Verdict(says, want, got, by_weights=True)
    return None


def signature(trial: Trial, answers: list[Answer]) -> list[Any]:
    """The starting values in the reference's order, and those that come by chance as just that."""
    once, again = (trial.to_reference(answer.value) for answer in answers)
    return [
        value if value is None or np.array_equal(value, other) else "random"
        for value, other in zip(once, again, strict=True)
    ]


start = Aspect("start", _steps, _judge, dear=True, signature=signature)
