"""The aspect `prediction`: whole numbers are exact, and floats may be rounded in another way."""

from __future__ import annotations

import numpy as np
import pytest

from grader.aspects.aspect import Trial
from grader.aspects.prediction import prediction
from grader.aspects.tolerances import TOLERANCES
from grader.bench.probe import Answer
from grader.exercises.exercise import Case

BYTES = 2 * 10**9


def judged(want, got):
    trial = Trial(Case({}, None), 1e-4).within(TOLERANCES["prediction"])
    return prediction.judge(trial, [Answer(want)], [Answer(got)])


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (5.0, 5.000000000000001),
        (5.0, np.float32(5.0000005)),
        ([0.3, 1.0], (0.1 + 0.2, 1)),
        ([2.0, 4.0], np.array([2.0, 4.0000001], "float32")),
        (3, 2.9999999999),
        (3, np.int64(3)),
        (BYTES, float(BYTES)),
    ],
)
def test_the_same_number_rounded_in_another_way_is_right(want, got):
    assert judged(want, got) is None


@pytest.mark.parametrize(
    ("want", "got"),
    [
        (5.0, 5.01),
        (5.0, float("nan")),
        (5.0, float("inf")),
        (5.0, 10**400),
        (5.0, "5.0"),
        (5.0, [5.0]),
        (0.0, 1e-4),
        (3, 2.99),
        (BYTES, BYTES + 1),
        (BYTES, BYTES + 1.0),
        ([1.0, 2.0], [1.0]),
        ((54, 0), 54),
    ],
)
def test_another_number_is_wrong(want, got):
    assert judged(want, got) is not None


def test_a_number_of_numpy_is_shown_as_one_writes_it():
    assert judged(5.0, np.float64(12.5)).openly == "Keras gives 5.0, you give 12.5."
