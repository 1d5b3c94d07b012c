"""What a student is told of a submission that was not looked at, or not yet: plain sentences."""

from __future__ import annotations

from datetime import UTC, datetime

from grader.lms.arrival import Arrival

_COUNTS = "It counts as handed in at the time above. Nothing is lost."


def waits(per_day: int) -> list[str]:
    """The looks of a day are used up."""
    looks = "one submission of yours was" if per_day == 1 else f"{per_day} of yours were"
    return [
        f"It waits: {looks} looked at today, and that is the most for a day.",
        "It is looked at tomorrow, unless you have handed in a newer one by then.",
        f"{_COUNTS} You need not do anything.",
    ]


def replaced(newer: Arrival) -> list[str]:
    """A newer one came before this one was looked at."""
    return [
        f"It was not looked at: you handed in a newer one on {newer.when:%Y-%m-%d} at "
        f"{newer.when:%H:%M:%S} UTC.",
        "The newer one counts, and has a page of its own.",
    ]


def not_taken(reason: str) -> list[str]:
    """It cannot be read."""
    return [
        f"It could not be read. {reason}",
        "Open your notebook in JupyterLab, save it, and hand it in again. Your instructor can see "
        "this too.",
    ]


def given_up() -> list[str]:
    """It was begun several times, and never came to an end."""
    return [
        "The grader did not come to an end with it, several times.",
        "This can be its own fault or your notebook's. Your instructor can see this too. Run "
        "Validate; if it says Success, ask your instructor.",
        _COUNTS,
    ]


def in_doubt(one: Arrival) -> str:
    """For the instructor: the time that it gives itself, and the one at which it was written."""
    came = datetime.fromtimestamp(one.came, UTC)
    return (
        f"it says {one.when:%Y-%m-%d %H:%M} UTC, before the time was over, and was written on "
        f"{came:%Y-%m-%d at %H:%M} UTC: a clock can be wrong, or a folder was copied"
    )


def looks_left(left: int) -> str:
    """How many more looks there are today."""
    if left <= 0:
        return (
            "This was the last look for today. What you hand in next is looked at tomorrow; "
            "it counts as handed in when you hand it in."
        )
    return f"Hand in again when you have changed something: {left} more today."


def time_is_over(*, had_page: bool) -> str:
    """A look at what came when the time was over."""
    had = "You have had the whole page of an earlier submission. " if had_page else ""
    return f"The time for this unit is over. {had}Your instructor gives out the whole page of this."
