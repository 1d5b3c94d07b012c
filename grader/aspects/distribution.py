"""Probabilities that a function makes of logits: one for each, and all of them together 1."""

from __future__ import annotations

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return (Step("apply"),)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = np.asarray(expected[0].value), actual[0].value
    if got is None:
        return Verdict("The function returns nothing: does it end with `return`?", want, got)
    got = np.asarray(got)
    if got.shape != want.shape or got.dtype.kind not in "fiu":
        return Verdict("The function does not give one probability for each logit.", want, got)
    if same(want, got, trial.tolerance):
        return None
    if not np.all(np.isfinite(got)):
        return Verdict("The probabilities hold NaN or infinity.", want, got)
    if abs(float(got.sum()) - 1) > 1e-3:
        return Verdict("The probabilities do not sum up to 1.", want, got)
    return Verdict("The probabilities are not the right ones.", want, got)


distribution = Aspect("distribution", _steps, _judge)
