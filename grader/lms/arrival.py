"""What has arrived: submissions in nbgrader's exchange, or in a folder laid out like submitted/.

Every student may write into the exchange's inbound folder, under any name. So a name is read, and
never believed: one that cannot be read is named and left alone, and stops nobody else's.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from nbgrader.utils import parse_utc

from grader.gradebook.one_line import shown
from grader.submissions.digest import fingerprint
from grader.submissions.timestamps import unreadable

STAMP, SECRET = "timestamp.txt", "submission_secret.txt"
"""What `nbgrader submit` writes last, in this order: with both, a submission is whole."""
_NAME = re.compile(
    r"(?P<student>.+)\+(?P<unit>[^+]+)\+(?P<time>\d{4}-\d\d-\d\d [0-9:.]+ [\w/-]{1,40})"
    r"(\+[\w=-]{1,40})?"
)
_STUDENT = re.compile(r"\w[^/*?\[\],\0]{0,99}")
"""An id that is a plain part of a path, and that nbgrader does not take for a pattern."""
_SLOW = 60.0
"""Seconds after which a submission without a secret counts as whole: older versions of nbgrader
write none."""
_SETTLED = 3.0
"""Seconds for which nothing was written into a folder that has no such marks."""


@dataclass(frozen=True)
class Arrival:
    """A submission where it lies. `name` tells it from all others of the unit, `when` is the time
    that it gives itself (UTC, without a zone), `came` the one at which the system saw it change.

    `owner` is the account that wrote it, as far as the system knows; `secret` names its page of
    feedback in the exchange, and is empty where there is none.
    """

    name: str
    student: str
    owner: str
    when: datetime
    came: float
    folder: Path
    secret: str = ""


@dataclass(frozen=True)
class Seen:
    """All submissions of a unit, and what is there besides, each in one line."""

    arrivals: tuple[Arrival, ...] = ()
    odd: tuple[str, ...] = ()


class Inbox(Protocol):
    """A place where submissions arrive."""

    def look(self, unit: str) -> Seen:
        """What is there of the unit now. Raises `OSError` where the place cannot be read."""


class Exchange:
    """The inbound folder of nbgrader's exchange: `student+unit+time+letters` for each submission.

    Anybody may write a submission in anybody's name. Where some of a student's belong to the
    account of that name and others do not, only the former count; and who hands in from an account
    of their own name does so for nobody else. The account that watches may do it for everybody.
    """

    def __init__(self, inbound: Path) -> None:
        self.inbound = inbound

    def look(self, unit: str) -> Seen:
        """What is there of the unit now."""
        arrivals, odd = [], []
        with os.scandir(self.inbound) as entries:
            for entry in sorted(entries, key=lambda entry: entry.name):
                match = _NAME.fullmatch(entry.name)
                if f"+{unit}+" not in entry.name or (match and match["unit"] != unit):
                    continue
                try:
                    found = _read(entry, match) if match else None
                except OSError:  # it has just gone
                    continue
                if found is None:
                    odd.append(f"{shown(entry.name)} in the exchange is no submission: left alone")
                elif _is_whole(found):
                    arrivals.append(found)
        kept = [one for one in arrivals if _is_own(one, arrivals)]
        odd += [
            f"{one.student}: {shown(one.name)} was written by the account {one.owner}: left alone"
            for one in arrivals
            if one not in kept
        ]
        return Seen(tuple(kept), tuple(odd))


class Folder:
    """Any folder with a notebook at `student/unit/`, as in submitted/. What is there now is one
    submission, and another one when a notebook or its time changes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def look(self, unit: str) -> Seen:
        """What is there of the unit now."""
        arrivals, odd = [], []
        for path in sorted(self.folder.iterdir()):
            place = path / unit
            if path.name.startswith(".") or not place.is_dir():
                continue
            if not _STUDENT.fullmatch(path.name) or path.is_symlink() or place.is_symlink():
                odd.append(f"{shown(path.name)} is no name of a student's folder: left alone")
                continue
            try:
                found = self._read(path.name, place)
            except OSError as error:
                odd.append(f"{shown(path.name)} cannot be read ({error.strerror}): left alone")
                continue
            arrivals += [found] if found else []
        return Seen(tuple(arrivals), tuple(odd))

    def _read(self, student: str, place: Path) -> Arrival | None:
        """The submission, once it has been left alone for a while."""
        times = [path.lstat().st_mtime for path in (place, *place.glob("*"))]
        if not any(place.glob("*.ipynb")) or time.time() - max(times) < _SETTLED:
            return None
        when = datetime.fromtimestamp(max(times), UTC).replace(tzinfo=None)
        if (place / STAMP).is_file() and not unreadable(place):
            when = _utc((place / STAMP).read_text(encoding="utf-8").strip()) or when
        name = f"{student} {fingerprint(place)}"
        return Arrival(name, student, "", when, max(times), place)


def _read(entry: os.DirEntry[str], match: re.Match[str]) -> Arrival | None:
    """The submission in this folder of the exchange; None where it is none."""
    when = _utc(match["time"])
    if when is None or not _STUDENT.fullmatch(match["student"]) or not entry.name.isprintable():
        return None
    if not entry.is_dir(follow_symlinks=False):
        return None
    about = entry.stat(follow_symlinks=False)
    folder = Path(entry.path)
    secret, came = secret_of(folder), about.st_ctime  # which no student can set
    return Arrival(entry.name, match["student"], _account(about.st_uid), when, came, folder, secret)


def _utc(words: str) -> datetime | None:
    try:
        found = parse_utc(words)
    except (ValueError, OverflowError, TypeError):
        return None
    return found if isinstance(found, datetime) else None


def secret_of(folder: Path) -> str:
    """What tells a submission from all others; empty where it came another way. The first letters
    of the file, which a student could make as long as they like."""
    try:
        opened = os.open(folder / SECRET, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return ""
    with os.fdopen(opened, "rb") as file:
        try:
            return file.read(1000).decode("ascii").strip()
        except (OSError, ValueError):
            return ""


def _is_whole(found: Arrival) -> bool:
    stamped = (found.folder / STAMP).is_file() and bool(found.secret)
    return stamped or time.time() - found.came > _SLOW


def _account(uid: int) -> str:
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return str(uid)


def _is_own(one: Arrival, arrivals: Sequence[Arrival]) -> bool:
    """Whether it counts as this student's: see `Exchange`."""
    own = {other.student for other in arrivals if other.owner == other.student}
    if one.owner in (one.student, _account(os.geteuid())):
        return True
    return not {one.student, one.owner} & own


def by_student(arrivals: Sequence[Arrival]) -> Iterator[tuple[list[Arrival], Arrival]]:
    """For each student all earlier submissions, and the newest one."""
    found: dict[str, list[Arrival]] = {}
    for one in sorted(arrivals, key=lambda one: (one.when, one.name)):
        found.setdefault(one.student, []).append(one)
    for own in found.values():
        yield own[:-1], own[-1]
