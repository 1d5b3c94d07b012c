"""Weights that belong together, such as gamma, beta and the moving statistics of a normalization.

A block with three normalizations has twelve weights of one shape: far too many orders to try all of
them. But what is in doubt is only which normalization is which, for the four weights of each stay
together: six orders. A part is known by the names that Keras gives its weights. Where a student has
made the weights by hand, under other names, they are taken to be made part by part, or kind by
kind.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from grader.bench.probe import Weight

Shape = tuple[int, ...]

_MANY = 8
"""Weights of one shape that are too many to try all their orders."""
_MOST_ORDERS = 720
"""Orders of one kind of weight that are looked at: all of six."""


def named_as(theirs: Sequence[Weight], reference: Sequence[Weight]) -> Iterator[list[str]]:
    """Yield names of the reference for a student's weights, "" where there is none: once where
    their own names tell, else by each way of making them. Nothing where all orders can be tried."""
    shape, count = (
        Counter(weight.shape for weight in reference).most_common(1)[0] if reference else ((), 0)
    )
    if count < _MANY:
        return
    in_sets = _with_the_same_shapes(shape, reference)
    shapes = {weight.shape for weight in in_sets}
    known = [_known(weight.name, reference) for weight in theirs]
    fitting = [weight.shape in shapes for weight in theirs]
    if not any(fitting):  # a row, or a picture of one pixel, for each of them
        fitting = [_without_ones(weight.shape) in shapes for weight in theirs]
    nameless = [at for at, fits in enumerate(fitting) if fits and not known[at]]
    left = [weight for weight in in_sets if weight.name not in known]
    seen: list[list[str]] = []
    for order in _orders([theirs[at].trainable for at in nameless], left):
        names = list(known)
        for at, name in zip(nameless, order, strict=True):
            names[at] = name
        if names not in seen:
            seen.append(names)
            yield names


def _with_the_same_shapes(shape: Shape, reference: Sequence[Weight]) -> list[Weight]:
    """The weights whose name one of this shape has: of all normalizations, also of the one that
    sees another number of channels."""
    names = {weight.name for weight in reference if weight.shape == shape}
    return [weight for weight in reference if weight.name in names]


def _without_ones(shape: Shape) -> Shape:
    return tuple(length for length in shape if length != 1)


def _known(name: str, reference: Sequence[Weight]) -> str:
    """The name of the reference that is in this one: "gamma" for "gamma_2"."""
    return max((own.name for own in reference if own.name in name), key=len, default="")


def _orders(trained: Sequence[bool], left: Sequence[Weight]) -> Iterator[list[str]]:
    """Names of those that are left, for weights that were made part by part or kind by kind."""
    kinds: dict[bool, list[str]] = {True: [], False: []}
    for weight in left:
        if weight.name not in kinds[weight.trainable]:
            kinds[weight.trainable].append(weight.name)
    for by_part in (True, False):
        for turned, other_turned in itertools.product((False, True), repeat=2):
            rows = {
                True: _row(kinds[True], sum(trained), by_part=by_part, turned=turned),
                False: _row(
                    kinds[False], len(trained) - sum(trained), by_part=by_part, turned=other_turned
                ),
            }
            yield [next(rows[own]) for own in trained]


def _row(names: Sequence[str], count: int, *, by_part: bool, turned: bool) -> Iterator[str]:
    """So many names in turn, or each as many times as it is needed."""
    names = list(names)[::-1] if turned else list(names)
    times = -(-count // len(names)) if names else 0
    every = names * times if by_part else [name for name in names for _ in range(times)]
    return iter([*every, *[""] * count][:count])


def named_ways(
    names: Sequence[str], reference: Sequence[Weight], fits: Sequence[Collection[int]]
) -> Iterator[list[int | None]]:
    """Yield for each of a student's weights the number of the weight of the reference that it
    takes, or None. `names` are theirs, and `fits` the numbers of those that have such a shape.

    Names that occur equally often, with the same shapes one after the other, are of the same parts:
    their orders are the same. Of all others, each finds its own.
    """
    own = {name: [at for at, other in enumerate(names) if other == name] for name in names}
    wanted = {
        name: [at for at, weight in enumerate(reference) if weight.name == name] for name in own
    }
    if "" in own:  # by their shapes alone
        wanted[""] = [at for at, weight in enumerate(reference) if weight.name not in own]
    sets: dict[tuple[object, ...], list[str]] = {}
    for name in own:
        shapes = [reference[number].shape for number in wanted[name]]
        sets.setdefault((len(own[name]), *shapes), []).append(name)
    orders = [_orders_of([(own[n], wanted[n]) for n in parts], fits) for parts in sets.values()]
    for chosen in itertools.product(*orders):
        taken = {at: number for part in chosen for at, number in part.items()}
        yield [taken.get(at) for at in range(len(names))]


def _orders_of(
    parts: Sequence[tuple[list[int], list[int]]], fits: Sequence[Collection[int]]
) -> list[dict[int, int | None]]:
    """The ways to share out the weights of a set, all of its names in the same order."""
    able = [
        at
        for at in range(len(parts[0][0]))
        if any(not set(wanted).isdisjoint(fits[own[at]]) for own, wanted in parts)
    ]
    parts = [([own[at] for at in able], wanted) for own, wanted in parts]
    theirs, numbers = parts[0]
    more: list[int | None] = [None] * max(0, len(theirs) - len(numbers))
    places = [*range(len(numbers)), *more]
    found: dict[tuple[int | None, ...], dict[int, int | None]] = {}
    for order in itertools.islice(itertools.permutations(places, len(theirs)), _MOST_ORDERS):
        way = {
            at: None if place is None else wanted[place]
            for own, wanted in parts
            for at, place in zip(own, order, strict=True)
        }
        fitting = {at: number if number in fits[at] else None for at, number in way.items()}
        found.setdefault(tuple(fitting.values()), fitting)
    most = max(sum(number is not None for number in key) for key in found)
    return [way for key, way in found.items() if sum(number is not None for number in key) == most]
