"""Feedback into the exchange, for those who handed in through it."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path
from typing import Any

from nbgrader.exchange import ExchangeError
from nbgrader.exchange.default import ExchangeReleaseFeedback

from grader.gradebook.folders import find
from grader.lms.other_exchange import configured, release_feedback_of
from grader.lms.other_names import release_under_other_names

NEEDED = ("timestamp.txt", "submission_secret.txt")
"""What `nbgrader submit` writes beside a notebook: the secret names the page in the exchange."""


class ReleaseFeedback(ExchangeReleaseFeedback):
    """nbgrader's own stops with a traceback at the first submission that came another way (from
    Canvas, from Moodle, by hand), and those behind it get no feedback. This one leaves them out,
    and says so: `c.ExchangeFactory.release_feedback`.

    It is for the exchange that is a folder. Where the course uses another one, such as ngshare,
    what is made is an object of that exchange's own class."""

    def __new__(cls, *args: Any, parent: Any = None, **names: Any) -> Any:
        own = None
        with contextlib.suppress(ExchangeError):  # `start` tells it
            own = release_feedback_of(configured(parent)) if parent is not None else None
        if own is None or issubclass(own, cls):
            return super().__new__(cls)
        return own(*args, parent=parent, **names)

    def start(self) -> None:
        """Release; raises `ExchangeError`, after the log has said why, where nothing could be."""
        try:
            release_feedback_of(configured(self.parent))
        except ExchangeError as error:
            self.fail(str(error))
        super().start()

    def copy_files(self) -> None:
        """Copy the pages of all submissions that came through the exchange."""
        course = self.coursedir
        before = course.student_id_exclude
        elsewhere = self._from_elsewhere()
        for student in elsewhere:
            self.log.warning(
                "%s did not hand in through the exchange: send them their page in %s/",
                student,
                course.feedback_directory,
            )
        course.student_id_exclude = ",".join(filter(None, [before, *elsewhere]))
        try:
            super().copy_files()
            self._release_under_other_names()
        finally:
            course.student_id_exclude = before

    def _release_under_other_names(self) -> None:
        left_out = self.coursedir.student_id_exclude.split(",")
        for student, folder in self._folders().items():
            if student not in left_out:
                release_under_other_names(
                    folder,
                    Path(self.course_path, "inbound"),
                    self.coursedir.assignment_id,
                    student,
                    Path(self.dest_path),
                )

    def _from_elsewhere(self) -> list[str]:
        """The students whose feedback has no place in the exchange."""
        return [
            student
            for student, folder in self._folders().items()
            if not all((folder / name).exists() for name in NEEDED)
        ]

    def _folders(self) -> dict[str, Path]:
        """The folder of each student's feedback."""
        course = self.coursedir
        pattern = course.format_path(
            course.feedback_directory, "(?P<student>.*)", course.assignment_id, escape=True
        )
        found = {
            folder: re.fullmatch(pattern, folder)
            for folder in sorted(find(course.root, self.src_path))
        }
        return {match["student"]: Path(folder) for folder, match in found.items() if match}
