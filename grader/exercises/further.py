"""Further calls of a layer that a case was tried on: the same shapes with other numbers, or others.

They cost little: no layer is built, no weights are given. `case.then(zeroed(case))` adds one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.exercises.exercise import Again, Case


def zeroed(case: Case) -> Again:
    """Inputs that are all zero."""
    return Again("inputs that are all zero", _each(case.inputs, np.zeros_like), case.call)


def enlarged(case: Case, factor: float, *, finite: bool = False) -> Again:
    """The inputs times a factor; `finite` asks for finite numbers only."""
    inputs = _each(case.inputs, lambda array: array * np.float32(factor))
    return Again("large inputs", inputs, case.call, finite)


def short(case: Case, axis: int) -> Again:
    """The first entry alone along an axis of every input, which must be called alike."""
    inputs = _each(case.inputs, lambda array: array.take([0], axis), "fiu")
    return Again(f"inputs of length 1 along axis {axis}", inputs, case.call)


def by_itself(case: Case) -> tuple[Again, ...]:
    """Numbers from small to large, of either sign, one in each call: what is wrong with the small
    outputs does not hide behind large ones. By the weights, some of them are sums of -1 to -3."""
    return tuple(
        Again("a single number", np.full_like(case.inputs[:1], sign * size), case.call)
        for size in (3, 6, 12)
        for sign in (-1, 1)
    )


def other(case: Case, what: str, inputs: Any, *, finite: bool = False, **call: Any) -> Again:
    """Inputs of one's own, and call arguments besides those of the case."""
    return Again(what, inputs, {**case.call, **call}, finite)


def _each(value: Any, change: Callable[[np.ndarray], np.ndarray], kinds: str = "f") -> Any:
    """Every array of these kinds changed: by default of floats, so that words and masks stay."""
    if isinstance(value, Mapping):
        return {key: _each(item, change, kinds) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_each(item, change, kinds) for item in value)
    fits = isinstance(value, np.ndarray) and value.dtype.kind in kinds
    return change(value) if fits else value
