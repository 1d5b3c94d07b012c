"""Which values each weight of a student's layer gets: found from names and sizes, tried by output.

A correct layer may name its weights as it likes, make them in any order, and store them in another
form: a matrix the other way round, a bias as a matrix of one row, all heads side by side in one
matrix (a reshape), a weight for each gate (parts of one), a kernel with the bias as its last row
(one for several). `assignments` yields the ways in which the reference's values fit, the most
likely first; the examiner takes the first that makes the outputs equal. Where too many weights have
one shape, as in a block with three normalizations, those of one part stay together (`weight_sets`).

The numbers of the reference's weights, laid end to end, have places: 0, 1, 2 and so on. A `Part`
says which of them a student's weight holds, so each form is the same operation on places.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from grader.bench.probe import Weight
from grader.bench.weight_forms import arrangements, forms
from grader.bench.weight_sets import named_as, named_ways

_MOST = 48
"""Ways that are tried at most: enough for four weights of one shape, twice."""
_MOST_FORMS = 96
"""The same for weights in another form: enough for four gates in any order, by four layouts."""
_MOST_IN_SETS = 96
"""And where weights go in sets: six orders of three normalizations, two of their convolutions, and
eight ways to make the weights without telling names. Those that Keras names need twelve. Where one
has another form, as many ways again."""
_MOST_AXES = 8
"""A weight with more axes than this fits nothing."""
_T = TypeVar("_T")


@dataclass(frozen=True, eq=False)
class Part:
    """A student's weight holds the reference's numbers of these `places`, an array of its shape.

    It is `plain` where these are one whole weight of the reference, its axes in any order and
    axes of length 1 left out or added.
    """

    places: np.ndarray
    plain: bool = True

    def take(self, values: Sequence[np.ndarray]) -> np.ndarray:
        """The reference's values as the student's weight stores them."""
        return np.concatenate([np.ravel(value) for value in values])[self.places]


Assignment = tuple[Part | None, ...]
"""One entry for each of the student's weights; None where no reference weight fits."""
Sources = tuple[int | None, ...]
"""For each of the student's weights the number of one of the reference's, or None."""


def assignments(theirs: Sequence[Weight], reference: Sequence[Weight]) -> Iterator[Assignment]:
    """Yield ways to give the reference's weights to a student's, best first, at least one."""
    places = places_of(reference)
    in_sets = list(itertools.islice(_ways_by_sets(theirs, reference, places), _MOST_IN_SETS))
    if in_sets:
        if not any(is_whole(way, theirs, reference) for way in in_sets):
            completed = (_completed(way, theirs, reference, places) for way in in_sets)
            yield from itertools.islice(_by_turns(completed), _MOST_IN_SETS)
        yield from in_sets
        return
    ranked = _plain_ways(theirs, reference, places)
    if not is_whole(ranked[0], theirs, reference):
        yield from _other_forms(theirs, reference, places)
    yield from ranked


def places_of(reference: Sequence[Weight]) -> list[np.ndarray]:
    """For each weight of the reference the places of its numbers, in its shape."""
    ends = np.cumsum([0, *(math.prod(weight.shape) for weight in reference)])
    return [
        np.arange(start, stop).reshape(weight.shape)
        for weight, start, stop in zip(reference, ends, ends[1:], strict=False)
    ]


def sources(way: Assignment, reference: Sequence[Weight]) -> Sources:
    """For each of the student's weights the number of the reference's weight whose values it holds,
    in any form; empty where one of them holds a part of a weight, or of several."""
    own = {_ends(places): at for at, places in enumerate(places_of(reference)) if places.size}
    found = [None if part is None else own.get(_ends(part.places), -1) for part in way]
    return () if -1 in found else tuple(found)


def _ends(places: np.ndarray) -> tuple[int, ...]:
    """How many places there are, and the first and the last one."""
    return (places.size, int(places.min()), int(places.max())) if places.size else (0,)


def from_sources(
    known: Sources, theirs: Sequence[Weight], reference: Sequence[Weight]
) -> Assignment | None:
    """The way in which the weights have these sources; None where they do not fit.

    It is known from another case of the same layer. Where lengths are 1, so many weights have one
    shape that not all of their orders can be tried.
    """
    if len(known) != len(theirs):
        return None
    places = places_of(reference)
    own = [{fit.source: fit.part for fit in _fits(at, reference, places)[::-1]} for at in theirs]
    if any(at is not None and at not in parts for at, parts in zip(known, own, strict=True)):
        return None
    return tuple(None if at is None else parts[at] for at, parts in zip(known, own, strict=True))


def is_as_it_comes(way: Assignment, reference: Sequence[Weight]) -> bool:
    """Whether each weight takes the reference weight at its own place, as it is."""
    own = places_of(reference)
    return len(way) == len(own) and all(
        part is not None and np.array_equal(part.places, places)
        for part, places in zip(way, own, strict=True)
    )


def is_whole(way: Assignment, theirs: Sequence[Weight], reference: Sequence[Weight]) -> bool:
    """Whether all values of the reference are given, and every trained weight gets such values."""
    given = sum(part.places.size for part in way if part is not None)
    left = any(part is None and weight.trainable for part, weight in zip(way, theirs, strict=True))
    return not left and given == _count(reference)


def to_reference(
    way: Assignment, values: Sequence[np.ndarray | None], reference: Sequence[Weight]
) -> list[np.ndarray | None]:
    """The student's values in the reference's order and layout; None where there are none.

    Of a weight in several parts, one without a value counts as zeros: a gradient that is None.
    Raises ValueError where a value has another shape than its weight.
    """
    flat, known = np.zeros(_count(reference)), np.zeros(_count(reference), dtype=bool)
    for part, value in zip(way, values, strict=True):
        if part is None or value is None:
            continue
        if np.shape(value) != part.places.shape:
            raise ValueError("a value has another shape than its weight")
        flat[part.places], known[part.places] = value, True
    return [
        flat[places].astype("float32") if known[places].any() or not places.size else None
        for places in places_of(reference)
    ]


