"""What two arrays that agree are, and the aspect `output`: each call is judged by itself."""

from __future__ import annotations

import numpy as np
import pytest

from grader.aspects.aspect import Trial, same
from grader.aspects.output import output
from grader.bench.probe import Answer
from grader.exercises.exercise import Case

ONES, ZEROS = np.ones((2, 3)), np.zeros((2, 3))
NOT_A_NUMBER = np.full((2, 3), np.nan)


@pytest.mark.parametrize(
    ("expected", "actual", "agree"),
    [
        (ONES, ONES + 1e-7, True),
        (ONES, ONES + 1e-2, False),
        (ONES, NOT_A_NUMBER, False),
        (NOT_A_NUMBER, ONES, False),
        (NOT_A_NUMBER, NOT_A_NUMBER, True),
        (ONES, ONES[:1], False),
        ([ONES, ZEROS], [ONES, ZEROS], True),
        ([ONES, ZEROS], [ZEROS, ONES], False),
        ([ONES], ONES, False),
        (None, ONES, False),
    ],
)
def test_arrays_agree_except_for_rounding(expected, actual, agree):
    assert same(expected, actual, 1e-4) is agree


def judged(*calls):
    """What is said of pairs of outputs, wanted and given, of the first call and of one more."""
    case = Case({}, ONES)  # the layer is called once more, with the last sample alone
    want, got = ([Answer(part) for part in parts] for parts in zip(*calls, strict=True))
    verdict = output.judge(Trial(case, 1e-4), want, got)
    return verdict and verdict.message


def test_each_call_is_judged():
    right = ONES, ONES
    assert judged(right, right) is None
    assert judged((ONES, ZEROS), right).startswith("The values differ from Keras's")
    assert judged((ONES, NOT_A_NUMBER), right).startswith("The output holds NaN")
    assert judged((ONES, ONES[:1]), right).startswith("The output cannot be right")
    assert "Called again with" in judged(right, (ONES, ZEROS))
    assert "NaN" in judged(right, (ONES, NOT_A_NUMBER))
