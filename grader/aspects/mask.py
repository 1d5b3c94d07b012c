"""The mask that a layer hands on: which places of the output the next layers are to skip.

The fact `arriving` is a mask that the inputs carry, as those do that come from an Embedding.
"""

from __future__ import annotations

from dataclasses import replace

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    if "arriving" not in case.facts:
        return (ask(case, "mask"),)
    call = {key: value for key, value in case.call.items() if key != "mask"}
    return (ask(replace(case, call=call), "mask", arriving=case.facts["arriving"]),)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = expected[0].value, actual[0].value
    if same(want, got, trial.tolerance):
        return None
    if got is None:
        return Verdict("The output carries no mask to the next layer.", want, "None")
    if want is None:
        return Verdict("The output carries a mask, but there should be none.", "None", got)
    return Verdict("The output carries the wrong mask.", want, got)


mask = Aspect("mask", _steps, _judge)
