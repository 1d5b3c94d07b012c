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
from grader.exercises.exercise import Exercise, Misconception


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


def first_of_each(rows: Iterable[tuple[Any, ...]], most: int) -> list[Any]:
    """`make test` takes the first `most` rows of each exercise; `make test-all` takes all of them.

    A row begins with its exercise, or with the name of it.
    """
    seen: Counter[str] = Counter()
    marked = []
    for row in rows:
        seen[getattr(row[0], "name", row[0])] += 1
        late = seen[getattr(row[0], "name", row[0])] > most
        marked.append(pytest.param(*row, marks=pytest.mark.long if late else ()))
    return marked
