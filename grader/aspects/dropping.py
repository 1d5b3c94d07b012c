"""Layers that drop at random, judged by exact structure: no random number is compared.

The case says what must hold: `facts = {"rate": r, "together": axes}`, where `together` are the
axes along which values are dropped all or none (none for Dropout, rows and columns for
SpatialDropout2D); with `"compiled": True` the layer is called in a compiled function as well, as
in `fit`. With `"crowd": inputs` it is called twelve times instead of two, and once with these
further inputs, which want many coins. The inputs must hold no zero.

All but the rules of chance are exact: what is kept is scaled by 1 / (1 - rate) to the last digit,
which groups fall together, that two calls, and two samples, lose different values. (A right layer
breaks one of them only where two masks of hundreds of coins fall alike.) With a rate of 0 the
outputs are the inputs. The rules of chance are in `coins`: each accuses a right layer with a
probability below 2e-8, so a whole check, of some twenty such judgements, does so in less than one
of a million runs. Factor and share together bound the expectation.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.aspects.coins import is_near, odd_places, tied_pairs
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case

MANY_CALLS = 12
"""Training calls where there is a crowd: enough that their counts cannot all be equal by chance."""


def _steps(case: Case) -> tuple[Step, ...]:
    training = replace(case, call={**case.call, "training": True})
    train = ask(training, "call")
    infer = ask(replace(case, call={**case.call, "training": False}), "call")
    plain = ask(replace(case, call={}), "call")
    more = [ask(training, "compiled")] if case.facts.get("compiled") else []
    if "crowd" in case.facts:
        more.append(ask(replace(training, inputs=case.facts["crowd"]), "call"))
    return (*[train] * _calls(case), infer, plain, *more)


def _calls(case: Case) -> int:
    return MANY_CALLS if "crowd" in case.facts else 2


def signature(trial: Trial, answers: list[Answer]) -> Mapping[str, Any]:
    """What a dropping layer does, without its random numbers; equal for layers that do the same."""
    facts, inputs = trial.case.facts, np.asarray(trial.case.inputs)
    outputs = [np.asarray(part) for answer in answers for part in _listed(answer.value)]
    crowd = [outputs.pop()] if "crowd" in facts else []
    if any(output.shape != inputs.shape for output in outputs):
        return {"shape": "another"}
    count = _calls(trial.case)
    ratios = [output / inputs for output in outputs]
    trained, (infer, plain, *compiled) = ratios[:count], ratios[count:]
    kept = np.concatenate([part[part != 0] for part in trained])
    masks = np.stack(trained) == 0
    return {
        "drops": bool(np.any(masks)),
        "factor": _one_factor(kept),
        "share": share_of(_coins(masks), facts["rate"]),
        "same mask": _same_mask(trained),
        "same for samples": bool(np.all(masks == masks[:, :1])),
        "together": _together(masks),
        "inference": _one_factor(infer.ravel()),
        "plain call": _one_factor(plain.ravel()),
        "same mask compiled": _same_mask(compiled),
        **(_of_many(masks, crowd[0], facts) if crowd else {}),
    }


def _of_many(masks: np.ndarray, crowd: np.ndarray, facts: Mapping[str, Any]) -> dict[str, Any]:
    """What only many coins show."""
    fell = [int(np.count_nonzero(mask)) for mask in _coins(masks)]
    if crowd.shape != facts["crowd"].shape:
        return {"crowd": "another shape"}
    coins, rate = _coins((crowd == 0)[None])[0], facts["rate"]
    share = share_of(coins, rate)
    if share != "rate":  # then nothing else of it is right
        return {"share of many": share}
    return {
        "counted": max(fell) - min(fell) <= 1,
        "odd": odd_places(coins, rate),
        "tied": tied_pairs(coins, rate),
    }


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _same_mask(outputs: list[np.ndarray]) -> bool:
    """Whether two calls drop the same values."""
    masks = [(output == 0).tobytes() for output in outputs]
    return len(set(masks)) < len(masks)


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
    fell = int(np.count_nonzero(coins))
    if is_near(fell, coins.size, rate):
        return "rate"
    return "1 - rate" if is_near(fell, coins.size, 1 - rate) else "neither"


def _together(masks: np.ndarray) -> list[int]:
    """The axes of the inputs along which values fall all or none; the batch is no such axis."""
    axes = range(2, masks.ndim)
    return [axis - 1 for axis in axes if np.all(masks == masks.take([0], axis))]


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    seen, facts = signature(trial, actual), trial.case.facts
    if "shape" in seen:
        return Verdict("The output has another shape than the input.")
    if not facts["rate"]:
        return _untouched(trial, actual)
    return _kept_and_dropped(seen, facts, actual) or _from_call_to_call(seen) or _among_many(seen)


def _untouched(trial: Trial, actual: list[Answer]) -> Verdict | None:
    for answer in actual:
        if not same(trial.case.inputs, answer.value, trial.tolerance):
            says = "With a rate of 0 nothing should be dropped: the outputs must equal the inputs."
            return Verdict(says, trial.case.inputs, answer.value)
    return None


def _among_many(seen: Mapping[str, Any]) -> Verdict | None:
    """What many coins show: each falls by itself, with the same chance, and none is counted."""
    if seen.get("crowd"):
        return Verdict("Called again with more inputs, the layer gives an output of another shape.")
    if seen.get("counted"):
        return Verdict(
            "Every training call drops the same number of values. Each value should be dropped "
            "independently, so the number should vary from call to call."
        )
    if seen.get("share of many", "rate") != "rate":
        return Verdict("With many values, the share that is dropped in training is not rate.")
    if seen.get("odd"):
        return Verdict(f"Some values are dropped too rarely or too often: {seen['odd']}.")
    if seen.get("tied"):
        return Verdict(f"Some values are not dropped independently: {seen['tied']}.")
    return None


def _kept_and_dropped(
    seen: Mapping[str, Any], facts: Mapping[str, Any], actual: list[Answer]
) -> Verdict | None:
    """What a single training call does."""
    if not seen["drops"]:
        return Verdict("In training nothing is dropped.")
    if seen["together"] != list(facts["together"]):
        groups = (_groups(facts["together"]), _groups(seen["together"]))
        return Verdict("The wrong groups of values are dropped together.", *groups)
    want = 1 / (1 - facts["rate"])
    if not _is_factor(want, seen["factor"]):
        words = (f"x {want:.4g}", _factor(seen["factor"]))
        return Verdict("In training the kept values have the wrong scale.", *words)
    if seen["share"] != "rate":
        shares = (f"near {facts['rate']:.0%} dropped", f"{_dropped(actual):.0%} dropped")
        return Verdict("In training the share that is dropped is not rate.", *shares)
    return None


def _from_call_to_call(seen: Mapping[str, Any]) -> Verdict | None:
    """What differs between calls, samples and modes."""
    if seen["same mask"]:
        return Verdict("Every training call drops the same values.")
    if seen["same for samples"]:
        return Verdict("Every sample of the batch loses the same values.")
    for mode, says in (
        ("inference", "At inference the output is not equal to the input."),
        ("plain call", "A call without the training argument does not count as inference."),
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
