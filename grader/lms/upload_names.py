"""The names by which Moodle and Canvas know whose a page of feedback is, when many come in a zip.

Moodle   Ada Lovelace_7001_assignsubmission_file_01-first-layers.html
         full name, participant, plugin; the page gets the name that follows
         (mod/assign/feedback/file/importziplib.php)
Canvas   lovelaceada_501_9001_01-first-layers.html
         the first two parts that are numbers count: the user, and the file that was handed in
         (AbstractAssignment#infer_comment_context_from_filename)

Neither asks how the rest is called. Canvas shows the page under the name of the file that was
handed in, whatever it is called here, and leaves out a page whose last part begins with "link".
"""

from __future__ import annotations

import re
from pathlib import PurePath

from grader.lms.file_names import Download

_HIDDEN = re.compile(r"^[.~]+")
"""Moodle leaves out files whose names begin so."""


def moodle_name(participant: str, full_name: str, page: str) -> str:
    """The page's name for Moodle; the full name is for people, and may be empty."""
    who = _HIDDEN.sub("", full_name.replace("_", " ").replace("/", " ")) or "Participant"
    return f"{who}_{participant}_assignsubmission_file_{_HIDDEN.sub('', page)}"


def canvas_name(sent: Download, page: str) -> str:
    """The page's name for Canvas: begins as the file does that was handed in."""
    start = sent.part[: len(sent.part) - len(sent.own)] if sent.own else f"{sent.part}_"
    stem = PurePath(page).stem.replace("_", "-")
    safe = f"feedback-{stem}" if stem.startswith("link") else stem
    return f"{start}{safe}{PurePath(page).suffix}"
