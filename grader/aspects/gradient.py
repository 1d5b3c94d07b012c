"""Gradients of the output, to the inputs and to each weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.probe import Answer


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = expected[0].value, actual[0].value
    if _cut_off(trial, want["weights"], got["weights"]):
        return Verdict(
            "No gradient reaches any weight: a @tf.function on call, or .numpy() in it, does that."
        )
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


def _cut_off(trial: Trial, want: Sequence[Any], got: Sequence[Any]) -> bool:
    """Whether the layer has weights of the reference's, and no gradient reaches one of them."""
    placed = [g for part, g in zip(trial.assignment, got, strict=True) if part is not None]
    return bool(placed) and any(w is not None for w in want) and all(g is None for g in placed)


def _compare(
    what: str, want: np.ndarray | None, got: np.ndarray | None, tolerance: float
) -> Verdict | None:
    if got is None and want is not None and np.any(want):
        return Verdict(f"No gradient reaches {what}.", want, "None")
    if got is None or want is None or same(want, got, 10 * tolerance):
        return None
    return Verdict(f"The gradient to {what} is not that of Keras's layer.", want, got)


gradient = Aspect("gradient", lambda case: (ask(case, "gradient"),), _judge)
