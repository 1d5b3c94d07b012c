"""Gradients of the output, to the inputs and to each weight.

They are not asked for where the fact `no_gradient` stands: nobody trains through a cache, and
TensorFlow has no gradient of `keras.ops.slice_update`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case

_ROUNDING = 1e-4
"""Up to this share of the largest gradient, one may be rounding and nothing else."""


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    if not expected:
        return None
    want, got = expected[0].value, actual[0].value
    if _cut_off(trial, want["weights"], got["weights"]):
        return Verdict(
            "No gradient reaches any weight: a @tf.function on call, or .numpy() in it, does that."
        )
    noise = _ROUNDING * _largest([*want["inputs"], *want["weights"]])
    for w, g in zip(want["inputs"], got["inputs"], strict=True):
        verdict = _compare("the inputs", w, g, trial.tolerance, noise)
        if verdict:
            return verdict
    placed = trial.to_reference(got["weights"])
    for weight, w, g in zip(trial.reference_weights, want["weights"], placed, strict=True):
        verdict = _compare(f"the weight {weight.name}", w, g, trial.tolerance, noise)
        if verdict:
            return verdict
    return None


def _cut_off(trial: Trial, want: Sequence[Any], got: Sequence[Any]) -> bool:
    """Whether the layer has weights of the reference's, and no gradient reaches one of them."""
    placed = [g for part, g in zip(trial.assignment, got, strict=True) if part is not None]
    return bool(placed) and any(w is not None for w in want) and all(g is None for g in placed)


def _largest(gradients: Sequence[np.ndarray | None]) -> float:
    """The largest entry of all gradients."""
    return max((float(np.abs(g).max(initial=0.0)) for g in gradients if g is not None), default=0.0)


def _compare(
    what: str,
    want: np.ndarray | None,
    got: np.ndarray | None,
    tolerance: float,
    noise: float,
) -> Verdict | None:
    """Compare one gradient. One that is zero except for rounding, as a key's bias has, is zero."""
    if got is None and want is not None and np.any(np.abs(want) > noise):
        return Verdict(f"No gradient reaches {what}.", want, "None", by_weights=True)
    if got is None or want is None or same(want, got, tolerance):
        return None
    if want.shape == got.shape and np.all(np.abs(want) <= noise) and np.all(np.abs(got) <= noise):
        return None
    says = f"The gradient to {what} is not that of Keras's layer."
    return Verdict(says, want, got, by_weights=True)


def _steps(case: Case) -> tuple[Step, ...]:
    return () if case.facts.get("no_gradient") else (ask(case, "gradient"),)


gradient = Aspect("gradient", _steps, _judge)
