"""What a layer gives on a case as its weights are given in one way after another.

To call a block is a hundred small operations, and there may be dozens of ways. So the layer is
called with the first few of them, and traced once for the rest. What is traced counts only where
it gives the same as a call: a layer may do one thing in a call and another one in a graph.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import ask, same
from grader.bench.probe import Script, Step, Subject
from grader.exercises.exercise import Case

Values = Sequence[np.ndarray | None]
"""What each weight gets, in the layer's own order; None leaves one as it is."""
_AT_ONCE = 8


def outputs_by_way(
    subject: Subject, case: Case, ways: Iterable[Values], tolerance: float
) -> Iterator[Any]:
    """One output for each way, None where the layer fails; nothing is asked before it is wanted."""
    rest = iter(ways)
    first = list(itertools.islice(rest, _AT_ONCE))
    called = _called(subject, case, first)
    yield from called
    many = list(rest)
    if not many:
        return
    traced = _traced(subject, case, [first[-1], *many])
    if traced and _agree(called[-1], traced[0], tolerance):
        yield from traced[1:]
        return
    for start in range(0, len(many), _AT_ONCE):
        yield from _called(subject, case, many[start : start + _AT_ONCE])


def _agree(one: Any, other: Any, tolerance: float) -> bool:
    try:
        return one is not None and same(one, other, tolerance)
    except (AttributeError, OverflowError, TypeError, ValueError):
        return False  # a student's process may answer anything


def _called(subject: Subject, case: Case, ways: Sequence[Values]) -> list[Any]:
    """Of one layer that is called again and again: to build it takes long."""
    call = ask(case, "call")
    tries = [(Step("assign", {"values": list(values)}), call) for values in ways]
    steps = (call, *itertools.chain(*tries))
    return [answer.value for answer in subject.run(Script(case.config, steps))[2::2]]


def _traced(subject: Subject, case: Case, ways: Sequence[Values]) -> list[Any]:
    """Of a layer that is traced; nothing where that fails, or gives no list of so many."""
    call = ask(case, "call")
    trace = replace(call, ask="outputs", args={**call.args, "ways": [list(v) for v in ways]})
    found = subject.run(Script(case.config, (call, trace)))[-1].value
    return found if isinstance(found, list) and len(found) == len(ways) else []
