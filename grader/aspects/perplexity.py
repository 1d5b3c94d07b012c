"""Perplexity of a trained model on names that it has never seen, reckoned outside of it.

The model gives logits for the next sign at every place, and no more: softmax and logarithm are
taken here. It must not see what comes later: a copy of each name gets other letters from some place
on, and the logits before it must stay. And it must tell by what it learned: with the numbers within
each trained weight shuffled it must not be able to.
`facts` of the case hold the signs to be told (`targets`), which of them count (`counted`), from
where on a copy is changed (`changed`), and the `most` that the perplexity may be.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case

_SAYS = {
    "shape": "The model does not give a logit for each sign at each place.",
    "not numbers": "The model's logits hold NaN or infinity.",
    "future": "The logits at a place depend on letters that come later.",
    "probabilities": "The perplexity is too high: the model gives probabilities where logits are "
    "asked for.",
    "late": "The perplexity is too high: the model tells the letter that it has just read, and not "
    "the next one.",
    "guesses": "The perplexity is too high: the model knows hardly more than which letters are "
    "frequent.",
    "weak": "The perplexity is too high.",
    "untrained": "The model tells the next letters, but has no trainable weights in layers of your "
    "own: it has not learned that.",
    "unused": "The model tells the next letters, but does not use its weights: it does so just as "
    "well after the numbers in each weight are shuffled.",
}
_FEW = 80
"""Names for the question about the future, and for the shuffled weights: enough to tell."""
_NEAR = 1e-3
"""Largest difference, relative to the largest logit, that may be rounding."""
_GUESS = 1.7
"""So many times the perplexity that is asked for, and a model has learned next to nothing: single
letters, by how frequent they are, come to more."""
_STILL_TELLS = 1.35
"""So many times the perplexity that is asked for is not reached by a model whose weights were
shuffled."""


def _steps(case: Case) -> tuple[Step, ...]:
    few = replace(case, inputs=case.inputs[:_FEW])
    copies = replace(case, inputs=case.facts["copies"][:_FEW])
    return ask(case, "call"), ask(copies, "call"), ask(few, "learned")


def of(logits: np.ndarray, targets: np.ndarray, counted: np.ndarray) -> float:
    """e to the power of the mean loss over what counts."""
    row = logits.astype("float64")
    row = row - row.max(axis=-1, keepdims=True)
    row = row - np.log(np.exp(row).sum(axis=-1, keepdims=True))
    told = np.take_along_axis(row, targets[..., None], axis=-1)[..., 0]
    return float(np.exp(min(-(told * counted).sum() / counted.sum(), 700.0)))


def _symptom(trial: Trial, answers: list[Answer]) -> str:
    """What is wrong with the answers, in a word; empty where they are good enough."""
    facts = trial.case.facts
    logits = np.asarray(answers[0].value)
    if logits.shape != (*facts["targets"].shape, facts["signs"]) or logits.dtype.kind != "f":
        return "shape"
    if not np.all(np.isfinite(logits)):
        return "not numbers"
    if _sees_later(facts, logits[:_FEW], np.asarray(answers[1].value)):
        return "future"
    found = of(logits, facts["targets"], facts["counted"])
    if found <= facts["most"]:
        return _told_by_heart(trial, answers[2].value)
    with np.errstate(divide="ignore"):
        as_chances = np.log(np.maximum(logits, 1e-30))
    if logits.min() >= 0 and of(as_chances, facts["targets"], facts["counted"]) <= facts["most"]:
        return "probabilities"
    if of(logits, trial.case.inputs, np.ones_like(facts["counted"])) <= 2:
        return "late"
    return "guesses" if found > _GUESS * facts["most"] else "weak"


def _sees_later(facts: Any, plain: np.ndarray, copies: np.ndarray) -> bool:
    """Whether the logits before the first changed letter are others."""
    if plain.shape != copies.shape:
        return True
    before = np.arange(plain.shape[1]) < facts["changed"][: len(plain), None]
    gaps = np.abs(plain - copies).max(axis=-1)
    return bool(np.any(gaps[before] > _NEAR * max(float(np.abs(plain).max()), 1e-3)))


def _told_by_heart(trial: Trial, learned: Any) -> str:
    """The symptom of a model that tells the letters and did not learn it."""
    if not learned["trained"]:
        return "untrained"
    facts, shuffled = trial.case.facts, np.nan_to_num(np.asarray(learned["shuffled"]))
    targets, counted = facts["targets"][:_FEW], facts["counted"][:_FEW]
    if shuffled.shape != (*targets.shape, facts["signs"]):
        return ""
    return "unused" if of(shuffled, targets, counted) <= _STILL_TELLS * facts["most"] else ""


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    symptom = _symptom(trial, actual)
    if not symptom:
        return None
    facts, logits = trial.case.facts, np.asarray(actual[0].value)
    if symptom == "shape":
        want = (*facts["targets"].shape, facts["signs"])
        return Verdict(_SAYS[symptom], f"shape {want}", f"shape {logits.shape}")
    if symptom in ("weak", "guesses", "late", "probabilities"):
        found = of(logits, facts["targets"], facts["counted"])
        most = facts["most"]
        openly = f"{_SAYS[symptom]} It is {found:.2f}, and {most:g} is the most that counts."
        return Verdict(_SAYS[symptom], f"at most {most:g}", f"{found:.2f}", openly=openly)
    return Verdict(_SAYS[symptom])


def _signature(trial: Trial, answers: list[Answer]) -> Any:
    """Two models are wrong in the same way where they show the same symptom."""
    return _symptom(trial, answers)


perplexity = Aspect("perplexity", _steps, _judge, signature=_signature)
