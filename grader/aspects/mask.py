"""The mask that a layer hands on: which places of the output the next layers are to skip."""

from __future__ import annotations

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, same
from grader.probe import Answer


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = expected[0].value, actual[0].value
    if same(want, got, trial.tolerance):
        return None
    if got is None:
        return Verdict("The output carries no mask to the next layer.", want, "None")
    if want is None:
        return Verdict("The output carries a mask where nobody asked for one.", "None", got)
    return Verdict("The output carries another mask.", want, got)


mask = Aspect("mask", lambda case: (ask(case, "mask"),), _judge)
