"""How alike the answers of a class are, and how rare it is in this class to be so alike.

1. A piece is worth 1 if only two of the class have it, less the more have it, and nothing if half
   of the class has it or if it stands in the released text or in the model solution.
2. Two answers to an exercise are alike by what the pieces that both have are worth, as a share of
   what all pieces of the shorter one are worth. Four is added to the latter, so that two
   answers which share little are not wholly alike.
3. The number of an exercise is log2(pairs / pairs that are at least as alike): 5 means that one
   pair in 32 is. The number of two students is the sum over all exercises.
4. If nobody copied, and if how alike two are in one exercise said nothing of another one, about one
   pair of the class would lie above `Comparison.line`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from grader.likeness.handed_in import Handout, Work
from grader.likeness.parsing import MOST, parsed
from grader.likeness.pieces import Piece, pieces
from grader.likeness.prose import phrases

SHORTEST = 4.0
"""Pieces that only two have, by which an answer counts as longer than it is."""
MOST_OF_IT, LONG, MOST_SINGLE = 0.6, 12.0, 10
"""When one answer is worth a look although the pair as a whole is not: how alike, what it is worth,
and how many of these are listed."""
FEWEST = 8
"""Students with answers below whom rare and usual cannot be told apart."""
Numbers = NDArray[np.floating]


@dataclass(frozen=True)
class Alike:
    """Two answers to one exercise: `bits` is its number, `share` from 0 to 1 how alike they are,
    `worth` the shared pieces, in pieces that only two have."""

    cell: str
    bits: float
    share: float
    worth: float


@dataclass(frozen=True)
class Pair:
    """Two students by their places in the class, their number, and their exercises, the most
    alike first."""

    first: int
    second: int
    bits: float
    exercises: tuple[Alike, ...]


@dataclass(frozen=True)
class Comparison:
    """A class compared.

    `pairs` are the most alike ones; `single` are others that are alike in one long answer, which is
    all that their `exercises` hold. `compared` counts all pairs, `usual` is their median, `line`
    what only one of them would be expected to exceed. `told` says what was left out, by student;
    `rarity` what each piece is worth, by exercise; `cells` the kind of each.
    """

    works: Sequence[Work]
    pairs: tuple[Pair, ...]
    single: tuple[Pair, ...]
    compared: int
    usual: float
    line: float
    told: tuple[tuple[str, str], ...]
    rarity: Mapping[str, Mapping[str, float]]
    cells: Mapping[str, str]

    @property
    def above(self) -> int:
        """How many pairs are above the line."""
        return sum(pair.bits > self.line for pair in self.pairs)


def compare(
    works: Sequence[Work],
    handout: Handout,
    most: int = 20,
    through: Callable[[Iterable[Work]], Iterable[Work]] = iter,
) -> Comparison:
    """The `most` pairs that are most alike: at least one of the two is of this term.

    `through` hears of each work, to show how far it is.
    """
    bags, told = _read(works, handout, through)
    wanted = _pairs_of(works)
    known = _known(handout)
    total = np.zeros(wanted.shape, np.float32)
    parts: dict[str, tuple[Numbers, Numbers, Numbers]] = {}
    rarity = {}
    for cell, class_ in bags.items():
        own = [bag - known for bag in class_]
        if sum(map(bool, own)) < FEWEST:
            continue
        rarity[cell] = _rarity(own, sum(map(bool, class_)))
        share, worth = _alike(own, rarity[cell])
        parts[cell] = _bits(share, wanted), share, worth
        total += parts[cell][0]
    order = _most_alike(total, wanted, most)
    return Comparison(
        works,
        tuple(Pair(i, j, float(total[i, j]), _exercises(parts, i, j)) for i, j in order),
        tuple(_single(parts, total, wanted, frozenset(order))),
        int(wanted.sum()),
        float(np.median(total[wanted])) if wanted.any() else 0.0,
        _line(len(parts), int(wanted.sum())),
        tuple(told),
        rarity,
        handout.cells,
    )


def read_pieces(source: str, kind: str) -> tuple[list[Piece], str]:
    """The pieces of an answer, and what is to be told of it; `kind` is that of its cell."""
    if kind != "code":
        return phrases(source[:MOST]), ""
    made = parsed(source)
    try:
        return pieces(made.tree) if made.tree else [], made.trouble
    except RecursionError:
        return [], "it is nested too deeply: not compared"


def _read(
    works: Sequence[Work], handout: Handout, through: Callable[[Iterable[Work]], Iterable[Work]]
) -> tuple[dict[str, list[frozenset[str]]], list[tuple[str, str]]]:
    bags: dict[str, list[frozenset[str]]] = {cell: [] for cell in handout.cells}
    told = []
    for work in through(works):
        told += [(work.shown, words) for words in work.told]
        for cell, kind in handout.cells.items():
            found, trouble = read_pieces(work.answers.get(cell, ""), kind)
            bags[cell].append(frozenset(piece.says for piece in found))
            if trouble:
                told.append((work.shown, f"{cell}: {trouble}"))
    return bags, told


def _known(handout: Handout) -> frozenset[str]:
    """What everybody was given, and what the author wrote."""
    return frozenset(
        piece.says for source, kind in handout.sources for piece in read_pieces(source, kind)[0]
    )


def _pairs_of(works: Sequence[Work]) -> NDArray[np.bool_]:
    """Which places of the matrix are pairs: above the diagonal, not both of an earlier term."""
    old = np.array([bool(work.term) for work in works])
    return np.triu(np.ones((len(works), len(works)), bool), 1) & ~(old[:, None] & old[None])


def _rarity(class_: Sequence[frozenset[str]], students: int) -> dict[str, float]:
    """What each piece is worth."""
    have = Counter(says for bag in class_ for says in bag)
    rarest = math.log2(students / 2)
    return {
        says: min(math.log2(students / count) / rarest, 1.0) ** 3
        for says, count in have.items()
        if 2 * count <= students
    }


def _alike(
    class_: Sequence[frozenset[str]], rarity: Mapping[str, float]
) -> tuple[Numbers, Numbers]:
    """The share that the answers of each two have in common, and what it is worth."""
    have = Counter(says for bag in class_ for says in bag)
    shared = [says for says in rarity if have[says] > 1]
    column = {says: place for place, says in enumerate(shared)}
    there = np.zeros((len(class_), len(shared)), np.float32)
    for row, bag in enumerate(class_):
        there[row, [column[says] for says in bag if says in column]] = 1
    worth = (there * np.array([rarity[says] for says in shared], np.float32)) @ there.T
    own = np.array([sum(rarity.get(says, 0.0) for says in bag) for bag in class_], np.float32)
    return worth / (np.minimum(own[:, None], own[None]) + SHORTEST), worth


def _bits(share: Numbers, wanted: NDArray[np.bool_]) -> Numbers:
    """log2(pairs / pairs that are at least as alike); 0 for those that share nothing."""
    all_ = np.sort(share[wanted])
    at_least = len(all_) - np.searchsorted(all_, share, side="left")
    bits = np.log2(len(all_) / np.maximum(at_least, 1))
    return np.where(share > 0, bits, 0).astype(np.float32)


def _most_alike(total: Numbers, wanted: NDArray[np.bool_], most: int) -> list[tuple[int, int]]:
    rows, columns = np.nonzero(wanted)
    order = np.argsort(-total[rows, columns], kind="stable")[:most]
    found = [(int(rows[place]), int(columns[place])) for place in order]
    return [(i, j) for i, j in found if total[i, j] > 0]


def _single(
    parts: Mapping[str, tuple[Numbers, Numbers, Numbers]],
    total: Numbers,
    wanted: NDArray[np.bool_],
    listed: frozenset[tuple[int, int]],
) -> list[Pair]:
    """Pairs that share most of one long answer, by what it is worth."""
    found = []
    for cell, (bits, share, worth) in parts.items():
        for i, j in zip(*np.nonzero(wanted & (share >= MOST_OF_IT) & (worth >= LONG)), strict=True):
            if (int(i), int(j)) not in listed:
                one = Alike(cell, *(float(numbers[i, j]) for numbers in (bits, share, worth)))
                found.append(Pair(int(i), int(j), float(total[i, j]), (one,)))
    found.sort(key=lambda pair: -pair.exercises[0].worth * pair.exercises[0].share)
    return found[:MOST_SINGLE]


def _exercises(
    parts: Mapping[str, tuple[Numbers, Numbers, Numbers]], i: int, j: int
) -> tuple[Alike, ...]:
    found = (
        Alike(cell, *(float(numbers[i, j]) for numbers in three)) for cell, three in parts.items()
    )
    return tuple(sorted(found, key=lambda one: (-one.bits, -one.share)))


def _line(exercises: int, pairs: int) -> float:
    """What one of so many pairs is expected to exceed: the sum of as many exponential numbers, as
    the bits of pairs that are alike by chance are."""
    if not exercises or not pairs:
        return 0.0
    low, high = 0.0, 100.0 * exercises
    for _ in range(60):
        middle = (low + high) / 2
        x = middle * math.log(2)
        beyond = math.exp(-x) * sum(x**k / math.factorial(k) for k in range(exercises))
        low, high = (middle, high) if beyond > 1 / pairs else (low, middle)
    return high
