"""`compute_output_shape`, which Keras 3 does not guess where a layer is asked for it directly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.aspects.aspect import Aspect, Trial, Verdict
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return tuple(
        Step("output_shape", {"shape": _of(case.inputs, known)}) for known in (True, False)
    )


def _of(inputs: Any, known: bool) -> Any:
    """Shape of the inputs, or of each of several, with the batch size or without it."""
    if isinstance(inputs, Mapping):
        return {key: _of(part, known) for key, part in inputs.items()}
    if isinstance(inputs, list | tuple):
        return [_of(part, known) for part in inputs]
    return tuple(inputs.shape) if known else (None, *inputs.shape[1:])


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    for want, got in zip(expected, actual, strict=True):
        if want.value != got.value:
            return Verdict("compute_output_shape gives another shape.", want.value, got.value)
    return None


compute_output_shape = Aspect("compute_output_shape", _steps, _judge)
