"""What students handed in, out of nbgrader's exchange: nobody can stand in another's way.

Every student may write into the exchange's inbound folder, under any name. nbgrader's own `collect`
ends at the first name that it cannot read, follows links to files of the instructor's, gives a
student what somebody else wrote in that name, and removes what was there before it copies.
"""

from __future__ import annotations

import contextlib
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from nbgrader.api import MissingEntry
from nbgrader.exchange import ExchangeError, abc
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.utils import check_mode

from grader.gradebook.course import NoGradebook, gradebook
from grader.lms.arrival import Arrival, Exchange, by_student, secret_of
from grader.lms.collect import replaced
from grader.lms.other_exchange import class_of, configured
from grader.lms.take import Busy, NotTaken, put, same_notebooks
from grader.submissions.timestamps import unreadable


class Collect(ExchangeCollect):
    """Collects each student's newest submission by itself: `c.ExchangeFactory.collect`.

    What cannot be collected is named, and the command then ends with 1; what was there stays. It is
    for the exchange that is a folder. Where the course uses another one, such as ngshare, what is
    made is an object of that exchange's own class."""

    def __new__(cls, *args: Any, parent: Any = None, **names: Any) -> Any:
        own = None
        with contextlib.suppress(ExchangeError):  # `start` tells it
            own = _own_class(parent) if parent is not None else None
        if own is None or issubclass(own, cls):
            return super().__new__(cls)
        return own(*args, parent=parent, **names)

    def start(self) -> None:
        """Collect; raises `ExchangeError`, after the log has said why, where not all could be."""
        try:
            _own_class(self.parent)
        except ExchangeError as error:
            self.fail(str(error))
        super().start()

    def init_src(self) -> None:
        """Find each student's submission that counts."""
        course = self.coursedir
        if not course.course_id:
            self.fail("No course id specified. Re-run with --course flag.")
        self.course_path = str(Path(self.root, course.course_id))
        self.inbound_path = str(Path(self.course_path, "inbound"))
        if not Path(self.inbound_path).is_dir():
            self.fail(f"Course not found: {self.inbound_path}")
        if not check_mode(self.inbound_path, read=True, execute=True):
            self.fail(f"You don't have read permissions for the directory: {self.inbound_path}")
        seen = Exchange(Path(self.inbound_path)).look(course.assignment_id)
        self._left_out = list(seen.odd)
        wanted = course.student_id or "*"
        self._all = [one for one in seen.arrivals if fnmatchcase(one.student, wanted)]
        due = self._due() if self.before_duedate else None
        in_time = [one for one in self._all if due is None or one.when <= due]
        rest = {one.student for one in self._all} - {one.student for one in in_time}
        counts = [*in_time, *(one for one in self._all if one.student in rest)]
        self.src_records = [newest for _, newest in by_student(counts)]

    def _due(self) -> Any:
        course = self.coursedir
        try:
            with gradebook(course, create=True) as book:
                return book.find_assignment(course.assignment_id).duedate
        except MissingEntry:
            return None
        except NoGradebook as error:
            self.fail(str(error))

    def copy_files(self) -> None:
        """Collect what is new, and say what was left out."""
        if not self._all and not self._left_out:
            self.log.warning("Nothing of %s was handed in", self.coursedir.assignment_id)
        for one in self.src_records:
            try:
                self._collect(one)
            except NotTaken as reason:
                self._left_out.append(f"{one.student} was not collected: {reason}")
            except Busy:
                self._left_out.append(
                    f"{one.student} was not collected: a run grades it at this moment; "
                    "collect again when that has ended"
                )
            except OSError as error:
                why = f"{error.filename or one.name}: {error.strerror}"
                self._left_out.append(f"{one.student} was not collected: {why}")
        for line in self._left_out:
            self.log.warning(line)
        if number := len(self._left_out):
            what = "1 thing was" if number == 1 else f"{number} things were"
            self.fail(f"{what} left out: the lines above say why")

    def _collect(self, one: Arrival) -> None:
        course, unit = self.coursedir, self.coursedir.assignment_id
        target = Path(course.format_path(course.submitted_directory, one.student, unit))
        if not target.is_dir():
            self.log.info("Collecting submission: %s %s", one.student, unit)
            self._tell_owner(one)
            return put(course, one, target)
        same = self._same(target)
        if not self._is_new(one, same, target):
            return None
        self.log.info("Updating submission: %s %s", one.student, unit)
        self._tell_owner(one)
        aside = None
        if same is None or not same_notebooks(target, same.folder):
            aside = _free(replaced(self.parent, unit) / one.student)
        put(course, one, target, aside)
        if aside:
            self.log.warning(
                "%s: what was in submitted/ from somewhere else, or changed there, is now in %s",
                one.student,
                aside,
            )
        return None

    def _same(self, target: Path) -> Arrival | None:
        """The submission of the exchange that is in submitted/."""
        secret = secret_of(target)
        return next((one for one in self._all if secret and one.secret == secret), None)

    def _is_new(self, one: Arrival, same: Arrival | None, target: Path) -> bool:
        if one is same:  # whatever a person has changed in it since
            self.log.info("No newer submission to collect: %s", one.student)
            return False
        if self.before_duedate:
            return True
        if not self.update:
            self.log.info("%s is there already: --update collects a newer one", one.student)
            return False
        if same:
            return one.when > same.when
        if why := unreadable(target):
            raise NotTaken(why)
        there = self.coursedir.get_existing_timestamp(str(target))
        return there is None or one.when > there

    def _tell_owner(self, one: Arrival) -> None:
        if self.check_owner and one.owner and one.owner != one.student:
            self.log.warning(
                "%s: the account %s wrote this submission; cheating attempt? Where accounts are "
                "not called as students are: c.ExchangeCollect.check_owner = False",
                one.student,
                one.owner,
            )


def _own_class(parent: Any) -> type[Any] | None:
    return class_of(configured(parent), abc.ExchangeCollect)


def _free(path: Path) -> Path:
    """A path like this one that is not taken."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name} ({number})")
    return free
