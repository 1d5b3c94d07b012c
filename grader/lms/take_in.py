"""All that was handed in for a unit, from a download of Canvas or Moodle and from the exchange."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nbgrader.apps import ZipCollectApp
from nbgrader.apps.baseapp import NbGrader
from nbgrader.exchange.default import Exchange

from grader.gradebook.course import application, students_with
from grader.lms.collect import ledger
from grader.lms.other_exchange import configured
from grader.lms.submitted import digest

_NBGRADER = """
import sys
try:
    from nbgrader.apps.nbgraderapp import main
    main()
except KeyboardInterrupt:  # `grader collect`, which is stopped too, says so
    sys.exit(130)
"""


class NothingThere(Exception):
    """Neither a download nor the exchange holds anything of the unit."""


@dataclass(frozen=True)
class TakenIn:
    """Students by what came of them; `status` is 0 only where nothing was left out."""

    new: tuple[str, ...]
    changed: tuple[str, ...]
    as_before: tuple[str, ...]
    status: int


def take_in(
    folder: Path, unit: str, downloads: Sequence[Path] = (), groups: Path | None = None
) -> TakenIn:
    """Collect the unit in the course of this folder; `downloads` are put where nbgrader looks for
    them first, and `groups` is the list of a group set of Canvas. The log of nbgrader's own
    commands goes to stderr.

    Raises `BadConfig`, `NothingThere`, and `OSError` where a download cannot be copied.
    """
    app = application(folder)
    settings = ZipCollectApp(parent=app, log=app.log)
    archive = ledger(app, unit).with_name(settings.archive_directory)
    for path in downloads:
        archive.mkdir(parents=True, exist_ok=True)
        if not (archive / path.name).exists() or not path.samefile(archive / path.name):
            shutil.copy2(path, archive)
    steps = []
    if archive.is_dir() and any(archive.iterdir()):
        of_groups = [f"--LmsCollector.groups={groups.resolve()}"] if groups else []
        steps.append(("zip_collect", unit, "--force", *of_groups))
    if configured(app) is not Exchange or _has_inbound(app, unit):
        steps.append(("collect", unit, "--update"))
    if not steps:
        raise NothingThere(
            f"nothing was handed in for {unit}: {archive}/ and the exchange are empty"
        )
    before = _digests(app, unit)
    status = max(_nbgrader(folder, *step) for step in steps)
    after = _digests(app, unit)
    return TakenIn(
        tuple(one for one in after if one not in before),
        tuple(one for one in after if one in before and after[one] != before[one]),
        tuple(one for one in after if before.get(one) == after[one]),
        status,
    )


def _nbgrader(folder: Path, *words: str) -> int:
    command = [sys.executable, "-c", _NBGRADER, *words, "--log-level=WARN"]
    return subprocess.run(command, cwd=folder, check=False).returncode


def _has_inbound(app: NbGrader, unit: str) -> bool:
    course = app.coursedir
    inbound = Path(Exchange(coursedir=course, parent=app).root, course.course_id, "inbound")
    return inbound.is_dir() and any(inbound.glob(f"*+{unit}+*"))


def _digests(app: NbGrader, unit: str) -> Mapping[str, tuple[str, ...]]:
    """What is in submitted/, by student."""
    course = app.coursedir
    folders = {
        student: Path(course.format_path(course.submitted_directory, student, unit))
        for student in students_with(course, unit)
    }
    return {
        student: tuple(
            f"{path.name} {digest(path)}" for path in sorted(folder.iterdir()) if path.is_file()
        )
        for student, folder in sorted(folders.items())
    }
