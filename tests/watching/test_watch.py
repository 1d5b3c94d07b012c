"""A unit is watched: what arrives is answered, nothing hidden is told early, nothing is lost."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook
from nbgrader.utils import notebook_hash
from sqlalchemy.exc import OperationalError

from grader.batch.crew import Crew
from grader.batch.workers import Workers
from grader.demo.sample import Member, submission
from grader.lms.arrival import Exchange, Folder
from grader.sandbox.confine import CannotConfine, bwrap
from grader.watching import watch as module
from grader.watching.event import Event
from grader.watching.plan import Rules
from grader.watching.watch import Watch
from tests.small_course import SECRET, UNIT, Course

WRONG = {"flatten-shape": "def flatten_shape(shape):\n    return shape"}
PROBING = {
    "dense-params": (
        "def dense_params(features, units, use_bias=True):\n"
        "    raise ValueError(f'asked {features} {units}')"
    ),
    "flatten": (
        "class Flatten(keras.layers.Layer):\n"
        "    def call(self, inputs):\n"
        "        raise ValueError(str(ops.convert_to_numpy(inputs).ravel()[:6]))"
    ),
}
"""Answers that show what they are asked, in every way that a card has words for."""
START = datetime(2026, 11, 3, 9, tzinfo=UTC)


@dataclass
class Watched:
    """A course with an exchange, watched by a clock that a test sets."""

    course: Course
    crew: Crew
    now: datetime = START
    events: list[Event] = field(default_factory=list)
    count: int = 0

    @property
    def place(self) -> Path:
        """The course's folder in the exchange."""
        return self.course.path.parent / "exchange" / "layer-by-layer"

    def hand_in(self, student: str, answers: dict[str, str] | None, text: str = "") -> str:
        """Submit; the secret of the submission, which names its page. No answers: the stubs."""
        member = Member(student, "", {}, answers or {}, blank=answers is None)
        text = text or submission(member, self.course.release, self.course.solution)
        self.count += 1
        stamp = f"2026-11-03 08:00:{self.count:02d} UTC"
        folder = self.place / "inbound" / f"{student}+{UNIT}+{stamp}"
        folder.mkdir(parents=True)
        secret = f"secret {self.count}"
        (folder / f"{UNIT}.ipynb").write_text(text)
        (folder / "timestamp.txt").write_text(stamp)
        (folder / "submission_secret.txt").write_text(secret)
        return secret

    def look(self, rules: Rules | None = None) -> list[tuple[str, str]]:
        """A pass as after a new start; who heard what."""
        self.events = []
        inbox, feedback = Exchange(self.place / "inbound"), self.place / "feedback"
        watch = Watch(
            UNIT,
            inbox,
            feedback,
            rules or Rules(per_day=2),
            self.crew,
            2,
            self.events.append,
            lambda: self.now,
        )
        watch.look_through()
        return [(event.student, event.what) for event in self.events]

    def page(self, secret: str) -> str:
        """The page that the student of this submission fetches."""
        name = notebook_hash(secret=secret, notebook_id=UNIT)
        return (self.place / "feedback" / f"{name}.html").read_text()

    def due(self, when: datetime | None) -> None:
        """Set the due date."""
        with closing(Gradebook(f"sqlite:///{self.course.path}/gradebook.db")) as book:
            unit = book.find_assignment(UNIT)
            unit.duedate = when and when.astimezone(UTC).replace(tzinfo=None)
            book.db.commit()

    def rows(self) -> int:
        """Submissions in the gradebook."""
        with closing(Gradebook(f"sqlite:///{self.course.path}/gradebook.db")) as book:
            return len(book.assignment_submissions(UNIT))


@pytest.fixture(scope="module")
def crew() -> Iterator[Crew]:
    """Two workers for all tests."""
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    with Crew(partial(Workers, 2)) as workers:
        yield workers


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """A course whose unit is released."""
    return Course.make(tmp_path_factory.mktemp("watched") / "course", {})


