"""The wrong ideas of an exercise, tried on the same cases: each attempt serves every diagnosis."""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest

from grader.bench.subject import LocalSubject
from grader.card.report import Report
from grader.examination.attempt import Key, expect
from grader.examination.diagnose import try_idea
from grader.examination.examine import report_on
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.exercise import Exercise, Misconception
from tests.costs import COSTS


def report_on_idea(exercise: Exercise, idea: Misconception, seed: int) -> Report:
    """The report on a layer that has this idea, as `examine` gives it, on one draw of each kind."""
    attempts = [
        try_idea(idea, exercise, expect(exercise, Key(seed, kind, 0)))
        for kind in range(len(exercise.kinds))
    ]
    return report_on(LocalSubject(idea.wrong), exercise, attempts, glance=False)


@functools.cache
def report_once(exercise: Exercise, idea: Misconception) -> Report:
    """The report on this idea from the visible cases: made once, for all tests that look at it."""
    return report_on_idea(exercise, idea, seed=0)


def quick_ones(rows: Iterable[tuple[Any, Any]]) -> list[Any]:
    """`make test` takes the ideas of `quick`, and CI all, but of `HEAVY` ones the `telling` ideas;
    `make test-all` takes all of them.

    A row is an exercise and an idea, or the names of both.
    """
    marked = []
    for row in rows:
        exercise, idea = CATALOGUE.get(row[0], row[0]), getattr(row[1], "name", row[1])
        marked.append(pytest.param(*row, marks=_mark(exercise, idea)))
    return marked


def _mark(exercise: Exercise, idea: str) -> Any:
    if idea in quick(exercise):
        return ()
    is_seldom = exercise.name in HEAVY and idea not in telling(exercise)
    return pytest.mark.long if is_seldom else pytest.mark.slow


ALONE = {
    "BatchNormalization": "gradient cut off",
    "Dropout": "same mask for all samples",
    "lasting_power": "exponent not in the config",
}
"""Ideas that alone meet a line of an aspect: `make seeded-faults` puts a fault into that line."""


DEAR = {
    *("CachedAttention", "Decoder", "DecoderBlock", "GroupQueryAttention", "InvertedResidual"),
    *("MendedDecoderBlock", "MendedMultiHeadAttention", "ResidualBlock", "RotaryAttention"),
}
"""Blocks: to examine a wrong one takes seconds. `make test` takes one idea of each."""
HEAVY = {
    *DEAR,
    *("Bidirectional", "Conv2D", "ConvLSTM2D", "GRU", "GroupNormalization", "LSTM"),
    *("MultiHeadAttention", "RNN", "SimpleRNN", "SqueezeExcitation", "SwiGLU"),
}
"""What takes longest all told: CI takes some ideas of each."""


def long_if_dear(exercises: Iterable[Exercise]) -> list[Any]:
    """Only `make test-all` takes these exercises where they are dear."""
    return [
        pytest.param(one, marks=pytest.mark.long if one.name in DEAR else ()) for one in exercises
    ]


@functools.cache
def quick(exercise: Exercise) -> frozenset[str]:
    """Names of the ideas that `make test` takes."""
    dear = exercise.name in DEAR
    return frozenset({exercise.misconceptions[0].name}) if dear else telling(exercise)


@functools.cache
def telling(exercise: Exercise) -> frozenset[str]:
    """Names of the first two ideas, of one for each set of aspects that any costs, and `ALONE`."""
    costs = COSTS.get(exercise.name, {})
    one_of_each = {aspects: idea for idea, aspects in reversed(costs.items())}
    first_two = {idea.name for idea in exercise.misconceptions[:2]}
    return frozenset(first_two | {*one_of_each.values(), ALONE.get(exercise.name, "")})


def first_of_each(rows: Iterable[tuple[Any, ...]]) -> list[Any]:
    """`make test` takes the first row of each exercise, CI two, and `make test-all` all of them.

    A row begins with its exercise, or with the name of it.
    """
    seen: Counter[str] = Counter()
    marked = []
    for row in rows:
        name = getattr(row[0], "name", row[0])
        marks = (pytest.mark.slow,) if seen[name] == 1 else (pytest.mark.long,) * (seen[name] > 1)
        marked.append(pytest.param(*row, marks=marks))
        seen[name] += 1
    return marked
