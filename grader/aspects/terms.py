"""The terms of a gradient that was derived by hand, each held against the live gradient.

A function that derives gives a dict. Each of its entries is an aspect of its own, called as the
entry is, and earns its points alone: `d_bias` may be right where `d_kernel` is not.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, same, shapes
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import TERMS


def _term(name: str) -> Aspect:
    """The aspect that judges this entry of the answer."""

    def judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
        want, answer = expected[0].value[name], actual[0].value
        if not isinstance(answer, dict):
            return Verdict("The function must return a dict with an entry for each term.")
        if answer.get(name) is None:
            return Verdict(f"Your answer has no entry `{name}`.")
        got = _as_array(answer[name])
        if shapes(want) != shapes(got):
            return Verdict(
                f"`{name}` has another shape than what it is the gradient of."
                if name.startswith("d_")
                else f"`{name}` must be one number.",
                f"shape {shapes(want)}",
                f"shape {shapes(got)}",
            )
        if not same(want, got, trial.tolerance):
            return Verdict(f"`{name}` differs from what TensorFlow gives.", want, got)
        return None

    return Aspect(name, lambda case: (Step("apply"),), judge, signature=_entry(name))


def _as_array(value: Any) -> Any:
    """A list of numbers, or of rows, as an array: a loop over channels ends with one."""
    if not isinstance(value, list):
        return value
    try:
        found = np.asarray(value)
    except ValueError:  # rows of unequal lengths
        return value
    return found if found.dtype.kind in "biuf" else value


def _entry(name: str) -> Any:
    def signature(trial: Trial, answers: list[Answer]) -> Any:
        """What two functions that do the same have in common: this entry alone."""
        return answers[0].value.get(name)

    return signature


TERM_ASPECTS = tuple(map(_term, TERMS))
