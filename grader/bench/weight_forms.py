"""The forms in which weights may be stored: reshaped, in parts, or several in one.

All works on *places* (see `weight_matching`): arrays of numbers that say where a value stands in
the reference. `forms` sorts a student's weights by shape. Each group of one shape takes one or more
whole weights of the reference, as many numbers as it holds itself. Then there are two ways to share
them out: each weight of the group is a part of one (a gate of a kernel), or holds a part of each
(the kernel of a gate with the recurrent one below it). In which order the parts come, and how the
axes lie, cannot be seen from sizes; a `_Plan` says it for all groups at once, since one who has the
forget gate first has it first everywhere.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Shape = tuple[int, ...]

_MOST_ORDERS = 24
"""Orders of the parts that are tried: all of four."""
_MOST_COVERS = 6
"""Ways to share out the weights of the reference to the groups."""
_MOST_LOOKED_AT = 24
"""Ways of which those are the likeliest."""
_LATER = 16
"""Each of these but the first has such a part of the tries to itself, if all others are used up."""
_NO_LAYOUT = 99
_MOST_JOINED = 64
"""Choices of axes along which several weights are joined."""
_MOST_SEARCHED = 2000
"""Steps of a search."""
_MOST_AXES = 6
"""Axes up to which their orders are tried: 720 of them."""
_PLAIN = 2
"""Arrangements of a rank below this only change the order of axes."""


@dataclass(frozen=True, eq=False)
class Form:
    """Places in a shape that was asked for. The lower the `rank`, the more likely the form."""

    rank: int
    places: np.ndarray


def arrangements(places: np.ndarray, shape: Shape) -> list[Form]:
    """The places in this shape with no more than their axes exchanged. Axes of length 1 are
    none."""
    core = sorted(length for length in shape if length != 1)
    if core != sorted(length for length in places.shape if length != 1):
        return []
    return [form for form in layouts(places, shape) if form.rank < _PLAIN]


def layouts(places: np.ndarray, shape: Shape) -> list[Form]:
    """The places in this shape, likely ones first; none where their number is another."""
    if places.size != math.prod(shape) or 0 in shape:
        return []
    have, core = np.squeeze(places), tuple(length for length in shape if length != 1)
    if have.shape == core:
        return [Form(0, places.reshape(shape))]
    if max(have.ndim, len(core)) > _MOST_AXES:
        return [Form(9, places.reshape(shape))]
    found = list(_joined(have, core)) if have.ndim >= len(core) else list(_split(have, core))
    found.sort(key=lambda form: form.rank)
    plain = [form for form in found if form.rank < _PLAIN]
    if not plain:
        found += [Form(98, have), Form(99, np.reshape(have, core, order="F"))]
    return [Form(form.rank, form.places.reshape(shape)) for form in plain or found]


def _joined(have: np.ndarray, core: Shape) -> Iterator[Form]:
    """The axes in any order in which neighbours can be joined to the lengths of `core`."""
    same = have.ndim == len(core)
    for axes in itertools.permutations(range(have.ndim)):
        turned = np.transpose(have, axes)
        if _joins(turned.shape, core):
            yield Form(1 if same else _PLAIN + _inversions(axes), turned.reshape(core))


def _split(have: np.ndarray, core: Shape) -> Iterator[Form]:
    """The other way round: axes that are split in such a way."""
    for axes in itertools.permutations(range(len(core))):
        turned = tuple(core[axis] for axis in axes)
        if _joins(turned, have.shape):
            placed = np.transpose(have.reshape(turned), np.argsort(axes))
            yield Form(_PLAIN + _inversions(axes), placed)


def _joins(lengths: Shape, core: Shape) -> bool:
    """Whether neighbours among the lengths, multiplied, give those of `core`."""
    wanted, product = list(core), 1
    for length in lengths:
        product *= length
        if not wanted or product > wanted[0]:
            return False
        if product == wanted[0]:
            wanted.pop(0)
            product = 1
    return not wanted and product == 1


def _inversions(axes: Sequence[int]) -> int:
    return sum(one > other for one, other in itertools.combinations(axes, 2))


@dataclass(frozen=True)
class _Plan:
    """What sizes do not tell, for all groups at once.

    `layout` chooses among the orders of axes, `order` among those of the reference's weights,
    `parts` among those of the parts; `mixed` says that the parts of one weight do not stand
    together: those of another one lie between them.
    """

    layout: int
    order: int
    parts: int
    mixed: bool


@dataclass(frozen=True, eq=False)
class _Group:
    """Weights of one shape (by their numbers), and what they take of the reference.

    `axis` is the axis along which each weight joins a part of each source; with None, each weight
    is a part of one source.
    """

    shape: Shape
    members: Sequence[int]
    sources: tuple[np.ndarray, ...]
    axis: int | None

    @functools.cached_property
    def cuts(self) -> list[list[list[np.ndarray]]] | None:
        """For each source its parts, and for each part its layouts; None where sizes forbid it."""
        found = [self._cut(source) for source in self.sources]
        cuts = [parts for parts in found if parts]
        return cuts if len(cuts) == len(found) else None

    @property
    def count(self) -> int:
        """Into how many parts a source is cut at most."""
        return max(self._count_of(source) for source in self.sources)

    def _count_of(self, source: np.ndarray) -> int:
        """Into how many parts a source is cut: there may be more heads of queries than of keys."""
        return source.size // math.prod(self.shape) if self.axis is None else len(self.members)

    def _cut(self, source: np.ndarray) -> list[list[np.ndarray]]:
        shape, count = self.shape, self._count_of(source)
        if self.axis is not None:
            across = math.prod(shape) // shape[self.axis] * count
            if source.size % across:
                return []
            shape = (*shape[: self.axis], source.size // across, *shape[self.axis + 1 :])
        return _cut(source, count, shape)

    def follow(self, plan: _Plan) -> list[np.ndarray]:
        """What the weights take by this plan, in their order."""
        assert self.cuts is not None
        if self.axis is not None and plan.mixed and len(self.members) == 1:
            joined = _interleaved(_nth_order(self.sources, plan.order), self.shape)
            if joined is not None:
                return [joined]
        rows = [
            _nth_order([found[min(plan.layout, len(found) - 1)] for found in parts], plan.parts)
            for parts in _nth_order(self.cuts, plan.order)
        ]
        if self.axis is not None:
            return [np.concatenate(several, self.axis) for several in zip(*rows, strict=True)]
        return _mixed(rows) if plan.mixed else [part for row in rows for part in row]


def _mixed(rows: Sequence[list[np.ndarray]]) -> list[np.ndarray]:
    """The first parts of all rows, then the second ones. Of a row that is twice as long as the
    shortest two come at a time: the two heads of queries that share a head of keys."""
    count = min(map(len, rows))
    steps = [math.ceil(len(row) / count) for row in rows]
    return [
        part
        for place in range(count)
        for row, step in zip(rows, steps, strict=True)
        for part in row[place * step : (place + 1) * step]
    ]


def _interleaved(sources: Sequence[np.ndarray], shape: Shape) -> np.ndarray | None:
    """Several in one, bit by bit: query, key and value of one head and then those of the next one,
    or column by column where there is no axis of heads. None where sizes forbid it."""
    first = sources[0]
    if any(own.shape[:-1] != first.shape[:-1] or own.ndim < 1 for own in sources):
        return None
    if first.ndim > len(shape):
        joined = np.concatenate(sources, -1)
    elif all(own.shape == first.shape for own in sources):
        joined = np.stack(sources, -1)
    else:
        return None
    found = layouts(joined, shape)
    return found[0].places if found else None


def _cut(source: np.ndarray, count: int, shape: Shape) -> list[list[np.ndarray]]:
    """The layouts of each of `count` equal parts of this shape, along the axis that suits best."""
    best: list[list[Form]] = []
    for axis in sorted(range(source.ndim), key=lambda axis: (source.shape[axis] != count, -axis)):
        if source.shape[axis] % count == 0:
            found = [layouts(part, shape) for part in np.split(source, count, axis)]
            if all(found) and (not best or found[0][0].rank < best[0][0].rank):
                best = found
    if not source.ndim and count == 1:
        best = [layouts(source, shape)]
    return [[form.places for form in parts] for parts in best if parts]


def _nth_order(items: Sequence[Any], number: int) -> list[Any]:
    """The items in the order of this number, of all there are; 0 leaves them as they are."""
    if number == 0:
        return list(items)
    number %= math.factorial(len(items))
    return list(next(itertools.islice(itertools.permutations(items), number, None)))


def forms(
    shapes: Sequence[Shape], places: Sequence[np.ndarray], most: int
) -> Iterator[list[np.ndarray]]:
    """Yield for all weights of these shapes the places that each takes: every place once.

    First come `most` ways at most in which all groups go by one plan, then half as many in which
    each group has an order of its own: a block may have its value before its gate, and its
    normalizations as the reference has them. Where it is not clear which of the reference's weights
    a group takes, each further possibility has some ways of its own.
    """
    if not shapes or sum(map(math.prod, shapes)) != sum(own.size for own in places):
        return
    seen: set[bytes] = set()
    for planned, count in ((_planned, most), (_apart, most // 2)):
        left = count
        for number, found in enumerate(_by_cover(shapes, places, planned)):
            allowed = count if number == 0 else max(left, count // _LATER)
            for way in itertools.islice(
                _unseen(itertools.islice(found, _MOST_SEARCHED), seen), allowed
            ):
                left -= 1
                yield way


def _unseen(found: Iterable[list[np.ndarray]], seen: set[bytes]) -> Iterator[list[np.ndarray]]:
    for parts in found:
        key = b"".join(part.tobytes() for part in parts)
        if key not in seen:
            seen.add(key)
            yield parts


def _by_cover(
    shapes: Sequence[Shape],
    places: Sequence[np.ndarray],
    planned: Callable[[Sequence[_Group]], Iterator[list[np.ndarray]]],
) -> Iterator[Iterator[list[np.ndarray]]]:
    """For each way to share out the reference's weights to the groups, what all weights take."""
    members: dict[Shape, list[int]] = {}
    for index, shape in enumerate(shapes):
        members.setdefault(shape, []).append(index)
    in_rows = _by_rows(places)
    for sources in [places] if len(in_rows) == len(places) else [places, in_rows]:
        for cover in _likely_covers(members, sources):
            yield _covered(members, cover, planned)


