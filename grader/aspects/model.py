"""Use in models: Functional and Sequential give the layer's own output, and one fit step learns."""

from __future__ import annotations

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return ask(case, "call"), Step("values"), ask(case, "model")


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    own, before, got = (answer.value for answer in actual)
    for kind in ("functional", "sequential"):
        if got[kind] is not None and not same(own, got[kind], trial.tolerance):
            return Verdict(f"In a {kind.title()} model the output changes.", own, got[kind])
    for weight, old, new in zip(trial.their_weights, before, got["after"], strict=True):
        if weight.trainable and np.array_equal(old, new):
            return Verdict(
                "One step of fit does not change one of the weights.",
                "every trainable weight learns",
                f"{weight.name} does not change",
            )
    return None


model = Aspect("model", _steps, _judge, dear=True)
