"""The aspect `frozen`: a frozen layer works as at inference, and keeps its weights."""

from __future__ import annotations

import numpy as np

from grader.aspects.aspect import Trial
from grader.aspects.frozen import frozen
from grader.bench.probe import Answer, Weight
from grader.exercises.exercise import Case

ONES, ZEROS = np.ones(3), np.zeros(3)


def judged(infer, train, before, after):
    trial = Trial(Case({}, ONES), 1e-4, their_weights=(Weight("mean", (3,), False),))
    answers = [Answer(value) for value in ([before], infer, None, train, [after])]
    verdict = frozen.judge(trial, [], answers)
    return verdict and verdict.message


def test_each_way_to_be_wrong_is_told():
    assert judged(ONES, ONES, ZEROS, ZEROS) is None
    assert "another output than inference" in judged(ONES, ZEROS, ZEROS, ZEROS)
    assert "still changes mean" in judged(ONES, ONES, ZEROS, ONES)
