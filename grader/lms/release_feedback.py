"""Feedback into the exchange, for those who handed in through it."""

from __future__ import annotations

import re
from glob import glob
from pathlib import Path

from nbgrader.exchange.default import ExchangeReleaseFeedback

NEEDED = ("timestamp.txt", "submission_secret.txt")
"""What `nbgrader submit` writes beside a notebook: the secret names the page in the exchange."""


class ReleaseFeedback(ExchangeReleaseFeedback):
    """nbgrader's own stops with a traceback at the first submission that came another way (from
    Canvas, from Moodle, by hand), and those behind it get no feedback. This one leaves them out,
    and says so: `c.ExchangeFactory.release_feedback`."""

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
        finally:
            course.student_id_exclude = before

    def _from_elsewhere(self) -> list[str]:
        """The students whose feedback has no place in the exchange."""
        course = self.coursedir
        pattern = course.format_path(
            course.feedback_directory, "(?P<student>.*)", course.assignment_id, escape=True
        )
        folders = [
            folder
            for folder in sorted(glob(self.src_path))
            if not all((Path(folder) / name).exists() for name in NEEDED)
        ]
        found = (re.fullmatch(pattern, folder) for folder in folders)
        return [match["student"] for match in found if match]
