"""Gradients of the output, to the inputs and to each weight."""

from __future__ import annotations

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.probe import Answer


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = expected[0].value, actual[0].value
    for w, g in zip(want["inputs"], got["inputs"], strict=True):
        verdict = _compare("the inputs", w, g, trial.tolerance)
        if verdict:
            return verdict
    placed = trial.to_reference(got["weights"])
    for weight, w, g in zip(trial.reference_weights, want["weights"], placed, strict=True):
        verdict = _compare(f"the weight {weight.name}", w, g, trial.tolerance)
        if verdict:
            return verdict
    return None


def _compare(
    what: str, want: np.ndarray | None, got: np.ndarray | None, tolerance: float
) -> Verdict | None:
    if got is None and want is not None and np.any(want):
        return Verdict(f"No gradient reaches {what}.", want, "None")
    if got is None or want is None or same(want, got, 10 * tolerance):
        return None
    return Verdict(f"The gradient to {what} is not that of Keras's layer.", want, got)


gradient = Aspect("gradient", lambda case: (ask(case, "gradient"),), _judge)
