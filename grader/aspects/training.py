"""Training mode against inference: two training calls, what they leave behind, and a last look.

Gradients are taken in training mode too: they must pass through the statistics of the batch. With
`facts = {"thorough": True}` the layer is called in a compiled function as well, as in `fit`, and
the values that a new layer's weights start from are judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.aspects.gradient import gradient
from grader.aspects.tolerances import TOLERANCES
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    training = replace(case, call={**case.call, "training": True})
    train = ask(training, "call")
    infer = ask(replace(case, call={**case.call, "training": False}), "call")
    slopes = ask(training, "gradient")
    alone = case.alone()
    single = Step("call", {"inputs": alone.inputs, "call": {**alone.call, "training": True}})
    thorough = case.facts.get("thorough")
    more = (ask(training, "compiled"), ask(case, "start")) if thorough else ()
    return (train, Step("values"), train, Step("values"), infer, slopes, single, *more)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = [a.value for a in expected], [a.value for a in actual]
    if not same(want[0], got[0], trial.tolerance):
        return _differs(
            "The output in training mode is not that of Keras's layer.", want[0], got[0]
        )
    for index in (1, 3):
        says = "After a training call, {} has another value than in Keras."
        verdict = _compare(trial, want[index], got[index], says)
        if verdict:
            return verdict
    if not same(want[4], got[4], trial.tolerance):
        return _differs("The output at inference differs after training calls.", want[4], got[4])
    slopes = trial.within(TOLERANCES["gradient"])
    verdict = gradient.judge(slopes, [expected[5]], [actual[5]])
    if verdict:
        return replace(verdict, message=f"In training mode: {verdict.message}")
    if not same(want[6], got[6], trial.tolerance):
        return _differs(
            "In training with a batch of one sample, the output differs from Keras's.",
            want[6],
            got[6],
        )
    if len(want) == 7:
        return None
    if not same(want[7], got[7], trial.tolerance):
        return _differs(
            "In a compiled model, as in fit, the output differs from Keras's.", want[7], got[7]
        )
    return _compare(trial, want[8], got[8], "A new layer starts with other values in {}.")


def _compare(trial: Trial, want: list[Any], got: list[Any], says: str) -> Verdict | None:
    """Hold the values of the weights against each other, in the reference's order."""
    placed = trial.to_reference(got)
    for weight, w, g in zip(trial.reference_weights, want, placed, strict=True):
        if g is None or not same(w, g, trial.tolerance):
            return _differs(says.format(weight.name), w, g)
    return None


def _differs(says: str, want: Any, got: Any) -> Verdict:
    return Verdict(says, want, got, by_weights=True)


def signature(trial: Trial, answers: list[Answer]) -> Mapping[str, Any]:
    """The answers with the weights in the reference's order, and random starts as just that."""
    train, once, again, twice, infer, slopes, _, *more = (answer.value for answer in answers)
    placed = [trial.to_reference(values) for values in (once, twice, slopes["weights"])]
    return {
        "outputs": [train, again, infer, *more[:1]],
        "values": placed,
        "gradients": slopes["inputs"],
        "start": [_start(value) for values in more[1:] for value in trial.to_reference(values)],
    }


def _start(value: np.ndarray | None) -> Any:
    if value is None:
        return None
    return round(float(value.flat[0]), 4) if np.ptp(value) == 0 else "random"


training = Aspect("training", _steps, _judge, dear=True, signature=signature)
