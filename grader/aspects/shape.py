"""Shape of the output: for real inputs, and for symbolic ones whose batch size is unknown.

A long loop takes long to trace. With the fact `known_batch` symbolic ones are left out; with the
fact `traced` they have so many time steps only, in the inputs and in the mask. With the fact
`shape_only` a layer that says its output shape itself is believed: `call` is traced for other
cases of the exercise.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, shapes
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    if case.facts.get("known_batch"):
        return (ask(case, "call"),)
    steps = case.facts.get("traced")
    traced = not case.facts.get("shape_only", False)
    seen = case if steps is None else _first(steps, case)
    return ask(case, "call"), ask(seen, "symbolic", traced=traced)


def _first(steps: int, case: Case) -> Case:
    call = {key: value[:, :steps] if key == "mask" else value for key, value in case.call.items()}
    return replace(case, inputs=case.inputs[:, :steps], call=call)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = shapes(expected[0].value), shapes(actual[0].value)
    if want != got:
        return Verdict("The output has another shape than Keras's layer gives.", want, got)
    for unknown, theirs in zip(expected[1:], actual[1:], strict=True):
        if not _agree(unknown.value, theirs.value):
            return Verdict(
                "The shape is wrong when the batch size is not known yet (keras.Input).",
                unknown.value,
                theirs.value,
            )
    return None


def _agree(expected: Any, actual: Any) -> bool:
    """Whether two symbolic shapes can be the same: None is a length that is not known."""
    if isinstance(expected, dict) and isinstance(actual, dict) and "shape" in expected:
        want, got = expected["shape"], actual.get("shape")
        return (
            isinstance(got, list)
            and len(want) == len(got)
            and all(w == g or g is None for w, g in zip(want, got, strict=True))
        )
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return all(_agree(e, a) for e, a in zip(expected, actual, strict=True))
    return False


def signature(trial: Trial, answers: list[Answer]) -> list[Any]:
    """The shapes alone: where a layer is random, no value comes twice."""
    return [shapes(answers[0].value), *(answer.value for answer in answers[1:])]


shape = Aspect("shape", _steps, _judge, signature=signature)
