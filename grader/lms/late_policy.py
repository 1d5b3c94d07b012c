"""Points off for what comes late: so many for each day, after a grace period, up to a cap."""

from __future__ import annotations

import math

from nbgrader.plugins import LateSubmissionPlugin
from traitlets import Float

_DAY = 24 * 60 * 60


class DailyPenalty(LateSubmissionPlugin):
    """In nbgrader_config.py:

    c.AssignLatePenalties.plugin_class = "grader.lms.late_policy.DailyPenalty"
    c.DailyPenalty.points_per_day = 2.0

    A day that has begun counts whole. The grace period is not part of the lateness. nbgrader itself
    never takes more than the score, and adds a student's extension to the due date.
    """

    points_per_day = Float(1.0, min=0.0, help="Points off for each day.").tag(config=True)
    grace_minutes = Float(0.0, min=0.0, help="Minutes that cost nothing.").tag(config=True)
    most = Float(math.inf, min=0.0, help="Points that are taken off at most.").tag(config=True)

    def late_submission_penalty(
        self, student_id: str, score: float, total_seconds_late: float
    ) -> float | None:
        """Points to take off; None where it came within the grace period."""
        days = math.ceil((total_seconds_late - 60 * self.grace_minutes) / _DAY)
        return min(days * self.points_per_day, self.most) if days > 0 else None
