"""The wrong ideas of an exercise, tried on the same cases: each attempt serves every diagnosis."""

from __future__ import annotations

from grader.attempt import Key, expect
from grader.diagnose import try_idea
from grader.examine import report_on
from grader.exercise import Exercise, Misconception
from grader.report import Report
from grader.subject import LocalSubject


def report_on_idea(exercise: Exercise, idea: Misconception, seed: int) -> Report:
    """The report on a layer that has this idea, as `examine` gives it, on one draw of each kind."""
    attempts = [
        try_idea(idea, exercise, expect(exercise, Key(seed, kind, 0)))
        for kind in range(len(exercise.kinds))
    ]
    return report_on(LocalSubject(idea.wrong), exercise, attempts, glance=False)
