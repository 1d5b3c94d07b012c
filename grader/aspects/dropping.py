"""Layers that drop at random, judged by exact structure: no random number is compared.

The case says what must hold: `facts = {"rate": r, "together": axes}`, where `together` are the
axes along which values are dropped all or none (none for Dropout, rows and columns for
SpatialDropout2D); with `"compiled": True` the layer is called in a compiled function as well, as
in `fit`. The inputs must hold no zero.

All but one of the rules are exact: what is kept is scaled by 1 / (1 - rate) to the last digit,
which groups fall together, that two calls, and two samples, lose different values. (A right layer
breaks one of them only where two masks of hundreds of coins fall alike.) The share of what was
dropped is a matter of chance. Each group is one coin; of n coins it may be away from the rate by
at most sqrt(ln(2 / p) / 2n). By Hoeffding's inequality a right layer is further away with a
probability below p = 2e-8, so a whole check, of some twelve such judgements, accuses a right layer
in less than one of a million runs. Factor and share together bound the expectation.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case

FALSE_ALARM = 2e-8
"""How often, at most, the share of a right layer lies outside its bound."""


def _steps(case: Case) -> tuple[Step, ...]:
    training = replace(case, call={**case.call, "training": True})
    train = ask(training, "call")
    infer = ask(replace(case, call={**case.call, "training": False}), "call")
    plain = ask(replace(case, call={}), "call")
    more = (ask(training, "compiled"),) if case.facts.get("compiled") else ()
    return (train, train, infer, plain, *more)


def signature(trial: Trial, answers: list[Answer]) -> Mapping[str, Any]:
    """What a dropping layer does, without its random numbers; equal for layers that do the same."""
    inputs, rate = np.asarray(trial.case.inputs), trial.case.facts["rate"]
    outputs = [np.asarray(part) for answer in answers for part in _listed(answer.value)]
    if any(output.shape != inputs.shape for output in outputs):
        return {"shape": "another"}
    first, second, infer, plain, *compiled = (output / inputs for output in outputs)
    kept = np.concatenate([part[part != 0] for part in (first, second)])
    masks = np.stack([first == 0, second == 0])
    return {
        "drops": bool(np.any(masks)),
        "factor": _one_factor(kept),
        "share": share_of(_coins(masks), rate),
        "same mask": _same_mask([first, second]),
        "same for samples": bool(np.all(masks == masks[:, :1])),
        "together": _together(masks),
        "inference": _one_factor(infer.ravel()),
        "plain call": _one_factor(plain.ravel()),
        "same mask compiled": _same_mask(compiled),
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _same_mask(outputs: list[np.ndarray]) -> bool:
    return len(outputs) == 2 and bool(np.array_equal(outputs[0] == 0, outputs[1] == 0))


def _one_factor(ratios: np.ndarray) -> float | str:
    """The factor that all values share, or what else they are."""
    if not ratios.size:
        return "nothing is left"
    if np.ptp(ratios) <= 1e-3 * max(float(np.abs(ratios).max()), 1e-3):
        return round(float(np.median(ratios)), 3)
    return "some are dropped" if np.any(ratios == 0) else "several factors"


def _coins(masks: np.ndarray) -> np.ndarray:
    """One entry for each coin: along an axis where all values fall alike there is one coin."""
    for axis in range(masks.ndim):
        first = masks.take([0], axis)
        masks = first if np.all(masks == first) else masks
    return masks


def share_of(coins: np.ndarray, rate: float) -> str:
    """What the share of coins that fell stands for: "rate", "1 - rate" or "neither"."""
    bound = math.sqrt(math.log(2 / FALSE_ALARM) / (2 * coins.size))
    share = float(coins.mean())
    if abs(share - rate) <= bound:
        return "rate"
    return "1 - rate" if abs(share - (1 - rate)) <= bound else "neither"


def _together(masks: np.ndarray) -> list[int]:
    """The axes of the inputs along which values fall all or none; the batch is no such axis."""
    axes = range(2, masks.ndim)
    return [axis - 1 for axis in axes if np.all(masks == masks.take([0], axis))]


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    seen, facts = signature(trial, actual), trial.case.facts
    if "shape" in seen:
        return Verdict("The output has another shape than the input.")
    return _kept_and_dropped(seen, facts, actual) or _from_call_to_call(seen)


def _kept_and_dropped(
    seen: Mapping[str, Any], facts: Mapping[str, Any], actual: list[Answer]
) -> Verdict | None:
    """What a single training call does."""
    if not seen["drops"]:
        return Verdict("In training nothing is dropped.")
    if seen["together"] != list(facts["together"]):
        groups = (_groups(facts["together"]), _groups(seen["together"]))
        return Verdict("Values are dropped in other groups than they should be.", *groups)
    want = 1 / (1 - facts["rate"])
    if not _is_factor(want, seen["factor"]):
        words = (f"x {want:.4g}", _factor(seen["factor"]))
        return Verdict("In training the values that are kept have the wrong scale.", *words)
    if seen["share"] != "rate":
        shares = (f"near {facts['rate']:.0%} dropped", f"{_dropped(actual):.0%} dropped")
        return Verdict("In training another share is dropped than rate says.", *shares)
    return None


def _from_call_to_call(seen: Mapping[str, Any]) -> Verdict | None:
    """What differs between calls, samples and modes."""
    if seen["same mask"]:
        return Verdict("Every training call drops the same values.")
    if seen["same for samples"]:
        return Verdict("Every sample of the batch loses the same values.")
    for mode, says in (
        ("inference", "At inference the output is not the input."),
        ("plain call", "A call without a word about training does not count as inference."),
    ):
        if not _is_factor(1.0, seen[mode]):
            return Verdict(says, "x 1", _factor(seen[mode]))
    if seen["same mask compiled"]:
        return Verdict("In a compiled model, as in fit, every step drops the same values.")
    return None


def _is_factor(want: float, seen: float | str) -> bool:
    return not isinstance(seen, str) and same(want, seen, 2e-3)


def _factor(seen: float | str) -> str:
    return seen if isinstance(seen, str) else f"x {seen:.4g}"


def _groups(axes: tuple[int, ...] | list[int]) -> str:
    if not axes:
        return "each value by itself"
    which = "axis" if len(axes) == 1 else "axes"
    return f"together along {which} {' and '.join(map(str, axes))} of the inputs"


def _dropped(answers: list[Answer]) -> float:
    return float(np.mean([np.asarray(answer.value) == 0 for answer in answers[:2]]))


dropping = Aspect("dropping", _steps, _judge, signature=signature)
