"""Training mode against inference: two training calls, what they leave behind, and a last look."""

from __future__ import annotations

from dataclasses import replace

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.exercise import Case
from grader.probe import Answer, Step


def _steps(case: Case) -> tuple[Step, ...]:
    train = ask(replace(case, call={**case.call, "training": True}), "call")
    infer = ask(replace(case, call={**case.call, "training": False}), "call")
    return train, Step("values"), train, Step("values"), infer


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = [a.value for a in expected], [a.value for a in actual]
    if not same(want[0], got[0], trial.tolerance):
        return Verdict("The output in training mode is not that of Keras's layer.", want[0], got[0])
    for index in (1, 3):
        placed = trial.to_reference(got[index])
        for weight, w, g in zip(trial.reference_weights, want[index], placed, strict=True):
            if g is None or not same(w, g, trial.tolerance):
                return Verdict(f"A training call leaves another value in {weight.name}.", w, g)
    if not same(want[4], got[4], trial.tolerance):
        return Verdict("The output at inference after training calls differs.", want[4], got[4])
    return None


training = Aspect("training", _steps, _judge, dear=True)
