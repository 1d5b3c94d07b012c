"""A course folder beside the installation: its own units, gradebook and settings.

    installation (git pull changes it)          course folder (nothing but you changes it)
    nbgrader_config.py  ------ loaded by ----->  nbgrader_config.py
    solutions/<unit>.py ------- copied --------> solutions/<unit>.py

A course that runs keeps the texts with which it began. The settings that confine students' code
stay those of the installation, so that a repair there reaches every course.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from grader.authoring.build import build, units
from grader.authoring.installation import PROJECT
from grader.gradebook.course import CONFIG, course_directory, gradebook
from grader.gradebook.modes import keep_private

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_CONFIG = '''\
"""nbgrader in the course {course_id}. What stands below is for this course only."""

import os

c = get_config()
load_subconfig("nbgrader_config.py", path={installation!r})

# This folder, also where ~/.jupyter/nbgrader_config.py names that of another course.
c.CourseDirectory.root = os.path.dirname(os.path.abspath(__file__))

c.CourseDirectory.course_id = {course_id!r}

# The folder of nbgrader's exchange, through which students fetch and submit:
# c.Exchange.root = "/srv/nbgrader/exchange"

# Late work costs nothing by default. To take points off for each day that has begun:
# c.AssignLatePenalties.plugin_class = "grader.lms.late_policy.DailyPenalty"
# c.DailyPenalty.points_per_day = 2.0
'''
_IGNORED = "# Names, work and grades of people, and what is made from solutions/*.py\n" + "".join(
    f"{line}\n"
    for line in (
        *("/solutions/*/", "/submitted/", "/autograded/", "/feedback/", "/watched/", "/reports/"),
        *("/model-answers/", "/downloaded/", "/archive/", "*.db", "*.csv", "*.zip"),
        *("gradebook.*.json", "__pycache__/", ".ipynb_checkpoints/"),
    )
)


class NotMade(Exception):
    """Why no course was made; the message says what to do."""


def new_course(folder: Path, course_id: str, wanted: Sequence[str] = ()) -> list[str]:
    """Make the folder with the wanted units, all by default; the names of the units.

    Raises `NotMade`, `BrokenUnit` or `NoGradebook`, and then nothing was made.
    """
    folder = folder.absolute()
    chosen = _chosen(wanted)
    if not _ID.fullmatch(course_id):
        raise NotMade(f"{course_id!r} is no course id: use letters, digits, '-', '_' and '.'")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise NotMade(f"{folder} is there and not empty: name another folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".new-course-") as place:
        made = Path(place) / folder.name
        made.mkdir(mode=0o700)
        _fill(made, course_id, chosen)
        if folder.exists():
            folder.rmdir()
        made.rename(folder)
    return chosen


def _chosen(wanted: Sequence[str]) -> list[str]:
    known = units(PROJECT)
    if not known:
        raise NotMade(
            "this installation has no texts of units (solutions/*.py): use the project's own "
            "folder, as git clone makes it, with pip install -e ."
        )
    if missing := [unit for unit in wanted if unit not in known]:
        raise NotMade(f"there is no unit {missing[0]}: {', '.join(known)}")
    return list(dict.fromkeys(wanted)) or known


def _fill(made: Path, course_id: str, chosen: Sequence[str]) -> None:
    config = _CONFIG.format(course_id=course_id, installation=str(PROJECT))
    (made / CONFIG).write_text(config, encoding="utf-8")
    (made / ".gitignore").write_text(_IGNORED, encoding="utf-8")
    (made / "solutions").mkdir()
    for unit in chosen:
        shutil.copy(PROJECT / "solutions" / f"{unit}.py", made / "solutions")
    build(made, chosen)
    with gradebook(course_directory(made), create=True):
        pass
    keep_private(made)
