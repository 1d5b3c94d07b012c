"""What arrives is taken, looked at or graded, and answered: one pass after the other.

    inbox ── take ──> submitted/ ──┬── look  ──> watched/                ── page of aspects ──┐
                                   └── grade ──> autograded/, gradebook ── whole page ────────┤
    the exchange <── under the submission's own secret ──────────────────────────────────────┘

A pass takes a few submissions, those that wait longest first, so that one that comes meanwhile does
not wait for a whole class. What a pass has done is in the ledger before the next thing begins.
"""

from __future__ import annotations

import errno
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from nbgrader.converters import NbGraderException
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import rmtree
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from grader.batch.crew import Crew
from grader.batch.engine import ClassAutograde, End
from grader.class_report.graded_notebook import read_graded
from grader.class_report.write_page import write_page
from grader.gradebook.counted import counted
from grader.gradebook.course import NoGradebook, application, gradebook
from grader.lms.arrival import Arrival, Inbox
from grader.lms.take import Busy, NotTaken, take
from grader.submissions.digest import is_another
from grader.submissions.read_notebook import read_notebook
from grader.watching import sentences
from grader.watching.early import LOOKED_AT, early_look
from grader.watching.event import Event, Heard
from grader.watching.full import grading, write_feedback
from grader.watching.ledger import Ledger, Page
from grader.watching.pages import aspects_page, note_page, read_look
from grader.watching.plan import Rules, Step, Times, day_of, plan
from grader.watching.release import release

AT_ONCE = 20
"""Submissions of one pass."""
_REPLACED_AT_ONCE = 100
_AGAIN_SECONDS = 60.0
"""Between two tries of a look that did not come to its end."""
_QUIET_SECONDS = 30.0
"""For which nothing is asked of the gradebook while nothing new has come."""
_NOT_ITS_FAULT = (KeyboardInterrupt, OSError, SQLAlchemyError, NbGraderException, NoGradebook)
"""What ends a run through no doing of a submission's."""
_FULL = (errno.ENOSPC, errno.EDQUOT)


def now() -> datetime:
    """The time, in the zone of this machine: its days are those that looks are counted by."""
    return datetime.now().astimezone()


