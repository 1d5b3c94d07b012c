"""Where no wrong idea has a name: which part of the layer is wrong, term by term, gate by gate.

A weight that is set to zero takes its term out of the layer. Where the outputs agree without one
term, and only without that one, the fault is where it comes in. In the same way one gate of a
recurrent cell is silenced: its columns are set to zero in all weights at once. What a gate lets
through may be silenced instead of the gate, so two may agree: the first of them is the gate.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.aspects.aspect import Verdict, ask, leaves, same, shapes
from grader.bench.probe import Answer, Script, Step, Subject, Weight
from grader.bench.subject import LocalSubject
from grader.examination.attempt import Attempt, in_order
from grader.exercises.exercise import Exercise

_MOST_CASES = 3
"""Failed cases, the smallest first, in each of which it must be so."""
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def wrong_term(subject: Subject, exercise: Exercise, failed: Sequence[Attempt]) -> str:
    """A sentence on the one weight, or gate, without which the output is right in all that was
    tried; else empty. So it is where the card shows something else than values that differ."""
    wrong = sorted(
        (a for a in failed if a.verdicts.get("output")), key=lambda a: a.expected.case.size
    )
    if not wrong or not _only_values_differ(wrong[0]):
        return ""
    seen = [a for a in wrong if _only_values_differ(a)][:_MOST_CASES]

    def agreeing(silenced: Silenced) -> list[int]:
        """The numbers of those terms without which both give the same, in each case."""
        numbers = list(range(len(silenced(seen[0]))))
        for one in seen:
            numbers = [n for n in numbers if _agrees(silenced(one)[n], subject, exercise, one)]
        return numbers

    weights = agreeing(_without_weights)
    gates = agreeing(lambda one: _without_gates(one, exercise.gates))
    return _sentence(
        _label(seen[0].expected.weights, weights[0]) if len(weights) == 1 else "",
        exercise.gates[gates[0]] if len(gates) in (1, 2) else "",
    )


Silenced = Callable[[Attempt], list[list[np.ndarray]]]
"""Gives, for each term, the values of the weights on this case without it."""


def _label(weights: Sequence[Weight], number: int) -> str:
    """The name of a weight of the reference, and which one it is where several have it."""
    name = weights[number].name
    alike = [index for index, weight in enumerate(weights) if weight.name == name]
    which = f"the {_ORDINALS[alike.index(number)]} " if len(alike) > 1 else ""
    return f"{which}`{name}`"


def _sentence(weight: str, gate: str) -> str:
    if weight and gate:
        return (
            f"Without {weight} (set to zero) they agree, and also without gate `{gate}`: look at "
            "where that weight is used in that gate."
        )
    if weight:
        return f"Without {weight} (set to zero) they agree: look at the place where you use it."
    if gate:
        return (
            f"Without gate `{gate}` (its columns set to zero) they agree: look at that gate, and "
            "at what it is multiplied by."
        )
    return ""


def _only_values_differ(seen: Attempt) -> bool:
    verdict = seen.verdicts.get("output")
    if not isinstance(verdict, Verdict) or not (verdict.by_weights and verdict.is_judged):
        return False
    first = (seen.expected.answers["output"][0].value, seen.answers["output"][0].value)
    if same(*first, seen.trial.tolerance):  # it is a further call that went wrong
        return False
    if isinstance(seen.expected.values, Mapping):
        return False
    several = 1 < len(seen.expected.weights) <= len(_ORDINALS)
    return several and shapes(verdict.expected) == shapes(verdict.actual)


def _without_weights(seen: Attempt) -> list[list[np.ndarray]]:
    """The values of all weights, with each in turn as zeros."""
    values = in_order(seen.expected.values)
    return [
        [np.zeros_like(v) if i == index else v for i, v in enumerate(values)]
        for index in range(len(values))
    ]


def _without_gates(seen: Attempt, gates: Sequence[str]) -> list[list[np.ndarray]]:
    """The values of all weights, with the columns of each gate in turn as zeros."""
    found = []
    for index in range(len(gates)):
        values = [value.copy() for value in in_order(seen.expected.values)]
        for value in values:
            np.split(value, len(gates), axis=-1)[index][...] = 0
        found.append(values)
    return found


def _agrees(
    values: Sequence[np.ndarray], subject: Subject, exercise: Exercise, seen: Attempt
) -> bool:
    """Whether both give the same with these values. Where the reference then gives the same for
    all samples, as a layer without its kernel gives its bias, that would tell nothing."""
    want = _output(LocalSubject(exercise.reference), seen, values)
    if want.fault or _is_alike(want.value, exercise.tolerance):
        return False
    theirs = [part.take(values) if part else None for part in seen.trial.assignment]
    got = _output(subject, seen, theirs)
    return got.fault is None and same(want.value, got.value, exercise.tolerance)


def _is_alike(output: Any, tolerance: float) -> bool:
    """Whether each part is the same for all samples. Attention over equal values gives them back,
    but for rounding."""
    parts = [np.asarray(leaf) for leaf in leaves(output) if leaf is not None]
    return all(
        part.ndim == 0 or same(np.broadcast_to(part[:1], part.shape), part, tolerance)
        for part in parts
    )


def _output(subject: Subject, seen: Attempt, values: Sequence[np.ndarray | None]) -> Answer:
    case = seen.expected.case
    steps = (ask(case, "call"), Step("assign", {"values": list(values)}), ask(case, "call"))
    return subject.run(Script(case.config, steps))[-1]
