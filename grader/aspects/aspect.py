"""What an aspect is: the questions that it asks of a layer, and how it judges the answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader.aspects.tolerances import Tolerance
from grader.bench.probe import Answer, Fault, Step, Weight
from grader.bench.weight_matching import Assignment, to_reference
from grader.exercises.exercise import Case


@dataclass(frozen=True)
class Trial:
    """One case with all that an aspect may need to judge it."""

    case: Case
    tolerance: float
    reference_weights: tuple[Weight, ...] = ()
    their_weights: tuple[Weight, ...] = ()
    untracked: tuple[str, ...] = ()
    assignment: Assignment = ()
    shapes_count: bool = True

    def within(self, tolerance: Tolerance) -> Trial:
        """The trial with the tolerance of an aspect."""
        return replace(self, tolerance=self.tolerance * tolerance.times)

    def to_reference(self, values: Sequence[Any]) -> list[Any]:
        """The student's values, one for each weight, in the reference's order and layout."""
        return to_reference(self.assignment, values, self.reference_weights)


@dataclass(frozen=True)
class Verdict:
    """Why an aspect failed. `message` holds no value of the case; `expected` and `actual` may.

    `by_weights` says that it holds only if the student's layer had the weights of the reference;
    where it had not, `is_judged` is False: the aspect earns nothing, and is not called wrong.
    `openly` is what to say instead where the case may be shown: it may hold values.
    """

    message: str
    expected: Any = None
    actual: Any = None
    by_weights: bool = False
    is_judged: bool = True
    openly: str = ""


def first_fault(trial: Trial, answers: list[Answer]) -> Fault | None:
    """The first fault among the answers."""
    return next((answer.fault for answer in answers if answer.fault), None)


@dataclass(frozen=True)
class Aspect:
    """One thing to judge.

    `steps` gives the questions for a case; they are asked after the weights were set.
    `judge(trial, expected, actual)` compares the reference's answers with the student's and
    gives None where all is right. Where a step failed, `fault(trial, actual)` gives the fault, and
    `judge` is not called. A `dear` aspect takes long and is tried on few kinds of case. Where
    answers are random, `signature(trial, answers)` gives what two layers that do the same have in
    common.
    """

    name: str
    steps: Callable[[Case], tuple[Step, ...]]
    judge: Callable[[Trial, list[Answer], list[Answer]], Verdict | None]
    dear: bool = False
    signature: Callable[[Trial, list[Answer]], Any] | None = None
    fault: Callable[[Trial, list[Answer]], Fault | None] = first_fault


def ask(case: Case, what: str, **more: Any) -> Step:
    """A step that takes the case's inputs and call arguments."""
    return Step(what, {"inputs": case.inputs, "call": case.call, **more})


def same(expected: Any, actual: Any, tolerance: float) -> bool:
    """Whether two answers agree: the same structure, and arrays equal except for rounding."""
    if isinstance(expected, list):
        return (
            isinstance(actual, list)
            and len(expected) == len(actual)
            and all(same(e, a, tolerance) for e, a in zip(expected, actual, strict=True))
        )
    if isinstance(expected, dict):
        return (
            isinstance(actual, dict)
            and expected.keys() == actual.keys()
            and all(same(expected[key], actual[key], tolerance) for key in expected)
        )
    if isinstance(expected, str):
        return isinstance(actual, str) and expected == actual
    if isinstance(actual, str | list | dict):
        return False
    if expected is None or actual is None:
        return expected is actual
    return _same_array(np.asarray(expected), np.asarray(actual), tolerance)


def _same_array(expected: np.ndarray, actual: np.ndarray, tolerance: float) -> bool:
    if expected.shape != actual.shape:
        return False
    if expected.dtype.kind not in "biuf" or actual.dtype.kind not in "biuf":
        return False  # such as an int that no array can hold
    if expected.size == 0:
        return True
    with np.errstate(invalid="ignore"):
        finite = np.abs(expected[np.isfinite(expected)])
        scale = max(float(finite.max(initial=0.0)), 1e-3)
        near = np.abs(actual.astype("float64") - expected) <= tolerance * scale
    alike = (actual == expected) | (np.isnan(actual) & np.isnan(expected))
    return bool(np.all(near | alike))


def shapes(value: Any) -> Any:
    """The answer's structure with each array as its shape."""
    if isinstance(value, list):
        return [shapes(item) for item in value]
    if isinstance(value, dict):
        return {key: shapes(item) for key, item in value.items()}
    return tuple(np.shape(value))


def leaves(value: Any) -> list[Any]:
    """The arrays of an answer, in the order in which they come."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]