@pytest.fixture
def watched(made: Course, tmp_path: Path, crew: Crew, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """A copy of it, in which nothing has happened."""
    shutil.copytree(made.path, tmp_path / "course")
    monkeypatch.chdir(tmp_path / "course")
    found = Watched(Course(tmp_path / "course"), crew)
    (found.place / "inbound").mkdir(parents=True)
    return found


def test_a_look_tells_the_aspects_and_enters_nothing(watched: Watched) -> None:
    right, wrong = watched.hand_in("ada", {}), watched.hand_in("ben", WRONG)
    stub, broken = watched.hand_in("cho", None), watched.hand_in("dee", None, "{")
    assert set(watched.look()) >= {
        ("ada", "looked at"),
        ("ben", "looked at"),
        ("cho", "looked at"),
        ("dee", "unreadable"),
    }
    assert "4 of 4" not in watched.page(wrong)
    assert "flatten_shape" in watched.page(wrong)
    assert "a first look" in watched.page(right)
    assert "Not attempted yet." in watched.page(stub)
    assert "It could not be read. Its notebook cannot be read." in watched.page(broken)
    assert all(event.seconds is not None for event in watched.events if event.what == "looked at")
    # What needs no hidden case has none: no seed was drawn, and the gradebook heard of nobody.
    assert not (watched.course.path / "gradebook.seeds.json").exists()
    assert watched.rows() == 0
    assert not (watched.course.path / "autograded").exists()
    assert watched.look() == []


def test_nothing_hidden_can_be_found_out_by_handing_in_again(watched: Watched) -> None:
    """The same submissions in two courses whose hidden cases differ: the same bytes."""
    pages = []
    for seed in (11, 987_654_321):
        watched.course.path.joinpath("gradebook.seeds.json").write_text(json.dumps({UNIT: seed}))
        watched.course.path.joinpath(f"gradebook.watched.{UNIT}.json").unlink(missing_ok=True)
        watched.count = 0
        for old in (watched.place / "inbound").iterdir():
            old.rename(watched.place / f"{seed}{old.name}")
        secrets = [watched.hand_in("eve", PROBING), watched.hand_in("ben", WRONG)]
        watched.look()
        pages.append([watched.page(secret) for secret in secrets])
    assert pages[0] == pages[1]
    probed = pages[0][0]
    assert "asked 2 3" in probed  # the visible part of the instructor's own test
    made = watched.course.path / "watched" / "eve" / UNIT / f"{UNIT}.ipynb"
    shown = [cell.get("outputs", "") for cell in nbformat.read(made, as_version=4).cells]
    assert str(SECRET) not in probed + str(shown)


def test_above_the_number_of_a_day_it_waits_and_comes_next_day(watched: Watched) -> None:
    for _ in range(2):
        watched.hand_in("ada", WRONG)
        assert ("ada", "looked at") in watched.look()
    waiting = watched.hand_in("ada", {})
    assert watched.look() == [("ada", "waits")]
    assert "2 of yours were looked at today" in watched.page(waiting)
    assert watched.look() == []
    watched.now += timedelta(days=1)
    assert ("ada", "looked at") in watched.look()
    assert "a first look" in watched.page(waiting)


def test_of_several_at_once_the_newest_is_looked_at_and_each_is_answered(
    watched: Watched,
) -> None:
    first, second = watched.hand_in("ada", WRONG), watched.hand_in("ada", {})
    assert watched.look() == [("ada", "replaced"), ("ada", "looked at")]
    assert "you handed in a newer one" in watched.page(first)
    assert "Hand in again when you have changed something: 1 more today." in watched.page(second)


def test_when_the_time_is_over_all_are_graded_and_get_the_whole_page_once(
    watched: Watched,
) -> None:
    early = watched.hand_in("ada", WRONG)
    watched.look()
    watched.due(START + timedelta(days=1))
    watched.now += timedelta(days=2)
    assert ("ada", "graded") in watched.look()
    assert watched.course.results(["ada"])["ada"].total == 20.0
    assert "Score:" in watched.page(early)
    assert watched.look() == []
    late = watched.hand_in("ada", {})
    assert [what for _, what in watched.look() if what != "note"] == ["looked at", "graded"]
    assert "You have had the whole page of an earlier submission." in watched.page(late)
    assert watched.course.results(["ada"])["ada"].total == 22.0
    assert watched.look() == []


def test_what_can_pass_is_told_once_and_loses_nothing(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = watched.hand_in("ada", {})

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "somewhere")

    def locked(*_: object, **__: object) -> None:
        raise OperationalError("select", {}, Exception("database is locked"))

    for name, trouble, told in (
        ("take", full, "the disk is full (somewhere): it waits"),
        ("write_page", full, "the disk is full (somewhere): it waits"),
        ("read_times", locked, "database is locked"),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, trouble)
            assert ("", "trouble") in watched.look()
            assert told in watched.events[-1].says
            assert watched.events[-1].failed
    assert ("ada", "looked at") in watched.look()
    assert "1 more today" in watched.page(secret)  # none of these was counted


def test_one_that_cannot_be_looked_at_stops_nobody_else(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.hand_in("ada", {})
    secret = watched.hand_in("ben", {})
    (watched.course.path / "submitted").mkdir()
    (watched.course.path / "submitted" / "ada").write_text("a file, where a folder should be")
    heard = watched.look()
    assert ("ada", "failed") in heard
    assert ("ben", "looked at") in heard
    assert "a first look" in watched.page(secret)


def test_what_nobody_foresaw_is_counted_given_up_and_takes_nobody_with_it(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = [watched.hand_in("ada", {}), watched.hand_in("ben", {})]
    read = module.read_look

    def breaks(folder: Path) -> object:
        if "ada" in folder.parts:
            raise KeyError("a bug")
        return read(folder)

    monkeypatch.setattr(module, "read_look", breaks)
    for _ in range(6):
        watched.look()
    assert "did not come to an end with it" in watched.page(secrets[0])
    assert "a first look" in watched.page(secrets[1])


def test_a_killed_run_is_gone_on_with(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    secret = watched.hand_in("ada", {})

    class Killed(BaseException):
        """Nothing catches it, as nothing runs after a kill."""

    def killed(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module.Ledger, "take_back", lambda *_: None)
        patch.setattr(module, "release", killed)
        with pytest.raises(Killed):
            watched.look()
    assert ("ada", "looked at") in watched.look()
    assert "a first look" in watched.page(secret)


@pytest.mark.slow
def test_a_folder_is_watched_from_the_first_look_to_the_whole_page(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with `--folder submitted`: there is no exchange, and what arrives is graded in place."""
    monkeypatch.setattr("grader.lms.arrival._SETTLED", 0.0)
    course = watched.course
    for student, answers in (("ada", {}), ("ben", WRONG)):
        member = Member(student, "", {}, answers)
        course.hand_in(student, submission(member, course.release, course.solution))
    course.hand_in("cho", "{")

    def look() -> set[tuple[str, str]]:
        watched.events = []
        inbox, tell = Folder(course.path / "submitted"), watched.events.append
        rules, crew = Rules(per_day=2), watched.crew
        Watch(UNIT, inbox, None, rules, crew, 2, tell, lambda: watched.now).look_through()
        return {(one.student, one.what) for one in watched.events if one.what != "note"}

    assert look() == {("ada", "looked at"), ("ben", "looked at"), ("cho", "unreadable")}
    assert "flatten_shape" in course.file("watched", "ben", "html").read_text()
    assert look() == set()
    watched.due(START + timedelta(days=1))
    watched.now += timedelta(days=2)
    assert look() >= {("ada", "graded"), ("ben", "graded")}
    assert "Score:" in course.file("feedback", "ada", "html").read_text()
    assert course.results(["ada"])["ada"].total == 22.0
    assert look() == {("cho", "unreadable")}  # what failed before is tried again, alone


def test_whole_pages_before_the_due_date_are_for_who_asks_for_them(watched: Watched) -> None:
    secret = watched.hand_in("ada", WRONG)
    assert ("ada", "graded") in watched.look(Rules(before_due="full"))
    assert "Score:" in watched.page(secret)


def test_nothing_is_shown_where_nothing_is_to_be_shown(watched: Watched) -> None:
    watched.hand_in("ada", WRONG)
    assert watched.look(Rules(before_due="nothing")) == [("ada", "received")]
    assert watched.course.file("submitted", "ada").exists()
    assert not (watched.place / "feedback").exists()
    assert watched.look(Rules(before_due="nothing")) == []
