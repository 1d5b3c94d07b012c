"""Two wrong ideas at once: common, and looked for only where that is cheap.

One of the two must explain at least one failed case by itself; the other one, or a layer that has
both (a class derived from the two), must explain the rest.
"""

from __future__ import annotations

import functools
import inspect
import itertools
from collections.abc import Callable, Mapping
from typing import Any

from grader.exercises.exercise import Exercise, Misconception

Explains = Callable[[Misconception, int], bool]
"""Whether a wrong idea explains the failed case of this number."""

_MOST = 30
"""Layers with two ideas that are tried at most."""


def find_pair(
    exercise: Exercise, explained: Mapping[str, frozenset[int]], count: int, explains: Explains
) -> tuple[Misconception, Misconception] | None:
    """The only pair of ideas that explains all of `count` failed cases, if there is just one.

    `explained` has, for each idea by name, the cases that it explains alone.
    """
    budget = itertools.count()
    found: dict[frozenset[str], tuple[Misconception, Misconception]] = {}
    ideas = {idea.name: idea for idea in exercise.misconceptions}
    for one, other in itertools.permutations(ideas.values(), 2):
        names = frozenset((one.name, other.name))
        if names in found or not explained[one.name]:
            continue
        rest = [
            case for case in range(count) if case not in explained[one.name] | explained[other.name]
        ]
        if rest and next(budget) >= _MOST:
            break
        if _both_explain(one, other, rest, explains):
            found[names] = (one, other)
    return next(iter(found.values())) if len(found) == 1 else None


def _both_explain(
    one: Misconception, other: Misconception, cases: list[int], explains: Explains
) -> bool:
    if not cases:
        return True
    for first, second in ((one, other), (other, one)):
        both = _both(first, second)
        if both is not None and all(explains(both, case) for case in cases):
            return True
    return False


@functools.lru_cache(maxsize=1024)
def _both(first: Misconception, second: Misconception) -> Misconception | None:
    """The idea of a layer that has both ideas; None where no class can be derived from the two."""
    wrong: Any = (first.wrong, second.wrong)
    if not all(inspect.isclass(part) for part in wrong):
        return None
    try:
        made = type(f"{first.wrong.__name__}And{second.wrong.__name__}", wrong, {})
    except TypeError:  # the two have no common order of bases
        return None
    return Misconception(f"{first.name}, and {second.name}", "", "", made)
