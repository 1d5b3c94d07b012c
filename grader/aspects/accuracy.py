"""Accuracy of a trained network, on images that it has never seen and labels that it never gets.

The network gets ink from 0 to 1, and once more from 0 to 16, which only tells what went wrong. It
must read by what it learned: with the numbers within each trained weight shuffled it must not be
able to read any more.
`facts` of the case hold the `labels`, and the `least` share of them that must be right.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case

_SAYS = {
    "shape": "The network does not give ten scores for each image.",
    "not numbers": "The network's scores hold NaN or infinity.",
    "ink": "The network is not right often enough: it expects pixels on another scale.",
    "order": "The network is not right often enough: it tells the digits apart, but gives them "
    "other labels.",
    "guesses": "The network is hardly better than a guess.",
    "weak": "The network is not right often enough.",
    "untrained": "The network reads the digits, but no layer of your own in it has trainable "
    "weights: it has not learned that.",
    "unused": "The network reads the digits, but does not use its weights: it is right just as "
    "often after the numbers in each weight are shuffled.",
}
_GUESS = 0.3
_STILL_READS = 0.8
"""A share that no network reaches whose weights were shuffled."""
_FEW = 200
"""Images for that: enough to tell, and quick."""


def _steps(case: Case) -> tuple[Step, ...]:
    louder = replace(case, inputs=16 * case.inputs)
    few = replace(case, inputs=case.inputs[:_FEW])
    return ask(case, "call"), ask(louder, "call"), ask(few, "learned")


def _share(scores: np.ndarray, labels: np.ndarray) -> float:
    return float(np.mean(np.argmax(scores, axis=1) == labels))


def _symptom(trial: Trial, answers: list[Answer]) -> str:
    """What is wrong with the answers, in a word; empty where enough of them are right."""
    labels, least = trial.case.facts["labels"], trial.case.facts["least"]
    scores, louder = (np.asarray(answer.value) for answer in answers[:2])
    if scores.shape != (len(labels), 10) or scores.dtype.kind not in "fiu":
        return "shape"
    if not np.all(np.isfinite(scores)):
        return "not numbers"
    if _share(scores, labels) >= least:
        return _reads_by_heart(answers[2].value, labels)
    if louder.shape == scores.shape and _share(louder, labels) >= least:
        return "ink"
    chosen = np.argmax(scores, axis=1)
    names = [np.argmax(np.bincount(labels[chosen == unit], minlength=10)) for unit in range(10)]
    if len(set(names)) == 10 and np.mean(np.take(names, chosen) == labels) >= least:
        return "order"
    return "guesses" if _share(scores, labels) < _GUESS else "weak"


def _reads_by_heart(learned: Any, labels: np.ndarray) -> str:
    """The symptom of a network that reads well and did not learn it."""
    if not learned["trained"]:
        return "untrained"
    shuffled = np.nan_to_num(np.asarray(learned["shuffled"]))
    if shuffled.shape != (len(labels[:_FEW]), 10):
        return ""
    return "unused" if _share(shuffled, labels[:_FEW]) >= _STILL_READS else ""


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    symptom = _symptom(trial, actual)
    if not symptom:
        return None
    labels, least = trial.case.facts["labels"], trial.case.facts["least"]
    scores = np.asarray(actual[0].value)
    if symptom == "shape":
        return Verdict(_SAYS[symptom], f"shape {(len(labels), 10)}", f"shape {scores.shape}")
    if symptom in ("untrained", "unused"):
        return Verdict(_SAYS[symptom])
    share = _share(scores, labels)
    return Verdict(_SAYS[symptom], f"right on at least {100 * least:g}%", f"right on {share:.1%}")


def _signature(trial: Trial, answers: list[Answer]) -> Any:
    """Two networks are wrong in the same way where they show the same symptom."""
    return _symptom(trial, answers)


accuracy = Aspect("accuracy", _steps, _judge, signature=_signature)
