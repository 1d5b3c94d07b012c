"""What was collected, written into submitted/; what a person changed there stays.

README asks people to write a true time into timestamp.txt, and to give a notebook its right name.
So what was written is kept in a file beside the download: what is not as it was then, a person
changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.gradebook import json_file
from grader.submissions.readable import shown

STAMP = "timestamp.txt"


@dataclass(frozen=True)
class Work:
    """What a student handed in: where each file is, by the name it gets, and the time, if it is
    known, with what is to be said where that is written. `sent` has the names by which Canvas or
    Moodle gave the files; `by` is the member of the student's group who handed in for them."""

    student: str
    folder: Path
    files: Mapping[str, Path]
    stamp: str = ""
    late: str = ""
    sent: Mapping[str, str] = field(default_factory=dict)
    by: str = ""


@dataclass
class _Before:
    """What an earlier run wrote for a student: the digest of each file by its name, that name by
    the one that was to be given, the time, and the file's name in the download. `known` is false
    where no run did."""

    files: dict[str, str] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    stamp: str = ""
    sent: dict[str, str] = field(default_factory=dict)
    by: str = ""
    known: bool = False


class Submitted:
    """Writes into submitted/. `ledger` is the file that keeps what was written, `aside` the folder
    for what has to make room, and `told` hears what there is to be said."""

    def __init__(self, ledger: Path, aside: Path, told: Callable[[str], None]) -> None:
        self._ledger, self._aside, self._told = ledger, aside, told
        self._rows = json_file.read(ledger)

    def put(self, works: Iterable[Work], force: bool) -> list[str]:
        """Write all; the students whose work is new and was left out, as something else is there
        and `force` is not said."""
        try:
            return [work.student for work in works if not self._put(work, force)]
        finally:  # also of those who were collected before a disk was full, or Ctrl-C
            json_file.write(self._ledger, self._rows)

    def _put(self, work: Work, force: bool) -> bool:
        before = self._before(work.student)
        there = _files(work.folder)
        if there and not force and not _is_there(work, there):
            self._told(
                f"{work.student}: {work.folder} is not empty, and stays as it is: "
                "--force collects the new version"
            )
            return False
        work.folder.mkdir(parents=True, exist_ok=True)
        given = {
            name: self._put_file(work, name, source, before, there)
            for name, source in work.files.items()
        }
        written = {given[name]: digest(source) for name, source in work.files.items()}
        self._clear(work, before, there, written)
        stamp = self._put_stamp(work, before)
        sent = {given[name]: part for name, part in work.sent.items()}
        row = {"files": written, "names": given, "stamp": stamp, "sent": sent, "by": work.by}
        self._rows[work.student] = row
        return True

    def _before(self, student: str) -> _Before:
        row: dict[str, Any] | None = self._rows.get(student)
        return _Before(**row, known=True) if row else _Before()

    def _put_file(
        self, work: Work, wanted: str, source: Path, before: _Before, there: Mapping[str, str]
    ) -> str:
        """Write a notebook; the name that it has in the end."""
        fresh, was = digest(source), before.files.get(before.names.get(wanted, ""))
        name = _mended(wanted, fresh, was, before, there, work.files) or wanted
        if name != wanted:
            self._told(f"{work.student}: {shown(name)} keeps the name that you gave it")
        found = there.get(name)
        if found == fresh:
            return name
        if found and was == fresh:  # nothing new was handed in: a person changed it since
            self._told(f"{work.student}: {shown(name)} stays as you changed it")
            return name
        if found and found != was:
            self._set_aside(work, name)
        _write(source, work.folder / name)
        return name

    def _set_aside(self, work: Work, name: str) -> None:
        place = self._aside / work.student
        place.mkdir(parents=True, exist_ok=True)
        shutil.move(work.folder / name, place / name)
        self._told(
            f"{work.student}: {shown(name)} was there from somewhere else: it is now in {place}"
        )

    def _clear(
        self, work: Work, before: _Before, there: Mapping[str, str], files: Mapping[str, str]
    ) -> None:
        """What an earlier run wrote goes where it is not handed in any more."""
        for name, found in there.items():
            if name not in files and before.files.get(name) == found:
                (work.folder / name).unlink()

    def _put_stamp(self, work: Work, before: _Before) -> str:
        """Write the time, unless a person did or took it away; the time that we gave it."""
        path = work.folder / STAMP
        found = path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""
        ours = found == work.stamp or (found == before.stamp if before.known else not found)
        if ours:
            path.unlink(missing_ok=True)
            if work.stamp:
                path.write_text(work.stamp, encoding="utf-8")
                self._told(work.late)
            return work.stamp
        kept = (
            f"stays as you wrote it, {shown(found)}"
            if found
            else "stays removed, because you removed it"
        )
        self._told(f"{work.student}: {STAMP} {kept}")
        return before.stamp


def _mended(
    name: str,
    fresh: str,
    was: str | None,
    before: _Before,
    there: Mapping[str, str],
    wanted: Mapping[str, Path],
) -> str:
    """The name that a person gave to the notebook that was collected as `name`, or nothing."""
    if name in there:
        return ""
    if before.names.get(name) in there:
        return before.names[name]
    strangers = [
        one
        for one in there
        if one.endswith(".ipynb") and one not in before.files and one not in wanted
    ]
    same = [one for one in strangers if there[one] in (fresh, was)]
    if same:
        return same[0]
    return strangers[0] if was and len(strangers) == 1 else ""


def _is_there(work: Work, there: Mapping[str, str]) -> bool:
    return all(digest(source) in there.values() for source in work.files.values())


def _files(folder: Path) -> dict[str, str]:
    """The digest of each plain file in the folder, by its name."""
    if not folder.is_dir():
        return {}
    return {
        path.name: digest(path)
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.is_symlink()
    }


def digest(path: Path) -> str:
    """Of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write(source: Path, target: Path) -> None:
    fresh = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, fresh)
    os.replace(fresh, target)
