"""The entries of a gradient derived by hand: arrays, tensors, or the lists that a loop leaves."""

from __future__ import annotations

import numpy as np
import pytest

from grader.aspects import ASPECTS
from grader.aspects.aspect import Trial
from grader.bench.probe import Answer
from grader.exercises.exercise import Case

WANT = np.array([1.0, -2.0, 3.0], "float32")


def judged(got, want=WANT):
    answers = [[Answer({"d_bias": value})] for value in (want, got)]
    return ASPECTS["d_bias"].judge(Trial(Case({}, None), 1e-4), *answers)


@pytest.mark.parametrize(
    "got", [WANT, [1.0, -2.0, 3.0], [1, -2, 3], list(WANT), [np.array(value) for value in WANT]]
)
def test_a_list_of_the_right_numbers_is_right(got):
    assert judged(got) is None


def test_a_list_of_rows_is_a_matrix():
    assert judged([WANT, WANT], np.stack([WANT, WANT])) is None


@pytest.mark.parametrize(
    "got", [[1.0, -2.0], [[1.0], [-2.0, 3.0]], ["1", "2", "3"], [None] * 3, []]
)
def test_a_list_of_another_shape_is_wrong(got):
    assert "another shape" in judged(got).message


def test_a_list_of_other_numbers_is_wrong():
    assert "differs" in judged([1.0, 2.0, 3.0]).message
