"""Many submissions at once: nbgrader's Autograde, with its slow part done by a crew.

nbgrader converts one submission after the other, each in two steps: it is made safe to run, then
run and graded. Here the first step hands the notebook to the crew and the second one is taken when
the crew is done with it; between the two, other submissions have theirs. Only this process writes
the gradebook, and it uses nbgrader's own steps for all it does.
"""

from __future__ import annotations

import glob
import logging
import os
import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from nbformat.notebooknode import NotebookNode
from nbgrader.converters import Autograde, NbGraderException

from grader.batch.crew import Crew
from grader.gradebook.folders import find
from grader.gradebook.lock import Claim
from grader.gradebook.one_line import shown
from grader.grading.task import Graded, NotGraded
from grader.submissions.admission import mend_suffixes
from grader.submissions.execute import Execute

ADDED = (
    "There was an error processing assignment",
    "Please see the the above traceback",
    "Attribute '%s' for cell %s has changed!",
)
"""What nbgrader adds to a line of ours that has said all."""
AHEAD = 3
"""Submissions for each worker that are made ready before they are needed."""
_NAMED = 5
"""Files that are named of those that a submission holds instead of a notebook."""
End = Literal["graded", "skipped", "failed"]
"""`skipped` was graded before."""


class ClassAutograde(Autograde):
    """Grades with a crew of `jobs` workers; `told` hears how it ended for each student.

    `students` are those to grade, or all if there are none. A KeyboardInterrupt leaves what is
    graded; the next run goes on from there.
    """

    assignments: dict[str, list[str]]
    execute: type[Execute] = Execute
    """What makes a task of a notebook."""

    def __init__(
        self,
        crew: Crew,
        jobs: int,
        told: Callable[[str, End], None],
        students: Sequence[str] = (),
        **more: Any,
    ) -> None:
        super().__init__(**more)
        self._crew, self._ahead, self._told, self._wanted = crew, AHEAD * jobs, told, students
        self._outcomes: dict[Hashable, Graded | NotGraded] = {}
        self._second = False  # which of the two steps is being taken
        self.claim = Claim()
        self.why: dict[str, str] = {}
        """What the log said last of a student whose submission was not graded."""
        self._known: dict[str, list[str]] = {}

    def init_notebooks(self) -> None:
        """Find the submissions, once for both steps; nbgrader drops those without a notebook."""
        course, wanted = self.coursedir, self._wanted
        pattern = self._format_source(course.assignment_id, course.student_id)
        self.all = {
            path: self._notebooks(path)
            for path in sorted(find(course.root, pattern))
            if not wanted or self.student(path) in wanted
        }
        self.assignments = {path: files for path, files in self.all.items() if files}
        if not self.all and not wanted:
            raise NbGraderException(f"nbgrader finds nothing at {pattern}")
        if missing := sorted(set(wanted) - {self.student(path) for path in self.all}):
            raise NbGraderException(f"{', '.join(missing)}: no such submission")

    def _notebooks(self, path: str) -> list[str]:
        if _is_pattern(self.student(path)):  # it would find other students' notebooks
            return []
        mend_suffixes(Path(path))
        pattern = os.path.join(path, self.coursedir.notebook_id + ".ipynb")
        return find(self.coursedir.root, pattern)

    def student(self, path: str) -> str:
        """The student whose submission this is."""
        pattern = self._format_source(".*", "(?P<student>.*)", escape=True)
        found = re.match(pattern, path)
        return found["student"] if found else path

    def convert_notebooks(self) -> None:
        """Grade all submissions; raises `NbGraderException` at the end if one was not graded."""
        failed = 0
        for path, end in self._through():
            self._told(self.student(path), end)
            failed += end == "failed"
        if failed:
            raise NbGraderException(f"{failed} not graded")

    def _through(self) -> Iterator[tuple[str, End]]:
        """Each submission as it is through, and how it ended."""
        open_: dict[str, set[Hashable]] = {}
        excluded = self.coursedir.student_id_exclude.split(",")
        for path, files in self.all.items():
            if not files and self.student(path) not in excluded:
                with self._heard(path):
                    self.log.error(_why_none(Path(path), self.student(path)))
                yield path, "failed"
                continue
            self._made_ready: dict[Hashable, Any] = {}
            good = self._step(path, second=False)
            if not good or not self._made_ready:
                self.claim.drop(Path(path))
                yield path, "skipped" if good else "failed"
                continue
            open_[path] = set(self._made_ready)
            for key, task in self._made_ready.items():
                self._crew.submit(key, task)
            while len(open_) >= self._ahead:
                yield from self._take(open_)
        while open_:
            yield from self._take(open_)

    def _take(self, open_: dict[str, set[Hashable]]) -> Iterator[tuple[str, End]]:
        """Take the second step with the submissions whose tasks are all done."""
        for key, outcome in self._crew.finished():
            self._outcomes[key] = outcome
        for path in [p for p, keys in open_.items() if keys <= self._outcomes.keys()]:
            keys = open_.pop(path)
            good = self._step(path, second=True)
            self.claim.drop(Path(path))
            for key in keys:
                del self._outcomes[key]
            yield path, "graded" if good else "failed"

    def _step(self, path: str, *, second: bool) -> bool:
        """nbgrader's loop over one submission, for one of the steps; whether it went well."""
        self._second = second
        self.assignments = {path: self.all[path]}
        try:
            with self._heard(path):
                super().convert_notebooks()
        except NbGraderException as error:
            if error.__context__ is not None:  # the gradebook's trouble, not the submission's
                raise
            return False
        return True

    @contextmanager
    def _heard(self, path: str) -> Iterator[None]:
        """Keep what the log says meanwhile of this submission, if it is an error."""
        student = self.student(path)
        hearing = _Hearing(lambda words: self.why.update({student: words}))
        log = self.log.logger if isinstance(self.log, logging.LoggerAdapter) else self.log
        log.addHandler(hearing)
        try:
            yield
        finally:
            log.removeHandler(hearing)

    # What nbgrader's loop calls, divided between the steps.

    def init_destination(self, assignment_id: str, student_id: str) -> bool:
        """Whether the submission is to be graded: found out before the first step."""
        return self._second or super().init_destination(assignment_id, student_id)

    def init_assignment(self, assignment_id: str, student_id: str) -> None:
        """Before the first step, as nbgrader does; it leaves out notebooks that are unknown."""
        if self._second:
            self.notebooks = self._known.pop(student_id)
        else:
            self.enter(assignment_id, student_id)
            self._known[student_id] = self.notebooks

    def enter(self, assignment_id: str, student_id: str) -> None:
        """Copy what lies beside the notebooks, and enter the submission into the gradebook."""
        super().init_assignment(assignment_id, student_id)

    def convert_single_notebook(self, notebook_filename: str) -> None:
        """The step that is due."""
        if self._second:
            names = self.init_single_notebook_resources(notebook_filename)["nbgrader"]
            made = Path(self._format_dest(names["assignment"], names["student"]))
            notebook_filename = str(made / Path(notebook_filename).name)
        self.log.info("%s %s", "Grading" if self._second else "Sanitizing", notebook_filename)
        self._sanitizing = not self._second
        self._init_preprocessors()
        if not self._second:
            self.exporter.register_preprocessor(partial(self._make_ready), enabled=True)
        try:
            super(Autograde, self).convert_single_notebook(notebook_filename)
        finally:
            self._sanitizing = True

    def set_permissions(self, assignment_id: str, student_id: str) -> None:
        """After the second step, as nbgrader does: before it, the files must be writable."""
        if self._second:
            super().set_permissions(assignment_id, student_id)

    def run_pre_convert_hook(self) -> None:
        """Before the first step."""
        if not self._second:
            super().run_pre_convert_hook()

    def run_post_convert_hook(self) -> None:
        """After the second step."""
        if self._second:
            super().run_post_convert_hook()

    def _make_ready(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """The last preprocessor of the first step: keeps the notebook's task."""
        names = resources["nbgrader"]
        task = self.execute(parent=self).task(nb, names, Path(self.coursedir.root))
        self._made_ready[_key(names)] = task
        return nb, resources

    def outcome(self, names: dict[str, str]) -> Graded:
        """What the crew found, asked for by our `Execute`; raises `NotGraded`."""
        found = self._outcomes[_key(names)]
        if isinstance(found, NotGraded):
            raise found
        return found


class _Hearing(logging.Handler):
    """Gives on the message of each error, but not what nbgrader adds to one that has said all."""

    def __init__(self, told: Callable[[str], object]) -> None:
        super().__init__(logging.ERROR)
        self._told = told

    def emit(self, record: logging.LogRecord) -> None:
        if not any(words in str(record.msg) for words in ADDED):
            self._told(record.getMessage())


def _is_pattern(student: str) -> bool:
    """Whether nbgrader, which finds files with `glob`, would look for other names than this one."""
    return glob.escape(student) != student


def _why_none(folder: Path, student: str) -> str:
    """Why there is no notebook in a submission."""
    if _is_pattern(student):
        return (
            f"{folder}: nbgrader finds no folder with [ * or ? in its name. "
            f"It was not graded: rename {student}."
        )
    try:
        found = sorted(folder.iterdir())
        names = [shown(path.name) + "/" * path.is_dir() for path in found]
    except OSError as error:
        return f"{folder} cannot be read ({error.strerror}). It was not graded."
    more = [f"{len(names) - _NAMED} more"] if len(names) > _NAMED else []
    holds = f"holds {', '.join([*names[:_NAMED], *more])}, and no notebook" if names else "is empty"
    return f"{folder} {holds}. It was not graded: ask the student for the notebook."


def _key(names: dict[str, str]) -> Hashable:
    return (names["student"], names["notebook"])
