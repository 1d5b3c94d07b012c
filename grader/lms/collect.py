"""What Canvas or Moodle gives to download, sorted by student: plugins of `nbgrader zip_collect`.

`LmsExtractor` unpacks, `LmsCollector` says whose each file is. nbgrader has no seat for the rest:
what is in submitted/ already, and how the command ends. So the collector takes those two steps of
the command's over.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook, MissingEntry
from nbgrader.apps import ZipCollectApp
from nbgrader.apps.baseapp import NbGrader
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import ExtractorPlugin, FileNameCollectorPlugin
from traitlets import Unicode

from grader.gradebook.course import NoGradebook, gradebook
from grader.lms.class_names import ClassNames
from grader.lms.copies import Collected, sort_out
from grader.lms.file_names import Download, read_name
from grader.lms.groups import Groups, read_groups
from grader.lms.roster import BadRoster
from grader.lms.submitted import Submitted, Work
from grader.lms.unpack import Taken, Unpacker
from grader.submissions.unit_notebook import read_unit

_LEDGER, _ASIDE = "collected.json", "replaced"
"""Beside the folder of the download: what was written into submitted/, and what had to give way."""


class LmsExtractor(ExtractorPlugin):
    """Unpacks downloads, each upload in them by itself and within limits:
    `c.ZipCollectApp.extractor_plugin`."""

    taken: Taken | None = None

    def extract(self, archive_path: str, extracted_path: str) -> None:
        """Write what is a notebook in the one folder into the other; the rest is remembered."""
        collector = self.parent.collector_plugin_inst
        try:
            users = class_names(self.parent.coursedir).users
        except NoGradebook as error:
            self.log.error(str(error))
            raise SystemExit(1) from None
        suffixes = {suffix.lower() for suffix in collector.valid_ext}
        unpacker = Unpacker(
            Path(extracted_path),
            users,
            suffixes,
            unnamed=bool(collector.named_regexp),
        )
        try:
            self.taken = unpacker.take(Path(archive_path))
        except OSError as error:
            self.log.error("%s cannot be written to: %s", extracted_path, error.strerror)
            raise SystemExit(1) from None


class LmsCollector(FileNameCollectorPlugin):
    """Knows the file names of Canvas and Moodle, and the students by the gradebook.

    Any other file is left to `c.FileNameCollectorPlugin.named_regexp`, if that is set.
    """

    groups = Unicode(
        help="The list of a group set, a CSV file of Canvas: what one member of a group handed in "
        "is collected for each of them."
    ).tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._files: Mapping[Path, tuple[str, str, Download]] = {}
        self._known: frozenset[Path] = frozenset()  # with those that do not count
        self._taken = Taken()
        self._groups = Groups()
        self._left_out = 0
        if isinstance(self.parent, ZipCollectApp):
            process = self.parent.process_extracted_files
            self.parent.process_extracted_files = partial(self._process, process)
            self.parent._transfer_files = self._transfer

    def collect(self, submitted_file: str) -> dict[str, Any] | None:
        """Student and notebook of the file, and a time where it is late; None to leave it out."""
        path = Path(submitted_file)
        if path in self._files:
            student, notebook, download = self._files[path]
            late = {"late": True} if download.late else {}
            return {"student_id": student, "file_id": notebook, **late}
        return None if path in self._known else self._by_pattern(path)

    def _by_pattern(self, path: Path) -> dict[str, Any] | None:
        """What `named_regexp` reads. In an archive that a student sent, it finds no student."""
        shown, outer = self._taken.unnamed.get(path, (path.name, len(str(path))))
        found = re.match(self.named_regexp, str(path)) if self.named_regexp else None
        if found is None or not found.groupdict():
            self._leave_out(f"{shown} does not have a name as Canvas or Moodle give it")
            return None
        if "student_id" in found.re.groupindex and found.end("student_id") > outer:
            self._leave_out(f"{shown}: only the student's own archive says who handed it in")
            return None
        return found.groupdict()

    def _leave_out(self, note: str) -> None:
        self._left_out += 1
        self.log.warning(note)

    def _process(self, process: Any) -> None:
        """Collect, and end with 1 where something that was handed in was left out."""
        _logger(self.log).addFilter(_is_news)
        extractor = self.parent.extractor_plugin_inst
        try:
            self._taken = getattr(extractor, "taken", None) or self._found()
            collected = self._sort_out(self._taken)
            self._read_groups()
        except NoGradebook as error:
            self.log.error(str(error))
            raise SystemExit(1) from None
        except BadRoster as error:
            for line in error.lines:
                self.log.error(line)
            self.log.error("Nothing was collected")
            raise SystemExit(1) from None
        self._files = collected.files
        self._known = frozenset(download.path for download in self._taken.files)
        process()
        for note in collected.notes:
            self.log.warning(note)
        left_out = self._left_out + collected.left_out
        if left_out:
            self.log.error("%s left out: the lines above say why", _pieces(left_out))
            raise SystemExit(1)

    def _read_groups(self) -> None:
        if self.groups:
            with gradebook(self.parent.coursedir, create=True) as book:
                self._groups = read_groups(Path(self.groups), book.students)

    def _found(self) -> Taken:
        """What is in the folder of what was unpacked, where our extractor did not do it."""
        root = Path(self.parent._format_collect_path(self.parent.extracted_directory))
        users = class_names(self.parent.coursedir).users
        files = [path for path in sorted(root.rglob("*")) if path.suffix in self.valid_ext]
        read = (read_name(path, root, users) for path in files)
        return Taken(files=[download for download in read if download])

    def _sort_out(self, taken: Taken) -> Collected:
        """All at once: which copy counts shows only then."""
        course = self.parent.coursedir
        unit = read_unit(
            Path(course.format_path(course.release_directory, ".", course.assignment_id))
        )
        looks = [unit.look(download.path) for download in taken.files]
        downloads = [
            replace(download, unit=name, worth=worth)
            for download, (name, worth) in zip(taken.files, looks, strict=True)
        ]
        names = class_names(course)
        return sort_out(downloads, names, [*unit.notebooks], taken.unread, taken.others)

    def _transfer(self, collected_data: Mapping[str, Mapping[str, Any]]) -> None:
        """Write what was collected into submitted/, in the place of nbgrader's own step."""
        app = self.parent
        submitted = Submitted(
            Path(app._format_collect_path(_LEDGER)),
            Path(app._format_collect_path(_ASIDE)),
            self.log.warning,
        )
        late = {student for student, _, one in self._files.values() if one.late}
        works = [
            self._work(student, data, student in late) for student, data in collected_data.items()
        ]
        works += self._of_groups(works, late)
        try:
            self._left_out += len(submitted.put(works, app.force))
        except OSError as error:
            self.log.error("%s cannot be written to: %s", error.filename, error.strerror)
            raise SystemExit(1) from None

    def _work(self, student: str, data: Mapping[str, Any], late: bool) -> Work:
        course = self.parent.coursedir
        folder = course.format_path(course.submitted_directory, student, course.assignment_id)
        files = {
            Path(target).relative_to(folder).as_posix(): Path(source)
            for source, target in zip(data["src_files"], data["dest_files"], strict=True)
        }
        sent = {
            name: self._files[path][2].part for name, path in files.items() if path in self._files
        }
        work = Work(student, Path(folder), files, sent=sent)
        stamp = data["timestamp"].isoformat(" ") if data["timestamp"] else ""
        return self._in_time(replace(work, stamp=stamp), late and not stamp)

    def _in_time(self, work: Work, late: bool) -> Work:
        if not late:
            return work
        stamp, told = self._lateness(work.student)
        return replace(work, stamp=stamp, late=told)

    def _of_groups(self, works: Sequence[Work], late: Collection[str]) -> list[Work]:
        """The same work for the other members of each group, but for those who have their own. Of
        two works of a group the one that was handed in last counts."""
        course, unit = self.parent.coursedir, self.parent.coursedir.assignment_id
        own, found = {work.student for work in works}, []
        for work in sorted(works, key=self._age, reverse=True):
            for other in self._groups.others(work.student):
                if other in own:
                    continue
                own.add(other)
                folder = Path(course.format_path(course.submitted_directory, other, unit))
                stamp = "" if work.late else work.stamp
                twin = Work(other, folder, work.files, stamp, by=work.student)
                found.append(self._in_time(twin, work.student in late))
        if found:
            pairs = ", ".join(f"{twin.student} ({twin.by})" for twin in found)
            self.log.warning("For these, a member of their group has handed in: %s", pairs)
        return found

    def _age(self, work: Work) -> int:
        """The greater, the newer: Canvas numbers files in the order in which they come."""
        known = (self._files[path][2] for path in work.files.values() if path in self._files)
        return max((one.number for one in known), default=0)

    def _lateness(self, student: str) -> tuple[str, str]:
        """Canvas tells that a file is late and not how late: it is a second after it was due."""
        course = self.parent.coursedir
        unit = course.assignment_id
        with gradebook(course, create=True) as book:
            try:
                due = book.find_submission(unit, student).duedate
            except MissingEntry:
                due = _due(book, unit)
        if due is None:
            self.log.warning("%s is late; the gradebook has no due date for %s", student, unit)
            return "", ""
        return (due + timedelta(seconds=1)).isoformat(" "), (
            f"{student} is late. Canvas does not say how late, so it counts as one second; write "
            f"the true time into submitted/{student}/{unit}/timestamp.txt"
        )


