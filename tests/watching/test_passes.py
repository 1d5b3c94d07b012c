"""Passes in which nothing is run: they ask little, and tell what they cannot do."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from grader.batch.crew import Crew
from grader.batch.workers import Workers
from grader.lms.arrival import Arrival, Seen
from grader.watching import watch as module
from grader.watching.event import Event
from grader.watching.plan import Rules, Step, Times
from grader.watching.watch import Watch
from tests.gradebooks import FIRST, fill


class Inbox:
    """In place of an exchange."""

    def __init__(self) -> None:
        self.seen = Seen()

    def look(self, unit: str) -> Seen:
        """What a test has put there."""
        return self.seen


def arrival(number: int) -> Arrival:
    """A submission that nobody can take: it is nowhere."""
    return Arrival(f"ada {number}", "ada", "ada", datetime(2026, 11, 3), 0.0, Path("nowhere"), "s")


@pytest.fixture
def asked() -> list[str]:
    """The times at which the gradebook was asked."""
    return []


@pytest.fixture
def watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: list[str]) -> Watch:
    """One without workers, in a course where nothing has arrived."""

    def times(course: object) -> Times:
        asked.append("times")
        return Times()

    fill(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(module, "read_times", times)
    events: list[Event] = []
    made = Watch(FIRST, Inbox(), None, Rules(), Crew(lambda: Workers(1)), 1, events.append)
    made.events = events  # type: ignore[attr-defined]
    return made


def events(watch: Watch) -> list[tuple[str, str]]:
    """What was told."""
    return [(event.what, event.says) for event in watch.events]  # type: ignore[attr-defined]


def test_nothing_is_asked_of_the_gradebook_while_nothing_comes(
    watch: Watch, asked: list[str]
) -> None:
    watch.look_through()
    assert asked == []
    watch.inbox.seen = Seen((arrival(1),))  # type: ignore[attr-defined]
    watch.ledger.change(arrival(1), lambda row: replace(row, page="aspects"))
    for _ in range(3):
        watch.look_through()
    assert asked == ["times"]
    watch.inbox.seen = Seen((arrival(1), arrival(2)))  # type: ignore[attr-defined]
    watch.look_through()
    assert asked == ["times", "times"]


def test_what_has_been_looked_at_is_graded_together_and_what_failed_alone(watch: Watch) -> None:
    """Else a class would be graded one after the other when its time is over."""
    steps = [Step(arrival(number), grade=True, over=True) for number in range(4)]
    for step in steps:
        watch.ledger.begin(step.arrival, "2026-11-03", over=False)
    assert watch._batch(steps) == steps[:1]
    for step in steps[:3]:
        watch._mark(step.arrival, "aspects")
    assert watch._batch(steps) == steps[:3]


def test_what_cannot_be_taken_is_told_once(watch: Watch) -> None:
    watch.inbox.seen = Seen((arrival(1),), ("x is no submission: left alone",))  # type: ignore[attr-defined]
    for _ in range(2):
        watch.look_through()
    assert events(watch) == [
        ("left alone", "x is no submission: left alone"),
        ("unreadable", "nowhere was gone while it was read."),
    ]


def test_a_place_that_cannot_be_read_is_told_once_until_it_can_be(watch: Watch) -> None:
    def gone(unit: str) -> Seen:
        raise FileNotFoundError(2, "No such file or directory", "inbound")

    there = watch.inbox.look
    for look in (gone, gone, there, gone):
        watch.inbox.look = look  # type: ignore[method-assign]
        watch.look_through()
    trouble = ("trouble", "inbound: No such file or directory")
    assert events(watch) == [trouble, trouble]


def test_an_event_is_one_plain_line() -> None:
    event = Event(datetime(2026, 11, 3, 8), "note", "u", "a\nb", "\x1b[31mred\nnext", 1.25)
    assert str(event) == "2026-11-03 08:00:00  u  a?b  note after 1.2 s: ?[31mred?next"
    assert event.to_json()["seconds"] == 1.25
