"""What is to be done about what has arrived, decided on paper: quotas, days, due dates, repeats."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from grader.lms.arrival import Arrival
from grader.watching.ledger import TRIES, BadLedger, Ledger
from grader.watching.plan import Rules, Step, Times, day_of, plan

UNIT = "01-first-layers"
BERLIN = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 11, 3, 12, tzinfo=BERLIN)
DUE = datetime(2026, 11, 10, 12)
OVER = datetime(2026, 11, 11, 12, tzinfo=BERLIN)
RULES = Rules(per_day=2)
TIMES = Times(DUE)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """Nothing has happened yet."""
    return Ledger(tmp_path, UNIT)


def arrival(number: int, student: str = "ada", owner: str = "ada") -> Arrival:
    """The student's submission of this number."""
    when = datetime(2026, 11, 3, 8) + timedelta(minutes=number)
    name = f"{student}+{UNIT}+{number}+{owner}"
    return Arrival(name, student, owner, when, 0.0, Path("nowhere"), "secret")


def steps(
    arrivals: list[Arrival],
    ledger: Ledger,
    now: datetime = NOON,
    rules: Rules = RULES,
    times: Times = TIMES,
) -> list[Step]:
    """What there is to do, without what is replaced."""
    return list(plan(arrivals, ledger, times, rules, now).steps)


def looked(ledger: Ledger, one: Arrival, now: datetime = NOON) -> None:
    """A look, from its beginning to its page."""
    ledger.begin(one, day_of(now), over=False)
    ledger.change(one, lambda row: replace(row, page="aspects"))


def graded(ledger: Ledger, one: Arrival, now: datetime = OVER, *, last: bool) -> None:
    """Graded after the student's time, with a whole page or not."""
    ledger.begin(one, day_of(now), over=True)
    ledger.change(
        one, lambda row: replace(row, page="full" if last else "aspects", graded=True, last=last)
    )


def test_only_the_newest_is_looked_at_and_the_others_are_replaced(ledger: Ledger) -> None:
    one, two, other = arrival(1), arrival(2), arrival(1, "ben", "ben")
    found = plan([two, other, one], ledger, Times(DUE), RULES, NOON)
    assert {step.arrival.name for step in found.steps} == {two.name, other.name}
    assert all(step.look and not step.grade for step in found.steps)
    assert found.replaced == ((one, two),)
    looked(ledger, one)
    assert plan([one, two], ledger, Times(DUE), RULES, NOON).replaced == ()


def test_what_was_looked_at_is_not_looked_at_again(ledger: Ledger) -> None:
    looked(ledger, arrival(1))
    assert steps([arrival(1)], ledger) == []


def test_above_the_number_of_a_day_it_waits_and_is_told_once(ledger: Ledger) -> None:
    for number in (1, 2):
        looked(ledger, arrival(number))
    third = arrival(3)
    assert steps([arrival(1), arrival(2), third], ledger) == [Step(third, wait=True)]
    ledger.change(third, lambda row: replace(row, page="waits"))
    assert steps([third], ledger) == []


def test_of_twenty_submissions_of_a_day_as_many_are_looked_at_as_the_rules_say(
    tmp_path: Path,
) -> None:
    """Each pass is one of a new start, which knows of the ones before by the ledger alone."""
    done: list[str] = []
    for number in range(20):
        ledger = Ledger(tmp_path, UNIT)
        one = arrival(number)
        [step] = steps([arrival(earlier) for earlier in range(number + 1)], ledger)
        assert step.arrival == one
        done.append("look" if step.look else "wait")
        if step.look:
            looked(ledger, one)
        else:
            ledger.change(one, lambda row: replace(row, page="waits"))
    assert done == ["look"] * RULES.per_day + ["wait"] * (20 - RULES.per_day)
    all_ = [arrival(number) for number in range(20)]
    tomorrow = NOON + timedelta(days=1)
    assert steps(all_, Ledger(tmp_path, UNIT), tomorrow) == [Step(all_[-1], look=True)]


def test_the_day_ends_at_midnight_where_the_course_is(ledger: Ledger) -> None:
    evening = datetime(2026, 11, 3, 23, 59, 59, tzinfo=BERLIN)
    for number in (1, 2):
        looked(ledger, arrival(number), evening)
    third = arrival(3)
    ledger.change(third, lambda row: replace(row, page="waits"))
    assert steps([third], ledger, evening) == []
    morning = evening + timedelta(seconds=2)  # still the 3rd in UTC
    assert steps([third], ledger, morning) == [Step(third, look=True)]


def test_a_clock_that_is_put_back_gives_no_more_looks(ledger: Ledger) -> None:
    for number in (1, 2):
        looked(ledger, arrival(number))
    looked(ledger, arrival(3), NOON + timedelta(days=1))
    assert [step.wait for step in steps([arrival(4)], ledger)] == [True]