def ledger(app: NbGrader, unit: str) -> Path:
    """The file that keeps what was collected of a unit."""
    # With a logger that there is, it does not set up logging again for all of the process.
    settings = ZipCollectApp(parent=app, log=app.log)
    path = settings.collect_directory_structure.format(
        downloaded=settings.downloaded_directory, assignment_id=unit, collect_step=_LEDGER
    )
    return Path(app.coursedir.root, path)


def replaced(app: NbGrader, unit: str) -> Path:
    """The folder of what was in submitted/ and had to give way."""
    return ledger(app, unit).with_name(_ASIDE)


def class_names(course: CourseDirectory) -> ClassNames:
    """The students in the course's gradebook. Raises `NoGradebook`."""
    with gradebook(course, create=True) as book:
        return ClassNames(book.students)


def _due(book: Gradebook, unit: str) -> Any:
    try:
        return book.find_assignment(unit).duedate
    except MissingEntry:
        return None


def _pieces(number: int) -> str:
    return "1 thing was" if number == 1 else f"{number} things were"


def _logger(log: Any) -> logging.Logger:
    return log.logger if isinstance(log, logging.LoggerAdapter) else log


def _is_news(record: logging.LogRecord) -> bool:
    """nbgrader says of each file that is left out that there was no match, and counts them."""
    text = record.getMessage()
    return not (
        text.startswith(("Skipped submission with no match", "Invalid submission notebook name"))
        or re.fullmatch(r"\d+ files collected, \d+ files skipped", text)
    )
