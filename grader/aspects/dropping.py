"""Layers that drop at random, judged by exact structure: no random number is compared.

The case says what must hold: `facts = {"rate": r, "together": axes}`, where `together` are the
axes along which values are dropped all or none (none for Dropout, rows and columns for
SpatialDropout2D). The inputs must hold no zero. Only the share of what was dropped is a matter of
chance; its bound is Hoeffding's, and a right layer fails it less than once in ten million tries.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.exercise import Case
from grader.probe import Answer, Step

_FALSE_ALARM = 1e-7


def _steps(case: Case) -> tuple[Step, ...]:
    train = ask(replace(case, call={**case.call, "training": True}), "call")
    infer = ask(replace(case, call={**case.call, "training": False}), "call")
    return train, train, infer


def signature(trial: Trial, answers: list[Answer]) -> Mapping[str, Any]:
    """What a dropping layer does, without its random numbers; equal for layers that do the same."""
    inputs, facts = np.asarray(trial.case.inputs), trial.case.facts
    outputs = [np.asarray(answer.value) for answer in answers]
    if any(output.shape != inputs.shape for output in outputs):
        return {"shape": "another"}
    first, second, infer = (output / inputs for output in outputs)
    kept = np.concatenate([part[part != 0] for part in (first, second)])
    return {
        "drops": bool(np.any(first == 0)),
        "factor": _one_factor(kept),
        "share": _share(np.stack([first == 0, second == 0]), facts),
        "same mask": bool(np.array_equal(first == 0, second == 0)),
        "same for samples": bool(np.all((first == 0) == (first[:1] == 0))),
        "together": _together(first == 0),
        "inference": _one_factor(infer.ravel()),
    }


def _one_factor(ratios: np.ndarray) -> float | str:
    """The factor that all values share, or what else they are."""
    if not ratios.size:
        return "nothing is left"
    if np.ptp(ratios) <= 1e-3 * max(float(np.abs(ratios).max()), 1e-3):
        return round(float(np.median(ratios)), 3)
    return "dropped" if np.any(ratios == 0) else "several"


def _share(dropped: np.ndarray, facts: Mapping[str, Any]) -> str:
    together = [axis + 1 for axis in facts["together"]]
    count = dropped.size / math.prod(dropped.shape[axis] for axis in together)
    bound = math.sqrt(math.log(2 / _FALSE_ALARM) / (2 * count))
    share, rate = float(dropped.mean()), facts["rate"]
    if abs(share - rate) <= bound:
        return "rate"
    return "1 - rate" if abs(share - (1 - rate)) <= bound else "neither"


def _together(dropped: np.ndarray) -> str:
    """The axes along which values fall all or none."""
    axes = range(1, dropped.ndim)
    return ",".join(str(axis) for axis in axes if np.all(dropped == dropped.take([0], axis)))


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    seen, rate = signature(trial, actual), trial.case.facts["rate"]
    if "shape" in seen:
        return Verdict("The output has another shape than the input.")
    together = ",".join(str(axis) for axis in trial.case.facts["together"])
    rules = (
        ("drops", True, "In training nothing is dropped."),
        ("together", together, "Values are dropped in other groups than they should be."),
        ("factor", 1 / (1 - rate), "In training the values that are kept have the wrong scale."),
        ("share", "rate", "In training another share is dropped than rate says."),
        ("same mask", False, "Every training call drops the same values."),
        ("same for samples", False, "Every sample of the batch loses the same values."),
        ("inference", 1.0, "At inference the output is not the input."),
    )
    for key, want, says in rules:
        got = seen[key]
        right = same(want, got, 2e-3) if isinstance(want, float) else want == got
        if isinstance(want, float) and isinstance(got, str):
            right = False
        if not right:
            return Verdict(says, want, got)
    return None


dropping = Aspect("dropping", _steps, _judge, dear=False, signature=signature)
