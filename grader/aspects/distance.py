"""Scores that depend on the distance of two places only, and lengths that stay.

That is what makes a rotation of a position: it is judged by the layer's own answers, as a property,
and the reference is not asked. A text begins at place 0, then further on; then every place holds
the same vector, so that nothing but the distance is left to make scores differ.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same, shapes
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case

SHIFT = 37
"""By so many places query and key are moved together."""


def _steps(case: Case) -> tuple[Step, ...]:
    return _from(case, 0), _from(case, SHIFT), _from(replace(case, inputs=_alike(case)), 0)


def _from(case: Case, start: int) -> Step:
    return ask(replace(case, call={**case.call, "start_index": start}), "call")


def _alike(case: Case) -> np.ndarray:
    """Inputs with the first place's vectors at all places."""
    inputs = np.asarray(case.inputs)
    return np.broadcast_to(inputs[:, :1], inputs.shape).copy()


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    inputs = np.asarray(trial.case.inputs)
    if any(not _is_like(inputs, answer.value) for answer in actual):
        return Verdict("There are no scores to look at: the output has not the inputs' shape.")
    first, moved, alike = (np.asarray(answer.value, "float64") for answer in actual)
    for output in (first, moved):
        lengths = np.linalg.norm(inputs, axis=-1), np.linalg.norm(output, axis=-1)
        if not same(*lengths, trial.tolerance):
            return Verdict("The vectors become longer or shorter.", *lengths)
    if not same(_scores(first), _scores(moved), trial.tolerance):
        says = "Query and key move on by the same number of places, and their scores change."
        return Verdict(says, _scores(first), _scores(moved))
    return _by_distance(_scores(alike), trial.tolerance)


def _is_like(inputs: np.ndarray, output: Any) -> bool:
    return bool(shapes(output) == inputs.shape and np.asarray(output).dtype.kind in "biuf")


def _scores(output: np.ndarray) -> np.ndarray:
    """Every place as a query with every place as a key: (batch, heads, places, places)."""
    heads = output.reshape(*output.shape[:2], -1, output.shape[-1])
    return np.einsum("bqhd,bkhd->bhqk", heads, heads)


def _by_distance(scores: np.ndarray, tolerance: float) -> Verdict | None:
    """Of a vector that is the same everywhere: equal distances, equal scores, and no others."""
    if not same(scores[..., :-1, :-1], scores[..., 1:, 1:], tolerance):
        return Verdict("Two pairs of places that are equally far apart have different scores.")
    if same(scores[..., 0, :], scores[..., :1, 0] + 0 * scores[..., 0, :], tolerance):
        return Verdict("The scores do not depend on the distance at all.")
    return None


distance = Aspect("distance", _steps, _judge)