def test_what_others_write_in_a_students_name_takes_none_of_their_looks(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        looked(ledger, arrival(number, "ada", "eve"))
    assert [step.look for step in steps([arrival(4)], ledger)] == [True]
    assert [step.wait for step in steps([arrival(5, "ada", "eve")], ledger)] == [True]


def test_a_look_that_never_ends_is_given_up(ledger: Ledger) -> None:
    one = arrival(1)
    for day in range(TRIES):
        now = NOON + timedelta(days=day)
        assert steps([one], ledger, now) == [Step(one, look=True)]
        ledger.begin(one, day_of(now), over=False)
    assert steps([one], ledger, NOON + timedelta(days=3)) == [Step(one, give_up=True)]
    ledger.change(one, lambda row: replace(row, page="given up"))
    assert steps([one], ledger) == []
    assert [step.grade for step in steps([one], ledger, OVER)] == [True]


def test_a_look_that_the_machine_ended_is_not_counted(ledger: Ledger) -> None:
    for _ in range(5):
        ledger.begin(arrival(1), day_of(NOON), over=False)
        ledger.take_back(arrival(1))
    assert ledger.of(arrival(1)).tries == 0
    assert ledger.looks(arrival(2), day_of(NOON)) == 0


def test_after_the_due_date_all_are_graded_whatever_they_have_had(ledger: Ledger) -> None:
    for number in (1, 2, 3):
        looked(ledger, arrival(number), OVER)
    assert steps([arrival(3)], ledger, OVER) == [Step(arrival(3), grade=True, full=True, over=True)]


def test_whether_time_is_over_is_not_what_a_submission_says_of_itself(ledger: Ledger) -> None:
    early = arrival(1)  # by its own name it came a week before the due date
    assert [step.full for step in steps([early], ledger, OVER)] == [True]


def test_a_time_that_cannot_be_is_noticed() -> None:
    late = replace(arrival(1), came=datetime(2026, 11, 10, 14, tzinfo=UTC).timestamp())
    assert TIMES.is_in_doubt(late)
    assert not Times(DUE, {"ada": timedelta(days=1)}).is_in_doubt(late)
    assert not Times().is_in_doubt(late)
    assert not TIMES.is_in_doubt(replace(late, when=datetime(2026, 11, 10, 13)))
    soon = datetime(2026, 11, 10, 12, 5, tzinfo=UTC).timestamp()
    assert not TIMES.is_in_doubt(replace(late, came=soon))


def test_an_extension_keeps_a_students_time_open(ledger: Ledger) -> None:
    times = Times(DUE, {"ada": timedelta(days=2)})
    ada, ben = arrival(1), arrival(1, "ben", "ben")
    found = {step.arrival.student: step for step in steps([ada, ben], ledger, OVER, times=times)}
    assert found["ada"] == Step(ada, look=True)
    assert found["ben"].full


def test_without_a_due_date_nobodys_time_is_over(ledger: Ledger) -> None:
    assert steps([arrival(1)], ledger, OVER, times=Times()) == [Step(arrival(1), look=True)]


def test_the_whole_page_comes_once_however_often_one_hands_in_late(ledger: Ledger) -> None:
    graded(ledger, arrival(1), last=True)
    late = arrival(2)
    [step] = steps([arrival(1), late], ledger, OVER)
    assert step == Step(late, look=True, grade=True, over=True)
    graded(ledger, late, last=False)
    assert steps([arrival(1), late], ledger, OVER) == []


def test_late_ones_have_a_number_for_the_day_too(ledger: Ledger) -> None:
    graded(ledger, arrival(1), last=True)
    graded(ledger, arrival(2), last=False)
    assert [step.wait for step in steps([arrival(3)], ledger, OVER)] == [True]


def test_a_whole_page_that_was_not_written_is_written_by_the_next_pass(ledger: Ledger) -> None:
    one = arrival(1)
    ledger.begin(one, day_of(OVER), over=True)
    ledger.change(one, lambda row: replace(row, graded=True))
    assert steps([one], ledger, OVER) == [Step(one, grade=True, full=True, over=True)]


@pytest.mark.parametrize(
    ("rules", "before", "after"),
    [
        (Rules(2, "nothing", "nothing"), Step(arrival(1)), (False, False)),
        (Rules(2, "full", "full"), Step(arrival(1), grade=True, full=True), (False, True)),
        (Rules(2, "aspects", "aspects"), Step(arrival(1), look=True), (True, False)),
    ],
)
def test_what_pages_show_is_set(
    ledger: Ledger, rules: Rules, before: Step, after: tuple[bool, bool]
) -> None:
    assert steps([arrival(1)], ledger, rules=rules) == [before]
    [step] = steps([arrival(1)], ledger, OVER, rules)
    assert (step.look, step.full) == after
    assert step.grade


def test_what_is_in_the_ledger_is_there_for_the_next_start(tmp_path: Path) -> None:
    looked(Ledger(tmp_path, UNIT), arrival(1))
    again = Ledger(tmp_path, UNIT)
    assert again.of(arrival(1)).page == "aspects"
    assert steps([arrival(1)], again) == []


@pytest.mark.parametrize("damage", ["", "[1]", '{"a": {"who": 1}}', '{"a": 1}'])
def test_a_damaged_ledger_is_told_in_a_line(tmp_path: Path, damage: str) -> None:
    path = tmp_path / f"gradebook.watched.{UNIT}.json"
    path.write_text(damage)
    with pytest.raises(BadLedger, match=r"is damaged: move it away"):
        Ledger(tmp_path, UNIT)


def test_times_are_compared_in_utc() -> None:
    end = datetime(2026, 11, 10, 12, 0, 1, tzinfo=UTC)
    assert Times(DUE).is_over("ada", end)
    assert Times(DUE).is_over("ada", end.astimezone(BERLIN))
    assert not Times(DUE).is_over("ada", datetime(2026, 11, 10, 12, 30, tzinfo=BERLIN))
