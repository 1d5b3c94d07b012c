"""Which weight of a student's layer plays which part of the reference: by name, by shape, by trial.

A correct layer may name its weights as it likes, make them in any order, and even store a matrix
the other way round, or a bias as a matrix of one row. `assignments` yields the ways in which the
reference's values fit, the most likely first; the examiner takes the first that makes the outputs
equal.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from grader.bench.probe import Weight

_MOST = 48
"""Ways that are tried at the most: enough for four weights of one shape, twice."""


@dataclass(frozen=True)
class Part:
    """A student's weight takes the reference weight `source`, its axes permuted by `axes`.

    `ones` are the places where the student's weight has an axis of length 1 more.
    """

    source: int
    axes: tuple[int, ...]
    ones: tuple[int, ...] = ()

    def take(self, values: Sequence[np.ndarray]) -> np.ndarray:
        """The reference's value as the student's weight stores it."""
        return np.expand_dims(np.transpose(values[self.source], self.axes), self.ones)

    def back(self, value: np.ndarray) -> np.ndarray:
        """The student's value as the reference stores it."""
        return np.transpose(np.squeeze(value, self.ones), np.argsort(self.axes))


Assignment = tuple[Part | None, ...]
"""One entry for each of the student's weights; None where no reference weight fits."""


def assignments(theirs: Sequence[Weight], reference: Sequence[Weight]) -> Iterator[Assignment]:
    """Yield ways to give the reference's weights to a student's, best first, at least one."""
    fits = [_fits(weight, reference) for weight in theirs]
    ranked = sorted(
        itertools.islice(_combinations(fits), 20 * _MOST),
        key=lambda way: -_score(way, theirs, reference),
    )
    yield from ranked[:_MOST]


def _fits(weight: Weight, reference: Sequence[Weight]) -> list[Part]:
    parts = []
    for source, target in enumerate(reference):
        more = len(weight.shape) > len(target.shape)
        ones = tuple(i for i, length in enumerate(weight.shape) if more and length == 1)
        core = tuple(length for i, length in enumerate(weight.shape) if i not in ones)
        parts += [Part(source, axes, ones) for axes in _permutations(target.shape, core)]
    parts.sort(key=lambda part: reference[part.source].name != weight.name)
    return parts


def _permutations(have: tuple[int, ...], want: tuple[int, ...]) -> list[tuple[int, ...]]:
    if have == want:
        return [tuple(range(len(have)))]
    if sorted(have) != sorted(want):
        return []
    orders = itertools.permutations(range(len(have)))
    return [axes for axes in orders if tuple(have[axis] for axis in axes) == want]


def _combinations(fits: Sequence[Sequence[Part]]) -> Iterator[Assignment]:
    """Choices of one part for each weight, no reference weight used twice, None only if forced."""

    def extend(index: int, used: frozenset[int]) -> Iterator[Assignment]:
        if index == len(fits):
            yield ()
            return
        free = [part for part in fits[index] if part.source not in used]
        choices: list[Part | None] = [*free] or [None]
        for part in choices:
            taken = used | {part.source} if part else used
            for rest in extend(index + 1, taken):
                yield (part, *rest)

    return extend(0, frozenset())


def _score(way: Assignment, theirs: Sequence[Weight], reference: Sequence[Weight]) -> float:
    """How likely a way is: names first, then the trainable flag, then the order of making."""
    score = 0.0
    for index, part in enumerate(way):
        if part is None:
            continue
        target = reference[part.source]
        score += 100 + 10 * (target.name == theirs[index].name)
        score += 3 * (target.trainable == theirs[index].trainable)
        score += 1 / (1 + abs(part.source - index))
    return score
