"""The answer of a *predict* function, held against the live layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return (Step("apply"),)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = _listed(expected[0].value), _listed(actual[0].value)
    if got is None and want is not None:
        return Verdict("The function returns nothing: does it end with `return`?", want, got)
    if want == got:
        return None
    openly = f"Keras gives {_shown(want)}, you give {_shown(got)}."
    return Verdict("The prediction does not match the layer.", want, got, openly=openly)


def _shown(value: Any) -> str:
    """A value as one would write it; a shape in round brackets, and not too long."""
    if isinstance(value, list):
        inner = ", ".join(map(_shown, value[:9]))
        text = f"({inner},)" if len(value) == 1 else f"({inner})"
    else:
        text = repr(value)
    return text if len(text) <= 80 else f"{text[:79]}…"


def _listed(value: Any) -> Any:
    """Tuples, lists and arrays count the same, and so do 3 and 3.0."""
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return [_listed(item) for item in value]
    return value


prediction = Aspect("prediction", _steps, _judge)