def _covered(
    members: Mapping[Shape, Sequence[int]],
    cover: Cover,
    planned: Callable[[Sequence[_Group]], Iterator[list[np.ndarray]]],
) -> Iterator[list[np.ndarray]]:
    choices = itertools.product(
        *(_groups(shape, members[shape], cover[shape]) for shape in members)
    )
    for groups in itertools.islice(choices, _MOST_JOINED):
        if all(group.cuts is not None for group in groups):
            yield from planned(groups)


def _by_rows(places: Sequence[np.ndarray]) -> list[np.ndarray]:
    """A bias of two rows as two biases."""
    return [part for own in places for part in (own if own.ndim == 2 and len(own) == 2 else [own])]


def _groups(shape: Shape, members: Sequence[int], sources: tuple[np.ndarray, ...]) -> list[_Group]:
    """The two ways to share out the sources, as far as numbers allow."""
    is_whole = all(source.size % math.prod(shape) == 0 for source in sources)
    axes: list[int | None] = [None] if is_whole else []
    if len(sources) > 1:
        axes += range(len(shape))
    return [_Group(shape, members, sources, axis) for axis in axes]


Cover = dict[Shape, tuple[np.ndarray, ...]]
"""For each shape of a student's weights the weights of the reference that they take."""


def _likely_covers(
    members: Mapping[Shape, Sequence[int]], sources: Sequence[np.ndarray]
) -> list[Cover]:
    """Those first whose axes lie as in the reference: a kernel that leads into heads has as many
    numbers as the one that leads out of them, and only the order of its axes tells which it is."""
    found = list(itertools.islice(_covers(members, sources), _MOST_LOOKED_AT))

    def strangeness(cover: Cover) -> int:
        return sum(_strangeness(shape, members[shape], cover[shape]) for shape in members)

    ranked = sorted(found, key=strangeness) if len(found) > 1 else found
    return ranked[:_MOST_COVERS]


