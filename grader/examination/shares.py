"""What an aspect earns that is right for some kinds of cases and not for others.

All or nothing would make one small fault, such as a wrong default, as dear as a layer that is wrong
throughout: output, gradient and training fall together. So an aspect earns the share of the kinds
in which it is right, in each of their draws. A kind counts among the right ones only if it tells
something: where the reference gives its inputs back, no mask and no weights, a layer that knows
nothing of the matter is right too. So may one be at an edge, such as a size of 1: a case at an edge
costs where it fails, and earns nothing by itself.

Only what a layer does is shared out so. A function's answer can be guessed for half of the kinds.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.examination.attempt import Attempt
from grader.examination.idle import is_at_rest


def share(name: str, attempts: Sequence[Attempt]) -> float:
    """The share of the kinds in which this aspect is right, from 0 to 1."""
    kinds: dict[str, list[Attempt]] = {}
    for found in attempts:
        if name in found.verdicts:
            kinds.setdefault(found.expected.label, []).append(found)
    right = [all(a.verdicts[name] is None for a in draws) for draws in kinds.values()]
    if all(right):
        return 1.0
    told = [
        good and any(_tells(name, a) and not a.expected.edge for a in draws)
        for good, draws in zip(right, kinds.values(), strict=True)
    ]
    return sum(told) / (sum(told) + right.count(False))


def _tells(name: str, found: Attempt) -> bool:
    """Whether it takes something to be right in this aspect of a case."""
    if name == "mask":
        return found.expected.answers["mask"][0].value is not None
    if name == "parameters":
        return bool(found.expected.weights)
    return name not in ("output", "gradient") or not is_at_rest(found)
