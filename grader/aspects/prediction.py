"""The answer of a *predict* function, held against the live layer."""

from __future__ import annotations

from numbers import Integral, Real
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case

_NOISE = 1e-6
"""What a float may be off a whole number by the rounding of what led to it."""


def _steps(case: Case) -> tuple[Step, ...]:
    return (Step("apply"),)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = _listed(expected[0].value), _listed(actual[0].value)
    if got is None and want is not None:
        return Verdict("The function returns nothing: does it end with `return`?", want, got)
    if _agree(want, got, trial.tolerance):
        return None
    openly = f"Keras gives {_shown(want)}, you give {_shown(got)}."
    return Verdict("The prediction does not match the layer.", want, got, openly=openly)


def _agree(want: Any, got: Any, tolerance: float) -> bool:
    """Whether two answers are the same.

    A float may come out rounded in another way. A whole number must be exact: 2.9999999999 is 3.
    """
    if isinstance(want, list) and isinstance(got, list):
        pairs = zip(want, got, strict=False)
        return len(want) == len(got) and all(_agree(w, g, tolerance) for w, g in pairs)
    if want == got:
        return True
    if not (isinstance(want, Real) and isinstance(got, float | np.floating)):
        return False
    room = _NOISE if isinstance(want, Integral) else tolerance * max(abs(float(want)), 1e-3)
    return abs(float(got) - float(want)) <= room


def _shown(value: Any) -> str:
    """A value as one would write it; a shape in round brackets, and not too long."""
    if isinstance(value, list):
        inner = ", ".join(map(_shown, value[:9]))
        text = f"({inner},)" if len(value) == 1 else f"({inner})"
    else:
        text = repr(value.item() if isinstance(value, np.generic) else value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _listed(value: Any) -> Any:
    """Tuples, lists and arrays count the same, and so do 3 and 3.0."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_listed(item) for item in value]
    return value


prediction = Aspect("prediction", _steps, _judge)
