"""Values of the output at inference, with the same weights as the reference."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same, shapes
from grader.probe import Answer


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = expected[0].value, actual[0].value
    if same(want, got, trial.tolerance):
        return None
    if shapes(want) != shapes(got):
        return Verdict("The output cannot be right: its shape differs.", want, got)
    if _has_nan(got):
        return Verdict("The output holds NaN or infinity.", want, got)
    return Verdict("The values differ from Keras's, with the same weights.", want, got)


def _has_nan(value: Any) -> bool:
    if isinstance(value, dict):
        return any(_has_nan(item) for item in value.values())
    if isinstance(value, list):
        return any(_has_nan(item) for item in value)
    return not np.all(np.isfinite(value))


output = Aspect("output", lambda case: (ask(case, "call"),), _judge)
