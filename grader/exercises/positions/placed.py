"""What the layers for positions share: texts of vectors, and further calls that start elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from grader.exercises.draw import Draw
from grader.exercises.edges import numbers
from grader.exercises.exercise import Case
from grader.exercises.further import other, zeroed

UNIT = "14-positions-and-heads"


def placed(
    inputs: np.ndarray, config: Mapping[str, Any] | None = None, start_index: int = 0, **call: Any
) -> Case:
    """A text of vectors that begins at a place; without a place the argument is left out."""
    if start_index:
        call["start_index"] = start_index
    return Case(config or {}, inputs, call)


def elsewhere(case: Case, draw: Draw, most: int = 30) -> Case:
    """Called again: the first place alone, but later in the text; and all places, all zero."""
    start = int(draw.random.integers(2, most))
    late = other(case, "one place, later in the text", case.inputs[:, :1], start_index=start)
    return case.then(late, zeroed(case))


def starts_late(case: Case) -> bool:
    """Some call begins at a later place than the first."""
    return any(call.get("start_index") for call in (case.call, *(a.call for a in case.further)))


def features(count: int) -> Callable[[Case], bool]:
    """Some input has this many features."""
    return lambda case: any(array.shape[-1] == count for array in numbers(case))
