"""`compute_output_shape`, which Keras 3 does not guess where a layer is asked for it directly."""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict
from grader.exercise import Case
from grader.probe import Answer, Step


def _steps(case: Case) -> tuple[Step, ...]:
    full = tuple(case.inputs.shape)
    return (
        Step("output_shape", {"shape": full}),
        Step("output_shape", {"shape": (None, *full[1:])}),
    )


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    for want, got in zip(expected, actual, strict=True):
        if want.value != got.value:
            return Verdict("compute_output_shape gives another shape.", want.value, got.value)
    return None


compute_output_shape = Aspect("compute_output_shape", _steps, _judge)
