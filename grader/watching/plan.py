"""What there is to do about the submissions that are there: decided without doing any of it.

The newest submission of a student counts, as with `nbgrader collect --update`. Before the student's
time is over it is only looked at: nothing that is hidden is asked, so a look can be had again and
again. Afterwards it is graded, and the first page with the hidden verdicts is the last one: else
hidden cases could be found out by handing in late, as often as one likes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

from grader.lms.arrival import Arrival, by_student
from grader.watching.ledger import TRIES, Ledger

_CLOCKS = timedelta(minutes=10)
"""By which clocks may differ, and for which a submission may be on its way."""
Show = Literal["nothing", "aspects", "full"]


@dataclass(frozen=True)
class Rules:
    """How many looks a student has on a day, and what pages show before and after the due date."""

    per_day: int = 3
    before_due: Show = "aspects"
    after_due: Show = "full"


@dataclass(frozen=True)
class Times:
    """When a unit is due, and how much more time each student has; UTC, without a zone."""

    due: datetime | None = None
    more: Mapping[str, timedelta] = field(default_factory=dict)

    def is_over(self, student: str, now: datetime) -> bool:
        """Whether the student's time is over at `now`, which has a zone. Without a due date it
        never is. The time that a submission gives itself says nothing here."""
        if self.due is None:
            return False
        return now.astimezone(UTC).replace(tzinfo=None) > self._end(student, self.due)

    def is_in_doubt(self, one: Arrival) -> bool:
        """Whether a submission gives itself a time before the student's was over, and was written
        well after that: its clock, or its student, may be wrong."""
        if self.due is None:
            return False
        end = self._end(one.student, self.due)
        came = datetime.fromtimestamp(one.came, UTC).replace(tzinfo=None)
        return one.when <= end < came - _CLOCKS

    def _end(self, student: str, due: datetime) -> datetime:
        return due + self.more.get(student, timedelta())


@dataclass(frozen=True)
class Step:
    """What is to be done about a student's newest submission.

    `look` writes a page of aspects, `grade` enters points, `full` then writes the whole page,
    `wait` says that the looks of this day are used up, `give_up` that it has failed too often.
    """

    arrival: Arrival
    look: bool = False
    grade: bool = False
    full: bool = False
    wait: bool = False
    give_up: bool = False
    over: bool = False


@dataclass(frozen=True)
class Plan:
    """The steps of a pass, and earlier submissions that a newer one has replaced."""

    steps: tuple[Step, ...]
    replaced: tuple[tuple[Arrival, Arrival], ...]


def plan(
    arrivals: Sequence[Arrival], ledger: Ledger, times: Times, rules: Rules, now: datetime
) -> Plan:
    """What is to be done at `now`, a time with a zone: its days are those that are counted."""
    steps, replaced = [], []
    for earlier, newest in by_student(arrivals):
        replaced += [(one, newest) for one in earlier if not ledger.of(one).is_done]
        over = times.is_over(newest.student, now)
        step = _after(newest, ledger, rules, now) if over else _before(newest, ledger, rules, now)
        steps += [step] if step else []
    return Plan(tuple(steps), tuple(replaced))


def day_of(now: datetime) -> str:
    """The day in the zone of the time."""
    return f"{now:%Y-%m-%d}"


def _before(newest: Arrival, ledger: Ledger, rules: Rules, now: datetime) -> Step | None:
    row = ledger.of(newest)
    if row.is_done:
        return None
    if rules.before_due == "nothing":
        return Step(newest)
    if row.tries >= TRIES:
        return Step(newest, give_up=True)
    if ledger.looks(newest, day_of(now)) >= rules.per_day:
        return Step(newest, wait=True) if row.page != "waits" else None
    if rules.before_due == "full":
        return Step(newest, grade=True, full=True)
    return Step(newest, look=True)


def _after(newest: Arrival, ledger: Ledger, rules: Rules, now: datetime) -> Step | None:
    row = ledger.of(newest)
    full = rules.after_due == "full" and not ledger.had_last_word(newest.student)
    settled = row.page in ("unreadable", "given up") or (row.graded and not full)
    if settled and row.over:
        return None
    if row.tries >= TRIES and row.over:
        return Step(newest, give_up=True, over=True)
    # What is graded first is not counted: it is the one that has to be.
    late = ledger.is_graded(newest.student)
    if late and ledger.looks(newest, day_of(now)) >= rules.per_day:
        return Step(newest, wait=True, over=True) if row.page != "waits" else None
    look = not full and rules.after_due != "nothing" and row.page != "aspects"
    return Step(newest, look=look, grade=True, full=full, over=True)
