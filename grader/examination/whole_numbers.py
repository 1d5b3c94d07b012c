"""A failing case in small whole numbers, so that it can be done on paper.

Inputs and weights are rounded, and the reference and the layer are asked again. The rounded case is
taken only where it fails as plainly: a smooth curve is flat for large numbers, and a wrong epsilon
shows in small ones only.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import leaves, same
from grader.bench.probe import Answer, Subject
from grader.examination.attempt import UNFIT, Attempt, Expected, answered, attempt
from grader.exercises.exercise import Exercise

_SIZES = ((5, 3), (2, 1))
"""The largest input and the largest weight, in turn."""
_PLAIN = 0.05
"""So much of the largest value, at the least, is the difference that a person sees."""


def in_whole_numbers(subject: Subject, exercise: Exercise, found: Attempt) -> Attempt:
    """The same kind of case in small whole numbers where it fails with them, else as it is."""
    if isinstance(found.expected.values, Mapping):
        return found  # weights that were learned, or tokens: nothing to round
    if exercise.kind != "implement" or not found.failed & {"output", "shape"}:
        return found
    for inputs, weights in _SIZES:
        expected = _rounded(exercise, found.expected, inputs, weights)
        if expected is not None:
            tried = attempt(subject, exercise, expected, found.way)
            if _fails_as_plainly(found, tried):
                return tried
    return found


@functools.lru_cache(maxsize=512)
def _rounded(exercise: Exercise, expected: Expected, inputs: int, weights: int) -> Expected | None:
    """The case in whole numbers, and what the reference says; None where it says no numbers."""
    case = expected.case
    rounded = replace(
        case,
        inputs=_whole(case.inputs, inputs),
        call=_whole(dict(case.call), inputs),
        again=(),
    )
    values = tuple(_whole(value, weights) for value in expected.values)
    aspects = tuple(name for name in ("shape", "output") if name in expected.aspects)
    answers = answered(exercise, rounded, aspects, values)
    if any(not _is_plain(answer) for answer in answers.get("output", ())):
        return None
    return replace(expected, case=rounded, aspects=aspects, values=values, answers=answers)


def _is_plain(answer: Answer) -> bool:
    numbers = [np.asarray(leaf) for leaf in leaves(answer.value)]
    return not answer.fault and all(
        part.dtype.kind in "biuf" and np.all(np.isfinite(part)) for part in numbers
    )


def _whole(value: Any, largest: int) -> Any:
    """Every array of floats as whole numbers up to the largest; only what is 0 becomes 0."""
    if isinstance(value, Mapping):
        return {key: _whole(item, largest) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_whole(item, largest) for item in value)
    if not isinstance(value, np.ndarray) or value.dtype.kind != "f" or not value.size:
        return value
    sizes = np.abs(value)
    most = sizes.max()
    if not 0 < most < np.inf:
        return value
    rounded = np.maximum(np.round(largest * sizes / most), 1)
    return (np.sign(value) * rounded).astype(value.dtype)


def _fails_as_plainly(found: Attempt, tried: Attempt) -> bool:
    if found.stopped or tried.stopped:
        return _kind_of(found.stopped) == _kind_of(tried.stopped)
    was, now = found.answers.get("output"), tried.answers.get("output")
    if not was or not now or _kind_of(was[0].fault) != _kind_of(now[0].fault):
        return False
    if now[0].fault:
        return True
    try:
        return not same(tried.expected.answers["output"][0].value, now[0].value, _PLAIN)
    except UNFIT:  # a student's process may answer anything
        return False


def _kind_of(fault: Any) -> str:
    return fault.type if fault else ""
