"""Where wrong layers hide: edges that a case may be at, to name in `Exercise.edges`.

Each function gives one that says whether a case is at that edge: by its config, or in any of its
calls, the first and the further ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from grader.exercises.exercise import Case

Edge = Callable[[Case], bool]


def given(name: str, *values: Any) -> Edge:
    """The argument of this name has one of these values."""
    return lambda case: name in case.config and case.config[name] in values


def unequal(name: str) -> Edge:
    """The argument is a pair, or more, of numbers that differ."""
    return lambda case: len(set(_several(case.config.get(name, 1)))) > 1


def beyond(name: str, other: str) -> Edge:
    """The one argument, such as the strides, is greater than the other along some side."""

    def is_beyond(case: Case) -> bool:
        ones, others = _several(case.config.get(name, 1)), _several(case.config.get(other, 1))
        count = max(len(ones), len(others))
        pairs = zip(_as_many(ones, count), _as_many(others, count), strict=True)
        return any(one > another for one, another in pairs)

    return is_beyond


def one_sample(case: Case) -> bool:
    """A batch of 1."""
    return any(array.shape[0] == 1 for array in numbers(case))


def size_one(axis: int) -> Edge:
    """This axis of some input is of length 1."""
    return lambda case: any(
        -array.ndim <= axis < array.ndim and array.shape[axis] == 1 for array in numbers(case)
    )


def axes(count: int) -> Edge:
    """Some input has this many axes."""
    return lambda case: any(array.ndim == count for array in numbers(case))


def zeros(case: Case) -> bool:
    """A whole sample of some input is zero."""
    return any(not np.any(sample) for array in numbers(case) for sample in array)


def some_zero(case: Case) -> bool:
    """Some number of an input is zero."""
    return any(array.size and not np.all(array) for array in numbers(case))


def large(size: float) -> Edge:
    """Some input is larger than this, and some is as far below zero."""
    return lambda case: any(array.max() > size and array.min() < -size for array in numbers(case))


def all_shut(case: Case) -> bool:
    """A mask shuts everything for some sample, or for some query."""
    return any(not np.all(np.any(mask, axis=-1)) for mask in masks(case))


def shut_at(place: int) -> Edge:
    """A mask shuts this place, such as the first step, of some sample but not of all."""
    return lambda case: any(
        not mask[..., place].all() and mask[..., place].any() for mask in masks(case)
    )


def numbers(case: Case) -> Iterator[np.ndarray]:
    """The inputs of all calls, as far as they are numbers and no masks."""
    for inputs in (case.inputs, *(again.inputs for again in case.further)):
        yield from (array for array in _arrays(inputs) if array.dtype.kind in "fiu" and array.size)


def masks(case: Case) -> Iterator[np.ndarray]:
    """The masks of all calls."""
    for call in (case.call, *(again.call for again in case.further)):
        yield from (array for array in _arrays(call) if array.dtype.kind == "b")


def _arrays(value: Any) -> Iterator[np.ndarray]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _arrays(item)
    elif isinstance(value, np.ndarray):
        yield value


def _several(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, list | tuple) else (value,)


def _as_many(values: Sequence[Any], count: int) -> Sequence[Any]:
    return values if len(values) == count else tuple(values) * count
