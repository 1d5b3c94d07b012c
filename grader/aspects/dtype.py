"""The dtype policy: under mixed precision the outputs are float16, the weights stay float32."""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict, ask
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case

_POLICY = "mixed_float16"


def _steps(case: Case) -> tuple[Step, ...]:
    return (ask(case, "dtypes", policy=_POLICY),)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = expected[0].value, actual[0].value
    if want["output"] != got["output"]:
        return Verdict(
            f"Under the policy {_POLICY} the output has another dtype.",
            want["output"],
            got["output"],
        )
    if set(want["weights"]) != set(got["weights"]) and got["weights"]:
        return Verdict(
            f"Under the policy {_POLICY} the weights have another dtype.",
            want["weights"],
            got["weights"],
        )
    return None


dtype = Aspect("dtype", _steps, _judge, dear=True)