def _count(weights: Sequence[Weight]) -> int:
    return sum(math.prod(weight.shape) for weight in weights)


@dataclass(frozen=True, eq=False)
class _Fit:
    source: int
    part: Part


def _plain_ways(
    theirs: Sequence[Weight], reference: Sequence[Weight], places: Sequence[np.ndarray]
) -> list[Assignment]:
    """Ways in which each weight takes a whole one of the reference, best first."""
    fits = [_fits(weight, reference, places) for weight in theirs]
    wanted = [
        sum({f.source for f in other} == {f.source for f in own} for other in fits) for own in fits
    ]
    spare = [
        count > len({fit.source for fit in own}) for count, own in zip(wanted, fits, strict=True)
    ]
    ranked = sorted(
        itertools.islice(_combinations(fits, spare), 20 * _MOST),
        key=lambda way: -_score(way, theirs, reference),
    )
    return [tuple(fit.part if fit else None for fit in way) for way in ranked[:_MOST]]


def _ways_by_sets(
    theirs: Sequence[Weight], reference: Sequence[Weight], places: Sequence[np.ndarray]
) -> Iterator[Assignment]:
    """Ways in which the weights of a part stay together; none where that need not be."""
    fits = [{fit.source: fit for fit in _fits(own, reference, places)[::-1]} for own in theirs]
    sources = [set(own) for own in fits]
    plans = [named_ways(names, reference, sources) for names in named_as(theirs, reference)]
    for way in _by_turns(plans):  # likely ones first
        yield tuple(
            None if source is None else own[source].part
            for own, source in zip(fits, way, strict=True)
        )


def _by_turns(rows: Iterable[Iterable[_T]]) -> Iterator[_T]:
    """The first one of each row, then the second ones."""
    for several in itertools.zip_longest(*rows):
        yield from (one for one in several if one is not None)


def _completed(
    way: Assignment,
    theirs: Sequence[Weight],
    reference: Sequence[Weight],
    places: Sequence[np.ndarray],
) -> Iterator[Assignment]:
    """The way with what it leaves out, in another form: a kernel for each channel."""
    left = [at for at, part in enumerate(way) if part is None]
    given = {int(part.places.flat[0]) for part in way if part is not None and part.places.size}
    wanted = [at for at, own in enumerate(places) if own.size and int(own.flat[0]) not in given]
    for found in _other_forms(
        [theirs[at] for at in left],
        [reference[at] for at in wanted],
        [places[at] for at in wanted],
    ):
        parts = dict(zip(left, found, strict=True))
        yield tuple(parts.get(at, part) for at, part in enumerate(way))


def _fits(weight: Weight, reference: Sequence[Weight], places: Sequence[np.ndarray]) -> list[_Fit]:
    if len(weight.shape) > _MOST_AXES:
        return []
    fits = [
        _Fit(source, Part(form.places))
        for source, own in enumerate(places)
        for form in arrangements(own, weight.shape)
    ]
    return sorted(fits, key=lambda fit: reference[fit.source].name != weight.name)


def _combinations(
    fits: Sequence[Sequence[_Fit]], spare: Sequence[bool]
) -> Iterator[tuple[_Fit | None, ...]]:
    """Choices of one fit for each weight, no reference weight used twice; None where there is no
    other, or where more weights than one of the reference's have this form."""

    def extend(index: int, used: frozenset[int]) -> Iterator[tuple[_Fit | None, ...]]:
        if index == len(fits):
            yield ()
            return
        free: list[_Fit | None] = [fit for fit in fits[index] if fit.source not in used]
        if not free or spare[index]:
            free.append(None)
        for fit in free:
            taken = used | {fit.source} if fit else used
            for rest in extend(index + 1, taken):
                yield (fit, *rest)

    return extend(0, frozenset())


def _score(
    way: Sequence[_Fit | None], theirs: Sequence[Weight], reference: Sequence[Weight]
) -> float:
    """How likely a way is: names first, then the trainable flag and how the axes lie (where a head
    has one number, a kernel that leads into it and one out of it hold as many), then the order of
    making."""
    score = 0.0
    for index, fit in enumerate(way):
        if fit is None:
            continue
        target = reference[fit.source]
        score += 100 + 10 * (target.name == theirs[index].name)
        score += 3 * (target.trainable == theirs[index].trainable)
        score += 2 * sum(_ends_alike(target.shape, theirs[index].shape))
        score += 1 / (1 + abs(fit.source - index))
    return score


def _ends_alike(one: Sequence[int], other: Sequence[int]) -> tuple[bool, bool]:
    """Whether the first axes are equally long, and whether the last ones are."""
    return one[:1] == other[:1], one[-1:] == other[-1:]


def _other_forms(
    theirs: Sequence[Weight], reference: Sequence[Weight], places: Sequence[np.ndarray]
) -> Iterator[Assignment]:
    """Ways for weights in another form; they exist only where the numbers are as many."""
    fixed = any(not weight.trainable for weight in reference)
    own = [
        index
        for index, weight in enumerate(theirs)
        if (fixed or weight.trainable) and len(weight.shape) <= _MOST_AXES
    ]
    shapes = [theirs[index].shape for index in own]
    for found in forms(shapes, places, _MOST_FORMS):
        way: list[Part | None] = [None] * len(theirs)
        for index, taken in zip(own, found, strict=True):
            way[index] = Part(taken, plain=False)
        yield tuple(way)
