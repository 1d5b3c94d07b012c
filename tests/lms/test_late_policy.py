"""Points off for late work. `test_regrade.py` has it taken off by `nbgrader autograde`."""

import math

import pytest

from grader.lms.late_policy import DailyPenalty

MINUTE, HOUR = 60, 60 * 60


@pytest.mark.parametrize(
    ("policy", "seconds", "penalty"),
    [
        ({}, 1, 1),
        ({}, 24 * HOUR, 1),
        ({}, 24 * HOUR + 1, 2),
        ({"points_per_day": 2.5}, 36 * HOUR, 5),
        ({"grace_minutes": 30}, 30 * MINUTE, None),
        ({"grace_minutes": 30}, 30 * MINUTE + 1, 1),
        ({"grace_minutes": 30}, 24 * HOUR + 30 * MINUTE, 1),
        ({"points_per_day": 2, "most": 5}, 36 * HOUR, 4),
        ({"points_per_day": 2, "most": 5}, 90 * HOUR, 5),
        ({"points_per_day": 0}, 90 * HOUR, 0),
        ({"most": 0}, 90 * HOUR, 0),
    ],
)
def test_a_day_that_has_begun_counts_after_the_grace_up_to_the_cap(
    policy: dict[str, float], seconds: float, penalty: float | None
) -> None:
    assert DailyPenalty(**policy).late_submission_penalty("ada", 10.0, seconds) == penalty


def test_nobody_gets_points_for_being_late() -> None:
    with pytest.raises(Exception, match="points_per_day"):
        DailyPenalty(points_per_day=-1.0)
    assert DailyPenalty().most == math.inf
