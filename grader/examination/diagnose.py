"""Hold a failure against the known wrong ideas: one is named only where exactly one explains it."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from grader.aspects import ASPECTS
from grader.aspects.aspect import same
from grader.bench.probe import SAID, Answer, Fault
from grader.bench.subject import LocalSubject
from grader.card.finding import Diagnosis
from grader.examination.attempt import UNFIT, Attempt, Expected, attempt, in_other_ways
from grader.examination.idea_pairs import find_pair
from grader.examination.idle import COMPUTED
from grader.exercises.exercise import Exercise, Misconception

_MOST_CASES = 12
"""Failed cases that decide which ideas are looked at: the smallest of each kind, small ones
first. Cases at an edge count where no other failed: there, one idea may do this or that, by the way
in which it is written."""
_SHOWN = ("output", "prediction")
"""What a layer gives out, and what a function does."""
_CORE = COMPUTED | {"shape", "parameters"}
"""Aspects in which a wrong idea shows; others may be wrong besides for a reason of their own."""


def diagnose(
    exercise: Exercise, attempts: list[Attempt], *, glance: bool = True
) -> Diagnosis | None:
    """The one misconception, or pair of them, that does on every failed case what was seen.

    A `glance` first spares most of the work, unless all ideas are tried on these cases anyway.
    """
    cases = _telling_cases(attempts)
    if not cases:
        return None

    def explains(idea: Misconception, case: int) -> bool:
        seen = cases[case]
        if glance and _is_ruled_out(idea, exercise, seen):
            return False
        return alike(seen, _as_written(idea, exercise, seen.expected))

    everywhere = range(len(cases))
    fitting = [
        idea for idea in exercise.misconceptions if all(explains(idea, case) for case in everywhere)
    ]
    fitting = [idea for idea in fitting if not _is_refuted(idea, exercise, attempts)]
    if fitting:
        one = fitting[0]
        return as_diagnosis(one) if len(fitting) == 1 else None
    explained = {
        idea.name: frozenset(case for case in everywhere if explains(idea, case))
        for idea in exercise.misconceptions
    }
    pair = find_pair(exercise, explained, len(cases), explains)
    return _two(*pair) if pair else _one_of_several(exercise, attempts, cases)


def does_as(idea: Misconception, exercise: Exercise, attempts: Sequence[Attempt]) -> bool:
    """Whether what was seen to fail is what a layer with this idea does."""
    cases = _telling_cases(attempts)
    return (
        bool(cases)
        and all(alike(seen, try_idea(idea, exercise, seen.expected)) for seen in cases)
        and not _is_refuted(idea, exercise, attempts)
    )


def _telling_cases(attempts: Sequence[Attempt]) -> list[Attempt]:
    """The failed cases that are held against the ideas; none where a limit or the like stopped
    one of them."""
    failed = [a for a in attempts if a.failed]
    if any(seen.stopped and seen.stopped.type in SAID for seen in failed):
        return []
    if any("catches" in seen.verdicts for seen in failed):
        return failed  # a test is asked once of each layer, which costs little
    sharp = [seen for seen in failed if not seen.expected.edge] or failed
    return _smallest_of_each_kind(sharp)[:_MOST_CASES]


def _smallest_of_each_kind(attempts: Sequence[Attempt]) -> list[Attempt]:
    found: dict[str, Attempt] = {}
    for seen in sorted(attempts, key=lambda a: a.expected.case.size):
        found.setdefault(seen.expected.label, seen)
    return list(found.values())


def _is_refuted(idea: Misconception, exercise: Exercise, attempts: Sequence[Attempt]) -> bool:
    """Whether the idea would have made an output, or a prediction, wrong that is right. So a crash
    is not taken for an idea that crashes with the same words, and in more kinds of cases."""
    if exercise.kind == "test":
        going = (a for a in attempts if not a.failed)
        return any(try_idea(idea, exercise, seen.expected).failed for seen in going)
    sharp = [a for a in attempts if not a.expected.edge]
    right = [a for a in sharp if any(a.verdicts.get(name, a) is None for name in _SHOWN)]
    return any(
        try_idea(idea, exercise, glance).failed
        for seen in _smallest_of_each_kind(right)
        for glance in _glances(seen.expected)[:1]
    )


def _one_of_several(
    exercise: Exercise, attempts: Sequence[Attempt], cases: Sequence[Attempt]
) -> Diagnosis | None:
    """The one idea that explains all that is computed, where something else is wrong besides."""
    going = [seen for seen in attempts if not (seen.stopped or seen.expected.edge)]
    besides = sorted({name for seen in going for name in seen.failed} - _CORE)
    if not besides or not any(seen.failed & _CORE for seen in cases):
        return None

    def explains(idea: Misconception, seen: Attempt) -> bool:
        core = tuple(name for name in seen.expected.aspects if name in _CORE)
        tried = _as_written(idea, exercise, _only(seen.expected, core))
        return alike(seen, tried, frozenset(core))

    fitting = [
        idea
        for idea in exercise.misconceptions
        if all(explains(idea, seen) for seen in cases) and not _is_refuted(idea, exercise, attempts)
    ]
    if len(fitting) != 1:
        return None
    one = fitting[0]
    says = (
        f"Two things are wrong. {one.says} And something else, which shows in {', '.join(besides)}."
    )
    return Diagnosis(one.name, says, one.hint, (as_diagnosis(one),))


@functools.lru_cache(maxsize=2048)
def _only(expected: Expected, aspects: tuple[str, ...]) -> Expected:
    """The case with these aspects only."""
    return replace(expected, aspects=aspects)


def as_diagnosis(idea: Misconception) -> Diagnosis:
    """The idea as a card says it."""
    return Diagnosis(idea.name, idea.says, idea.hint)


def _two(one: Misconception, other: Misconception) -> Diagnosis:
    return Diagnosis(
        f"{one.name}, and {other.name}",
        f"Two things are wrong. {one.says} And: {other.says}",
        f"{one.hint} And: {other.hint}",
        (as_diagnosis(one), as_diagnosis(other)),
    )


@functools.lru_cache(maxsize=4096)
def try_idea(idea: Misconception, exercise: Exercise, expected: Expected) -> Attempt:
    """What a wrong idea does on a case; kept, as a whole class is held against the same ideas."""
    first = _as_written(idea, exercise, expected)
    return in_other_ways(LocalSubject(idea.wrong), expected, first)


@functools.lru_cache(maxsize=4096)
def _as_written(idea: Misconception, exercise: Exercise, expected: Expected) -> Attempt:
    """The same for a case that a student's layer fails in every way to give it weights.

    An idea is written on the reference. Where its weights come as the reference's do, other ways
    to give them would only make it another layer, and a block has dozens of them.
    """
    return attempt(LocalSubject(idea.wrong), exercise, expected, as_it_comes=True)


def _is_ruled_out(idea: Misconception, exercise: Exercise, seen: Attempt) -> bool:
    """Whether what costs little shows already that the idea is another one: most of them are."""
    for glance in _glances(seen.expected):
        if not alike(seen, _as_written(idea, exercise, glance), frozenset(glance.aspects)):
            return True
    return False


@functools.lru_cache(maxsize=2048)
def _glances(expected: Expected) -> tuple[Expected, ...]:
    """The case with its output only, then without the aspects that cost much, such as saving."""
    if "prediction" in expected.aspects:
        return (expected,)
    if "output" not in expected.aspects:
        return ()
    cheap = tuple(name for name in expected.aspects if not ASPECTS[name].dear)
    return replace(expected, aspects=("output",)), replace(expected, aspects=cheap)


def alike(one: Attempt, other: Attempt, aspects: frozenset[str] | None = None) -> bool:
    """Whether two attempts fail in the same way and answer the same, on all or these aspects."""
    if bool(one.stopped) != bool(other.stopped):
        return False
    if one.stopped and other.stopped:
        return _said(one.stopped) == _said(other.stopped)
    looked_at = frozenset(one.verdicts) if aspects is None else aspects
    if one.failed & looked_at != other.failed & looked_at or not _same_weights(one, other):
        return False
    return all(
        _same_on_aspect(name, one, other)
        for name in one.answers
        # "gradient" and "model" list weights in the layer's own order
        if name in looked_at and name not in ("gradient", "model")
    )


def _same_on_aspect(name: str, one: Attempt, other: Attempt) -> bool:
    signature, tolerance = ASPECTS[name].signature, one.trial.tolerance
    mine, theirs = _telling(name, one), _telling(name, other)
    if signature is None or any(answer.fault for answer in (*mine, *theirs)):
        return _same_answers(mine, theirs, tolerance)
    try:
        return same(signature(one.trial, mine), signature(other.trial, theirs), 10 * tolerance)
    except UNFIT:  # a student's process may answer anything
        return False


def _telling(name: str, found: Attempt) -> list[Answer]:
    """The answers that tell one idea from another: the first call, where that is wrong already."""
    answers = found.answers[name]
    if name != "output" or answers[0].fault:
        return answers
    want = found.expected.answers[name][0].value
    return answers if same(want, answers[0].value, found.trial.tolerance) else answers[:1]


def _said(fault: Fault) -> tuple[str, str]:
    return fault.type, fault.message


def _same_weights(one: Attempt, other: Attempt) -> bool:
    if all(ASPECTS["parameters"].judge(a.trial, [], []) is None for a in (one, other)):
        return True  # in other forms, perhaps, and all of them as they should be
    shapes = [sorted(w.shape for w in a.trial.their_weights) for a in (one, other)]
    return shapes[0] == shapes[1]


def _same_answers(one: list[Answer], other: list[Answer], tolerance: float) -> bool:
    if len(one) != len(other):
        return False
    for a, b in zip(one, other, strict=True):
        if (a.fault and a.fault.type) != (b.fault and b.fault.type):
            return False
        if not _same_value(a.value, b.value, tolerance):
            return False
    return True


def _same_value(a: Any, b: Any, tolerance: float) -> bool:
    if isinstance(a, dict) and isinstance(b, dict):
        return _same_value(a.get("output"), b.get("output"), tolerance)
    return same(a, b, tolerance)
