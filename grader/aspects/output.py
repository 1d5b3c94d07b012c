"""Values of the output at inference, with the same weights as the reference.

Where there are several, as a cell gives its output and its states, the first one that differs is
shown. The fact `parts` gives their names, in the order in which they come.

After the first call come further ones (`Case.further`): what a layer keeps of the first, such as
the size of the batch, spoils them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, leaves, same, shapes
from grader.bench.probe import Answer, Fault, Step
from grader.exercises.exercise import Again, Case


def _steps(case: Case) -> tuple[Step, ...]:
    further = (Step("call", {"inputs": a.inputs, "call": a.call}) for a in case.further)
    return ask(case, "call"), *further


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    wrong = _first_call(trial, expected[0].value, actual[0].value)
    if wrong:
        return wrong
    calls = zip(trial.case.further, expected[1:], actual[1:], strict=True)
    return next(
        filter(None, (_called_again(trial, a, w.value, g.value) for a, w, g in calls)), None
    )


def _first_call(trial: Trial, want: Any, got: Any) -> Verdict | None:
    if same(want, got, trial.tolerance):
        return None
    if shapes(want) != shapes(got):
        return Verdict("The output cannot be right: its shape differs.", want, got)
    if _has_nan(got):
        return Verdict("The output holds NaN or infinity.", want, got)
    says = "The values differ from Keras's, with the same weights."
    return _first_part(trial, leaves(want), leaves(got), says) or Verdict(
        says, want, got, by_weights=True
    )


def _called_again(trial: Trial, again: Again, want: Any, got: Any) -> Verdict | None:
    """A call after the first, whose output was right."""
    when = f"The first call is right. Called again with {again.what}, the layer gives"
    if shapes(want) != shapes(got):
        return Verdict(f"{when} an output with another shape than Keras's.", want, got)
    if _has_nan(got) and not _has_nan(want):
        return Verdict(f"{when} NaN or infinity.", want, got)
    if again.finite or same(want, got, trial.tolerance):
        return None
    return Verdict(f"{when} other values than Keras's.", want, got)


def _fault(trial: Trial, answers: list[Answer]) -> Fault | None:
    """The first fault; one of a further call says so."""
    first, *others = (answer.fault for answer in answers)
    for again, fault in zip(trial.case.further, others, strict=True):
        if fault and not first:
            return replace(fault, message=f"called again with {again.what}: {fault.message}")
    return first


def _first_part(trial: Trial, want: Sequence[Any], got: Sequence[Any], says: str) -> Verdict | None:
    """The first part that differs, and which ones do, where there is more than one."""
    names = trial.case.facts.get("parts") or [f"output {i}" for i in range(len(want))]
    rows = [
        (name, w, g)
        for name, w, g in zip(names, want, got, strict=True)
        if not same(w, g, trial.tolerance)
    ]
    if len(want) < 2 or not rows:
        return None
    wrong = " and ".join(name for name, *_ in rows)
    right = " and ".join(name for name in names if name not in [row[0] for row in rows])
    found = f"Wrong: {wrong}." + (f" Right: {right}." if right else "")
    return Verdict(f"{says} {found}", *rows[0][1:], by_weights=True)


def _has_nan(value: Any) -> bool:
    return not all(np.all(np.isfinite(leaf)) for leaf in leaves(value))


output = Aspect("output", _steps, _judge, fault=_fault)