class Watch:
    """Watches a unit of the course in the current folder. `feedback` is the exchange's folder of
    pages, None where there is none; `tell` hears of each event. Raises `BadLedger`."""

    def __init__(
        self,
        unit: str,
        inbox: Inbox,
        feedback: Path | None,
        rules: Rules,
        crew: Crew,
        jobs: int,
        tell: Callable[[Event], None],
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.unit, self.inbox, self.feedback, self.rules = unit, inbox, feedback, rules
        self._crew, self._jobs, self._tell, self._clock = crew, jobs, tell, clock
        self._course = Path.cwd()
        self.ledger = Ledger(self._course, unit)
        self._heard = Heard(self._note)
        self._said: set[str] = set()
        self._times = Times()
        self._troubles: set[str] = set()
        self._quiet: frozenset[str] | None = None  # the submissions of a pass that found all done
        self._until = 0.0
        self._later: dict[str, float] = {}  # when a submission is tried again
        self._machine = False  # whether what went wrong in a run was the machine's doing

    def look_through(self) -> bool:
        """One pass; whether there is more to do at once. It raises nothing that the next pass, or
        another disk, could put right: it tells of it."""
        try:
            more = self._pass()
            self._said -= self._troubles
            self._troubles.clear()
            return more
        except (NoGradebook, SQLAlchemyError, NbGraderException) as error:
            self._trouble(str(error).split("\n")[0])
        except OSError as error:
            if error.errno not in _FULL:
                self._trouble(f"{error.filename or self._course}: {error.strerror}")
            else:
                self._trouble(f"the disk is full ({error.filename or self._course}): it waits")
        except Exception as error:  # a watch goes on; what ended it is counted, and given up
            self._trouble(_unforeseen(error))
        return False

    def _pass(self) -> bool:
        seen = self.inbox.look(self.unit)
        for line in seen.odd:
            self._once("left alone", line)
        names = frozenset(one.name for one in seen.arrivals)
        if not names or (names == self._quiet and time.time() < self._until):
            return False
        course = application(self._course).coursedir
        course.assignment_id = self.unit
        when = self._clock()
        self._times = read_times(course)
        found = plan(seen.arrivals, self.ledger, self._times, self.rules, when)
        for earlier, newest in found.replaced[:_REPLACED_AT_ONCE]:
            self._note_page(earlier, "replaced", sentences.replaced(newest))
        due = [one for one in found.steps if self._later.get(one.arrival.name, 0) < time.time()]
        batch = self._batch(due)
        self._quiet = None if found.steps or found.replaced else names
        self._until = time.time() + _QUIET_SECONDS
        taken = [step for step in batch if self._begin(course, step)]
        self._run([step for step in taken if step.look], grade=False)
        self._run([step for step in taken if step.grade], grade=True)
        return len(due) > len(batch) or len(found.replaced) > _REPLACED_AT_ONCE

    def _batch(self, due: Sequence[Step]) -> list[Step]:
        """Those that wait longest. One that did not come to its end is tried alone: else it could
        take others with it, and nobody would tell which was to blame."""
        ordered = sorted(due, key=lambda step: step.arrival.came)
        fresh = [step for step in ordered if not self.ledger.of(step.arrival).tries]
        again = [step for step in ordered if step not in fresh]
        return fresh[:AT_ONCE] or again[:1]

    # One step after the other.

    def _begin(self, course: CourseDirectory, step: Step) -> bool:
        """Take the submission, and say at once what can be said; whether it is to be run."""
        one = step.arrival
        try:
            taken = take(course, one)
        except Busy:
            self._later[one.name] = time.time() + _AGAIN_SECONDS / 10
            return False
        except NotTaken as reason:
            self.ledger.change(one, lambda row: replace(row, over=step.over))
            self._note_page(one, "unreadable", sentences.not_taken(str(reason)), str(reason))
            return False
        except OSError as error:
            if error.errno in _FULL:
                raise
            self._later[one.name] = time.time() + _AGAIN_SECONDS
            self._say("failed", one, f"{error.filename}: {error.strerror}", failed=True)
            return False
        if taken and self._times.is_in_doubt(one):
            self._say("note", one, sentences.in_doubt(one))
        if step.wait:
            self._note_page(one, "waits", sentences.waits(self.rules.per_day))
        elif step.give_up:
            self.ledger.change(one, lambda row: replace(row, over=step.over))
            self._note_page(one, "given up", sentences.given_up(), "it failed several times")
        elif not (step.look or step.grade):
            self.ledger.change(one, lambda row: replace(row, received=True))
            self._say("received", one, "copied into submitted/" if taken else "")
        return step.look or step.grade

    def _run(self, steps: Sequence[Step], *, grade: bool) -> None:
        """Look at these submissions, or grade them."""
        if not steps:
            return
        open_ = {step.arrival.student: step for step in steps}
        self._machine = False
        try:
            for step in steps:
                if not (grade and step.look):  # else the look before it has been counted
                    self.ledger.begin(step.arrival, day_of(self._clock()), over=step.over)
            graded = self._convert(open_, grade=grade)
            if grade:
                self._answer_in_full(graded)
        except BaseException as error:
            if len(self._crew):  # what is under way is of no use to anybody
                self._crew.forget()
            if isinstance(error, _NOT_ITS_FAULT):
                for step in open_.values():
                    self.ledger.take_back(step.arrival)
            raise

    def _convert(self, open_: dict[str, Step], *, grade: bool) -> list[Step]:
        """Run them; what has come to its end is taken out of `open_`. Those that are graded."""
        graded: list[Step] = []

        def told(student: str, end: End) -> None:
            step = open_[student]
            if self._is_there(step.arrival, grade=grade):
                if grade:
                    self._enter(step)
                    graded.append(step)
                else:
                    self._answer(step)
            else:
                self._failed(step, end)
            del open_[student]

        students = list(open_)
        if not grade:
            for student in students:
                _remove(self._folder(LOOKED_AT, student))
        make = grading if grade else early_look
        converter: ClassAutograde = make(self.unit, self._crew, self._jobs, students, told)
        self._heard.listen(converter.log)
        try:
            converter.start()
        except NbGraderException:
            if open_:  # it was given up, and the log has said why
                raise
        return graded

    def _is_there(self, one: Arrival, *, grade: bool) -> bool:
        """Whether what was made is of this submission, and whole."""
        made = self._folder("autograded" if grade else LOOKED_AT, one.student)
        notebooks = sorted(made.glob("*.ipynb"))
        submitted = self._folder("submitted", one.student)
        whole = bool(notebooks) and all(read_graded(path) for path in notebooks)
        return whole and not is_another(submitted, made)

    def _failed(self, step: Step, end: End) -> None:
        one = step.arrival
        self._later[one.name] = time.time() + _AGAIN_SECONDS
        if end == "skipped" or self._machine:
            self.ledger.take_back(one)
        elif reason := _unreadable(self._folder("submitted", one.student)):
            self._note_page(one, "unreadable", sentences.not_taken(reason), reason)
        else:
            self._say("failed", one, "it is tried again", failed=True)

    # Answers.

    def _answer(self, step: Step) -> None:
        """The page of a look."""
        one = step.arrival
        folder = self._folder(LOOKED_AT, one.student)
        found = read_look(folder)
        if step.over:
            more = sentences.time_is_over(had_page=self.ledger.had_last_word(one.student))
        else:
            looks = 1 + self.ledger.looks(one, day_of(self._clock()))
            more = sentences.looks_left(self.rules.per_day - looks)
        page = aspects_page(self.unit, one.when, found, more)
        write_page(folder / f"{self.unit}.html", page, self._course)
        released = self._release(one, {"": page})
        self._mark(one, "aspects")
        judged = [exercise for exercise in found if exercise.aspects]
        right = sum(exercise.is_right for exercise in judged)
        self._say(
            "looked at", one, f"{right} of {counted(len(judged), 'exercise')} right{released}"
        )

    def _enter(self, step: Step) -> None:
        self.ledger.change(step.arrival, lambda row: replace(row, graded=True))
        if not step.full:
            self._say("graded", step.arrival)

    def _answer_in_full(self, steps: Sequence[Step]) -> None:
        """The whole pages of these, where they are to get them."""
        wanted = [step for step in steps if step.full]
        if not wanted:
            return
        try:
            students = [step.arrival.student for step in wanted]
            write_feedback(self.unit, students, self._heard.listen)
        except NbGraderException:
            pass  # the log has said why, and whose page is not there is told below
        for step in wanted:
            one = step.arrival
            folder = self._folder("feedback", one.student)
            pages = {path.stem: path.read_text(encoding="utf-8") for path in folder.glob("*.html")}
            if not pages:
                self._later[one.name] = time.time() + _AGAIN_SECONDS
                self._say("failed", one, "it is graded, but has no page of feedback", failed=True)
                continue
            released = self._release(one, pages)
            self._mark(one, "full", last=step.over)
            self._say("graded", one, f"whole page{released}")

    def _note_page(self, one: Arrival, what: Page, told: Sequence[str], says: str = "") -> None:
        """A page of a few sentences."""
        page = note_page(self.unit, one.when, told)
        released = self._release(one, {"": page})
        self._mark(one, what)
        failed = what in ("unreadable", "given up")
        self._say(what, one, f"{says or told[0]}{released}", failed=failed)

    def _release(self, one: Arrival, pages: dict[str, str]) -> str:
        """Put pages into the exchange; what is to be said of it."""
        if self.feedback is None:
            return ""
        there = release(self.feedback, one, pages)
        return "; released" if there else "; no page: it came without a secret or a notebook"

    def _mark(self, one: Arrival, page: Page, *, last: bool = False) -> None:
        ended = page in ("aspects", "full")  # what is begun after it is tried for the first time
        self.ledger.change(
            one,
            lambda row: replace(
                row,
                page=page,
                last=row.last or last,
                received=False,
                tries=0 if ended else row.tries,
            ),
        )

    def _folder(self, step: str, student: str) -> Path:
        return self._course / step / student / self.unit

    # What is said.

    def _say(self, what: str, one: Arrival, says: str = "", *, failed: bool = False) -> None:
        seconds = max(0.0, time.time() - one.came) if what in ("looked at", "graded") else None
        event = Event(self._clock(), what, self.unit, one.student, says, seconds, failed)
        self._tell(event)

    def _once(self, what: str, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._tell(Event(self._clock(), what, self.unit, says=line))

    def _note(self, line: str, error: bool) -> None:
        """What nbgrader's log says."""
        self._machine = self._machine or "waiting for at most" in line
        self._tell(Event(self._clock(), "note", self.unit, says=line, failed=error))

    def _trouble(self, line: str) -> None:
        """What the next pass may find mended; it is told once."""
        if line not in self._said:
            self._said.add(line)
            self._troubles.add(line)
            self._tell(Event(self._clock(), "trouble", self.unit, says=line, failed=True))


def read_times(course: CourseDirectory) -> Times:
    """When the unit is due, and who has more time. Raises `NoGradebook`."""
    from nbgrader.api import Assignment, SubmittedAssignment

    with gradebook(course) as book:
        unit = book.find_assignment(course.assignment_id)
        query = select(SubmittedAssignment.student_id, SubmittedAssignment.extension).join(
            Assignment, Assignment.id == SubmittedAssignment.assignment_id
        )
        rows = book.db.execute(query.where(Assignment.name == course.assignment_id))
        return Times(unit.duedate, {student: more for student, more in rows if more})


def _unforeseen(error: Exception) -> str:
    """The error's kind and place, not its own words: they may be a student's."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return (
        f"{type(error).__name__} ({Path(last.filename).name}, line {last.lineno}), which is not "
        "foreseen: please report it"
    )


def _remove(folder: Path) -> None:
    if folder.exists():
        rmtree(str(folder))


def _unreadable(folder: Path) -> str:
    """Why nothing in this folder can be read as a notebook; nothing where it can."""
    paths = sorted(folder.glob("*.ipynb"))
    if not paths:
        return "It contains no notebook."
    for path in paths:
        try:
            read_notebook(path)
        except Exception:  # nbformat raises many kinds, and all mean the same here
            return "Its notebook cannot be read."
    return ""
