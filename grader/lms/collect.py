"""What Canvas or Moodle gives to download, sorted by student: the plugin of `nbgrader zip_collect`.

Canvas  lovelaceada_501_9001_01-first-layers.ipynb        name, user, file, the file's own name
        lovelaceada_LATE_501_9001_01-first-layers-1.ipynb handed in late, and for the second time
Moodle  Ada Lovelace_7001_assignsubmission_file/01-first-layers.ipynb
        Ada Lovelace_7001_assignsubmission_file_01-first-layers.ipynb

Canvas' user is a student's `lms_user_id` in the gradebook. Moodle's number is no one's but this
assignment's, so that there the name counts. `grader roster` puts both into the gradebook.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry, Student
from nbgrader.plugins import FileNameCollectorPlugin
from nbgrader.utils import find_all_notebooks

_CANVAS = re.compile(r"(?:\w*?_)??(?P<late>LATE_)?(?P<user>\d+)_(?P<file>\d+)_(?P<own>.+)")
_MOODLE = re.compile(r"(?P<name>[^_]+)_\d+_assignsubmission_file(?:_(?P<own>.+)?)?")
_AGAIN = re.compile(r"(?:-\d+| ?\(\d+\))$")
"""What Canvas (-1) and browsers ((1)) add to a name that there is already."""
_NOT_IN_NAMES = re.compile(r"[&<>\"`|':\\/\x00-\x1f]")
"""What Moodle leaves out of a name in a file name."""


@dataclass(frozen=True)
class Download:
    """What a file's name tells. `user` (Canvas) or `name` (Moodle) is the student, `own` the name
    that the student gave the file, and of two files the one with the greater `number` is newer."""

    path: Path
    own: str
    user: str = ""
    name: str = ""
    number: int = 0
    late: bool = False


def read_name(path: Path, root: Path, users: Collection[str] = ()) -> Download | None:
    """What the name of a file below `root` tells; None if neither of the two wrote it.

    `users` are those of Canvas in the class.
    """
    parts = path.relative_to(root).parts
    told = [_read_part(path, part, parts[-1]) for part in parts]
    # From the outside in: what is in a student's own zip speaks for nobody else. But the first
    # folder bears the name of an archive: in WS_2024_25_DL-4711 no user 2024 handed in.
    if told[0] and told[0].user and told[0].user not in users:
        told = [*told[1:], told[0]]
    return next((one for one in told if one), None)


def _read_part(path: Path, part: str, last: str) -> Download | None:
    """What a folder's name or, as `last`, the file's own name tells."""
    if found := _MOODLE.fullmatch(part):
        own = found["own"] if part == last else last
        return Download(path, own, name=found["name"]) if own else None
    if found := _CANVAS.fullmatch(part):
        own, late = found["own"] if part == last else last, found["late"] is not None
        return Download(path, own, found["user"], number=int(found["file"]), late=late)
    return None


class ClassNames:
    """Who is meant by the id or the name that an LMS has for a student."""

    def __init__(self, students: Iterable[Student]) -> None:
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for one in students:
            if one.lms_user_id:
                self._ids.setdefault(one.lms_user_id, set()).add(one.id)
            if one.last_name:
                for name in (
                    f"{one.first_name or ''} {one.last_name}",
                    f"{one.last_name} {one.first_name or ''}",
                ):
                    self._names.setdefault(_plain(name), set()).add(one.id)

    @property
    def users(self) -> Collection[str]:
        """Those of Canvas."""
        return self._ids.keys()

    def of(self, download: Download) -> tuple[str, ...]:
        """The ids of all whom it can be."""
        if download.user:
            return tuple(sorted(self._ids.get(download.user, ())))
        return tuple(sorted(self._names.get(_plain(download.name), ())))


def _plain(name: str) -> str:
    """A name as it is compared: as Moodle writes it into file names, in small letters."""
    kept = _NOT_IN_NAMES.sub("", unicodedata.normalize("NFC", name).replace("_", " "))
    return " ".join(kept.casefold().split())


@dataclass(frozen=True)
class Collected:
    """The files that count, with their student and the name of their notebook, and what is to be
    said to the instructor."""

    files: Mapping[Path, tuple[str, str, Download]]
    notes: tuple[str, ...]


def sort_out(
    downloads: Sequence[Download], names: ClassNames, notebooks: Sequence[str]
) -> Collected:
    """Give each file to its student; of several versions of a notebook the newest counts.

    `downloads` come with the oldest archive first; `notebooks` are the file names of the unit.
    """
    versions: dict[tuple[str, str], list[Download]] = {}
    notes = []
    for download in downloads:
        students = names.of(download)
        if len(students) == 1:
            notebook = _notebook(download.own, notebooks)
            versions.setdefault((students[0], notebook), []).append(download)
            if notebook not in notebooks:
                notes.append(
                    f"{students[0]}: {notebook} is not the name of a notebook of this unit"
                )
        else:
            notes.append(_not_given(download, students))
    files = {}
    for (student, notebook), several in versions.items():
        newest = max(reversed(several), key=lambda download: download.number)
        files[newest.path] = student, notebook, newest
        if len(several) > 1:
            notes.append(
                f"{student} handed in {notebook} {len(several)} times: "
                f"{newest.path.name} is the newest and counts"
            )
    return Collected(files, tuple(notes))


def _not_given(download: Download, students: Sequence[str]) -> str:
    who = f"Canvas' user {download.user}" if download.user else download.name
    if students:
        meant = f"{who} can be {' or '.join(students)}"
    else:
        meant = f"{who} is not in the gradebook: `grader roster` reads a class list"
    return f"{download.path.name} was not collected: {meant}"


def _notebook(own: str, notebooks: Sequence[str]) -> str:
    """The notebook of the unit that a file is; its own name where it is none of them."""
    stem = own.removesuffix(".ipynb")
    for name in (stem, _AGAIN.sub("", stem)):
        for known in notebooks:
            if known.casefold() == f"{name}.ipynb".casefold():
                return known
    return own


class LmsCollector(FileNameCollectorPlugin):
    """Knows the file names of Canvas and Moodle, and the students by the gradebook.

    Any other file is left to `c.FileNameCollectorPlugin.named_regexp`, if that is set.
    """

    _collected: Collected | None = None

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Student, notebook and, where it is late, a time for the file; None to leave it out."""
        path = Path(submitted_file)
        if path.suffix not in self.valid_ext:
            return None
        app = self.parent
        root = Path(app._format_collect_path(app.extracted_directory))
        if read_name(path, root) is None:
            if self.named_regexp:
                return super().collect(submitted_file)
            self.log.warning("%s is not named as Canvas or Moodle name files", path.name)
            return None
        if self._collected is None:
            self._collected = self._sort_out(root)
        if path not in self._collected.files:
            return None
        student, notebook, download = self._collected.files[path]
        info = {"student_id": student, "file_id": notebook}
        return {**info, **(self._lateness(student) if download.late else {})}

    def _sort_out(self, root: Path) -> Collected:
        """All at once: which version counts shows only then."""
        files = [path for path in root.rglob("*") if path.suffix in self.valid_ext]
        course = self.parent.coursedir
        released = course.format_path(course.release_directory, ".", course.assignment_id)
        with Gradebook(course.db_url, course.course_id) as book:
            names = ClassNames(book.students)
        downloads = [read_name(path, root, names.users) for path in sorted(files, key=self._age)]
        known = [download for download in downloads if download is not None]
        collected = sort_out(known, names, find_all_notebooks(released))
        for note in collected.notes:
            self.log.warning(note)
        return collected

    def _age(self, path: Path) -> tuple[float, Path]:
        """Of files without a number, those of the archive that was downloaded last are newest."""
        app = self.parent
        root = Path(app._format_collect_path(app.extracted_directory))
        archives = Path(app._format_collect_path(app.archive_directory))
        first = path.relative_to(root).parts[0]
        found = [one for one in archives.glob("*") if one.name.startswith(first)]
        return max((one.stat().st_mtime for one in found), default=0.0), path

    def _lateness(self, student: str) -> dict[str, str]:
        """Canvas tells that a file is late and not how late: it is a second after it was due."""
        course = self.parent.coursedir
        unit = course.assignment_id
        with Gradebook(course.db_url, course.course_id) as book:
            try:
                due = book.find_submission(unit, student).duedate
            except MissingEntry:
                due = _due(book, unit)
        if due is None:
            self.log.warning("%s is late; the gradebook has no due date for %s", student, unit)
            return {}
        self.log.warning(
            "%s is late. How late, Canvas does not tell: it counts as one second; write the true "
            "time into submitted/%s/%s/timestamp.txt",
            student,
            student,
            unit,
        )
        return {"timestamp": (due + timedelta(seconds=1)).isoformat(" ")}


def _due(book: Gradebook, unit: str) -> Any:
    try:
        return book.find_assignment(unit).duedate
    except MissingEntry:
        return None
