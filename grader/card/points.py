"""Points as they stand on the card and in the gradebook: in tenths, the same number everywhere.

A share of the points, such as four of seven kinds of cases, would be 5.7142857. Each aspect is
rounded by itself, so that the points of a cell are the sum of those that its card tells.
"""

from __future__ import annotations

_STEP = 0.1
_ERROR = 1e-9


def in_tenths(earned: float, worth: float) -> float:
    """What is earned of so many points, to the nearest tenth.

    It is all of them only where nothing is missing, and none only where nothing is earned.
    """
    if earned <= _ERROR:
        return 0.0
    if earned >= worth - _ERROR:
        return worth
    least = min(_STEP, worth / 2)
    return round(min(max(round(earned, 1), least), worth - least), 9)