def _strangeness(shape: Shape, members: Sequence[int], sources: Sequence[np.ndarray]) -> int:
    """The rank of the likeliest layouts, of whole weights or of equal parts of them."""
    parts, rest = divmod(len(members), len(sources))
    if rest:
        return _NO_LAYOUT
    return sum(_rank_of_cut(source, parts, shape) for source in sources)


def _rank_of_cut(source: np.ndarray, parts: int, shape: Shape) -> int:
    """The rank of the first part, where the source is cut as suits it best."""
    if parts == 1:
        return _rank(source, shape)
    fitting = [axis for axis in range(source.ndim) if source.shape[axis] % parts == 0]
    ranks = [_rank(np.split(source, parts, axis)[0], shape) for axis in fitting]
    return min(ranks, default=_NO_LAYOUT)


def _rank(places: np.ndarray, shape: Shape) -> int:
    """The rank of the likeliest layout."""
    found = layouts(places, shape)
    return found[0].rank if found else _NO_LAYOUT


def _covers(
    members: Mapping[Shape, Sequence[int]], sources: Sequence[np.ndarray]
) -> Iterator[Cover]:
    """Yield ways to share out the sources so that the weights of each shape get as many numbers
    as they hold."""
    steps = itertools.count()
    sizes = {shape: math.prod(shape) * len(members[shape]) for shape in members}
    wanted = sorted(sizes, key=lambda shape: -sizes[shape])

    def extend(depth: int, free: tuple[int, ...]) -> Iterator[Cover]:
        if depth == len(wanted):
            if not free:
                yield {}
            return
        for chosen in subsets(free, sizes[wanted[depth]]):
            rest = tuple(index for index in free if index not in chosen)
            for more in extend(depth + 1, rest):
                yield {wanted[depth]: tuple(sources[index] for index in chosen), **more}

    def subsets(free: tuple[int, ...], size: int) -> Iterator[tuple[int, ...]]:
        if next(steps) > _MOST_SEARCHED:
            return
        for at, index in enumerate(free):
            left = size - sources[index].size
            if left == 0:
                yield (index,)
            elif left > 0:
                for rest in subsets(free[at + 1 :], left):
                    yield (index, *rest)

    return extend(0, tuple(range(len(sources))))


