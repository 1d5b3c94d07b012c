"""With a cache, no token passes through a model twice.

The fact `prompt` says how many tokens are given, and the reference how many are written. The last
of these need not pass, and may.
"""

from __future__ import annotations

from typing import Any

from grader.aspects.aspect import Aspect, Trial, Verdict
from grader.aspects.text import tokens
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return (Step("write"),)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    most = trial.case.facts["prompt"] + len(tokens(expected[0].value["tokens"]) or ())
    passed = actual[0].value["passed"]
    if 0 < passed <= most:
        return None
    openly = f"{passed} tokens pass through the model, {most - 1} are enough."
    says = "Tokens pass through the model that it knows already." if passed else "Nothing passes."
    return Verdict(says, f"{most - 1} tokens", f"{passed} tokens", openly=openly)


def _signature(trial: Trial, answers: list[Answer]) -> Any:
    return answers[0].value["passed"]


passes = Aspect("passes", _steps, _judge, signature=_signature)
