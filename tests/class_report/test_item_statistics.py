"""Difficulty and discrimination of an exercise."""

import pytest

from grader.class_report.item_statistics import FEW, difficulty, discrimination

HALF = [0.0, 1.0] * (FEW // 2)


def test_difficulty_is_the_mean_share() -> None:
    assert difficulty([1.0, 0.5, 0.0, 0.5]) == 0.5
    assert difficulty([]) is None


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ([10.0 * share for share in HALF], 1.0),
        ([7.0 - share for share in HALF], -1.0),
        ([0.0, 0.0, 1.0, 1.0] * (FEW // 4), 0.0),
    ],
)
def test_discrimination_is_a_correlation(rest: list[float], expected: float) -> None:
    assert discrimination(HALF, rest) == pytest.approx(expected)


def test_too_few_say_nothing() -> None:
    assert discrimination(HALF[1:], HALF[1:]) is None


@pytest.mark.parametrize(("shares", "rest"), [([1.0] * FEW, HALF), (HALF, [3.0] * FEW)])
def test_where_all_have_the_same_there_is_none(shares: list[float], rest: list[float]) -> None:
    assert discrimination(shares, rest) is None
