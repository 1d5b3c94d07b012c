"""`trainable = False`: the layer works as at inference even in training, and keeps its weights.

Keras hands `training=True` on to a frozen layer all the same: the layer itself must look. It is
held against its own answers, so that a slip elsewhere does not cost this aspect too.
"""

from __future__ import annotations

from dataclasses import replace

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    train = ask(replace(case, call={**case.call, "training": True}), "call")
    infer = ask(replace(case, call={**case.call, "training": False}), "call")
    return Step("values"), infer, Step("freeze"), train, Step("values")


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    before, infer, _, frozen, after = (answer.value for answer in actual)
    if not same(infer, frozen, trial.tolerance):
        return Verdict(
            "With trainable = False a training call gives another output than inference.",
            infer,
            frozen,
        )
    for weight, old, new in zip(trial.their_weights, before, after, strict=True):
        if not same(old, new, trial.tolerance):
            message = f"With trainable = False a training call still changes {weight.name}."
            return Verdict(message, old, new)
    return None


frozen = Aspect("frozen", _steps, _judge, dear=True)
