"""Where no wrong idea has a name: which part of the layer is wrong, term by term.

A weight that is set to zero takes its term out of the layer. Where the outputs agree without one
term, and only without that one, the fault is where it comes in.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.aspects.aspect import ask, same, shapes
from grader.attempt import Attempt
from grader.exercise import Exercise
from grader.probe import Answer, Fault, Script, Step, Subject
from grader.subject import LocalSubject


def wrong_term(subject: Subject, exercise: Exercise, failed: Sequence[Attempt]) -> str:
    """A sentence on the one weight without which the output is right; empty if there is none."""
    seen = [a for a in failed if _only_values_differ(a)]
    if not seen:
        return ""
    smallest = min(seen, key=lambda a: a.expected.case.size)
    names = [
        weight.name
        for index, weight in enumerate(smallest.expected.weights)
        if _agrees_without(index, subject, exercise, smallest)
    ]
    if len(names) != 1:
        return ""
    return f"Without `{names[0]}` (set to zero) they agree: look at where it comes in."


def _only_values_differ(seen: Attempt) -> bool:
    verdict = seen.verdicts.get("output")
    if verdict is None or isinstance(verdict, Fault) or None in seen.trial.assignment:
        return False
    parts = len(seen.trial.assignment) == len(seen.expected.weights) > 1
    return parts and shapes(verdict.expected) == shapes(verdict.actual)


def _agrees_without(index: int, subject: Subject, exercise: Exercise, seen: Attempt) -> bool:
    values = list(seen.expected.values)
    values[index] = np.zeros_like(values[index])
    theirs = [part.take(values) for part in seen.trial.assignment if part is not None]
    want = _output(LocalSubject(exercise.reference), seen, values)
    got = _output(subject, seen, theirs)
    return got.fault is None and same(want.value, got.value, exercise.tolerance)


def _output(subject: Subject, seen: Attempt, values: Sequence[np.ndarray]) -> Answer:
    case = seen.expected.case
    steps = (ask(case, "call"), Step("assign", {"values": list(values)}), ask(case, "call"))
    return subject.run(Script(case.config, steps))[-1]
