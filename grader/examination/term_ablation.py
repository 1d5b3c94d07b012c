"""Where no wrong idea has a name: which part of the layer is wrong, term by term, gate by gate.

A weight that is set to zero takes its term out of the layer. Where the outputs agree without one
term, and only without that one, the fault is where it comes in. In the same way one gate of a
recurrent cell is silenced: its columns are set to zero in all weights at once. What a gate lets
through may be silenced instead of the gate, so two may agree: the first of them is the gate.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from grader.aspects.aspect import Verdict, ask, same, shapes
from grader.bench.probe import Answer, Script, Step, Subject
from grader.bench.subject import LocalSubject
from grader.examination.attempt import Attempt
from grader.exercises.exercise import Exercise


def wrong_term(subject: Subject, exercise: Exercise, failed: Sequence[Attempt]) -> str:
    """A sentence on the one weight, or gate, without which the output is right; else empty."""
    seen = [a for a in failed if _only_values_differ(a)]
    if not seen:
        return ""
    smallest = min(seen, key=lambda a: a.expected.case.size)
    weights = _agreeing(_without_weights(smallest), subject, exercise, smallest)
    gates = _agreeing(_without_gates(smallest, exercise.gates), subject, exercise, smallest)
    return _sentence(
        weights[0] if len(weights) == 1 else "",
        gates[0] if len(gates) in (1, 2) else "",
    )


def _sentence(weight: str, gate: str) -> str:
    if weight and gate:
        return (
            f"Without `{weight}` (set to zero) they agree, and also without gate `{gate}`: look at "
            "where that weight comes into that gate."
        )
    if weight:
        return f"Without `{weight}` (set to zero) they agree: look at where it comes in."
    if gate:
        return f"Without gate `{gate}` (its columns set to zero) they agree: look at that gate."
    return ""


def _only_values_differ(seen: Attempt) -> bool:
    verdict = seen.verdicts.get("output")
    if not isinstance(verdict, Verdict) or not verdict.is_judged:
        return False
    if None in seen.trial.assignment:
        return False
    first = (seen.expected.answers["output"][0].value, seen.answers["output"][0].value)
    if same(*first, seen.trial.tolerance):  # it is a further call that went wrong
        return False
    parts = len(seen.trial.assignment) == len(seen.expected.weights) > 1
    return parts and shapes(verdict.expected) == shapes(verdict.actual)


def _without_weights(seen: Attempt) -> dict[str, list[np.ndarray]]:
    """The weights' values by the name of the one that is zero."""
    values = seen.expected.values
    return {
        weight.name: [np.zeros_like(v) if i == index else v for i, v in enumerate(values)]
        for index, weight in enumerate(seen.expected.weights)
    }


def _without_gates(seen: Attempt, gates: Sequence[str]) -> dict[str, list[np.ndarray]]:
    """The weights' values by the name of the gate whose columns are zero."""
    found = {}
    for index, gate in enumerate(gates):
        values = [value.copy() for value in seen.expected.values]
        for value in values:
            np.split(value, len(gates), axis=-1)[index][...] = 0
        found[gate] = values
    return found


def _agreeing(
    silenced: Mapping[str, Sequence[np.ndarray]],
    subject: Subject,
    exercise: Exercise,
    seen: Attempt,
) -> list[str]:
    """The names of those values with which both give the same."""
    return [name for name, values in silenced.items() if _agrees(values, subject, exercise, seen)]


def _agrees(
    values: Sequence[np.ndarray], subject: Subject, exercise: Exercise, seen: Attempt
) -> bool:
    theirs = [part.take(values) for part in seen.trial.assignment if part is not None]
    want = _output(LocalSubject(exercise.reference), seen, values)
    got = _output(subject, seen, theirs)
    return got.fault is None and same(want.value, got.value, exercise.tolerance)


def _output(subject: Subject, seen: Attempt, values: Sequence[np.ndarray]) -> Answer:
    case = seen.expected.case
    steps = (ask(case, "call"), Step("assign", {"values": list(values)}), ask(case, "call"))
    return subject.run(Script(case.config, steps))[-1]