def _planned(groups: Sequence[_Group]) -> Iterator[list[np.ndarray]]:
    """What all weights take, by every plan."""
    parts = max(group.count for group in groups)
    most = max(len(group.sources) for group in groups)
    may_mix = most > 1 and (parts > 1 or any(group.axis is not None for group in groups))
    for order_of_parts, order, mixed, layout in itertools.product(
        range(min(math.factorial(min(parts, 5)), _MOST_ORDERS)),
        range(min(math.factorial(min(most, 5)), _MOST_ORDERS)),
        (False, True) if may_mix else (False,),
        range(3),
    ):
        plan = _Plan(layout, order, order_of_parts, mixed)
        yield _taken(groups, [plan] * len(groups))


def _apart(groups: Sequence[_Group]) -> Iterator[list[np.ndarray]]:
    """What all weights take if each group has its own order, and none has parts."""
    counts = [math.factorial(min(len(group.sources), 5)) for group in groups]
    if sum(count > 1 for count in counts) < 2:
        return
    orders = itertools.product(*(range(min(count, _MOST_ORDERS)) for count in counts))
    for own in itertools.islice(orders, 4 * _MOST_ORDERS):
        yield _taken(groups, [_Plan(0, order, 0, mixed=False) for order in own])


def _taken(groups: Sequence[_Group], plans: Sequence[_Plan]) -> list[np.ndarray]:
    """What all weights take, each group by its plan."""
    taken: dict[int, np.ndarray] = {}
    for group, plan in zip(groups, plans, strict=True):
        taken |= zip(group.members, group.follow(plan), strict=True)
    return [taken[index] for index in range(len(taken))]
