"""What was downloaded from Canvas or Moodle, file by file, each with who handed it in.

 archive/                                     the instructor's: folders, downloads, files
   submissions.zip                            a download: the learning system wrote the names in it
     lovelaceada_501_9001_homework.zip        an upload: what is in it is the student's
       hw/01-first-layers.ipynb               taken; its path speaks for nobody

Who handed in is read from the outermost name that the learning system wrote. An upload that is an
archive is opened by itself, one level deep, within limits. What cannot be read stops nothing else.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from grader.lms.archives import (
    Bytes,
    Entry,
    Limits,
    OnlyPacked,
    Unreadable,
    copy,
    entries,
    is_archive,
)
from grader.lms.file_names import Download, is_anonymous, read_parts
from grader.submissions.readable import on_disk, shown, shown_path

UPLOAD = Limits()
DOWNLOAD = Limits(size=1 << 50, entries=1_000_000, ratio=1 << 50)
"""What the learning system packs is not held to what a student may send."""
_JUNK = {"__MACOSX", ".ipynb_checkpoints", ".git", ".DS_Store", "Thumbs.db", "desktop.ini"}
_LONGEST, _TOP = 800, 2
"""Bytes of a path that is written as it is, and how many parts are kept of a longer one."""
_SOME = 3
"""Files that are named of those that an archive holds instead of a notebook."""


@dataclass(frozen=True)
class Left:
    """What was not taken, and why; `who` is None where no name of Canvas or Moodle tells.
    `is_other` is true of an archive that was read, and in which no notebook can be."""

    who: Download | None
    shown: str
    why: str
    is_other: bool = False


@dataclass
class Taken:
    """The files that were written to a disk, and what was not."""

    files: list[Download] = field(default_factory=list)
    unread: list[Left] = field(default_factory=list)
    """What should hold a notebook and could not be read."""
    others: list[Left] = field(default_factory=list)
    """What is not a notebook, such as a .pdf."""
    unnamed: dict[Path, tuple[str, int]] = field(default_factory=dict)
    """Notebooks of nobody: how each is called, and how much of its path no student wrote."""


@dataclass(frozen=True)
class _Place:
    """Where something is: as people are told, as it is written to a disk, how old its download
    is, and how many of its parts no student wrote."""

    names: tuple[str, ...]
    disk: tuple[str, ...]
    age: float
    trusted: int

    def inside(self, entry: Entry, trusted: bool) -> _Place:
        """An entry of the archive that is here."""
        names = (*self.names, *entry.parts)
        disk = (*self.disk[:-1], _stem(self.disk[-1]), *entry.parts)
        return replace(self, names=names, disk=disk, trusted=len(disk) if trusted else self.trusted)

    @property
    def shown(self) -> str:
        """The path in one line."""
        return shown_path(*self.names)


def _stem(name: str) -> str:
    """The name of an archive's own folder: it has none of its suffixes."""
    for suffix in (".zip", ".gz", ".tgz", ".bz2", ".xz", ".tar"):
        if len(name) > len(suffix) and name.lower().endswith(suffix):
            name = name[: -len(suffix)]
    return name


class Unpacker:
    """Takes files into the folder `target`. `users` are those of Canvas in the class, `suffixes`
    (in small letters) those of the files that are wanted. With `unnamed`, an archive inside a
    download is opened although neither Canvas nor Moodle named it."""

    def __init__(
        self,
        target: Path,
        users: Collection[str],
        suffixes: Collection[str] = (".ipynb",),
        unnamed: bool = False,
        limits: Limits = UPLOAD,
    ) -> None:
        self.taken = Taken()
        self._target, self._users, self._suffixes = target, users, suffixes
        self._unnamed, self._limits = unnamed, limits

    def take(self, folder: Path) -> Taken:
        """All that is in the folder. Raises `OSError` where nothing can be written."""
        for path in _files(folder):
            names = path.relative_to(folder).parts
            age = (folder / names[0]).lstat().st_mtime
            self._take_file(path, _Place(names, names, age, len(names)))
        return self.taken

    def _take_file(self, path: Path, place: _Place) -> None:
        who = read_parts(place.names, path, self._users, courses=False)
        followed = who is None and len(place.names) == 1  # the instructor's own link
        mode = (path.stat if followed and path.exists() else path.lstat)().st_mode
        if not stat.S_ISREG(mode):
            return self._leave(who, place, "it is a link, or not a file")
        try:
            file = path.open("rb")
        except OSError as error:
            return self._leave(who, place, f"it cannot be read: {error.strerror}")
        with file:
            size, when = path.stat().st_size, path.stat().st_mtime
            if who is None and is_archive(path.name, _head(file)):
                return self._take_download(file, size, place)
            who = who or read_parts(place.names, path, self._users)
            return self._take_upload(who, file, size, when, place)

    def _leave(self, who: Download | None, place: _Place, why: str, is_other: bool = False) -> None:
        self.taken.unread.append(Left(who, place.shown, why, is_other))

    def _take_download(self, file: BinaryIO, size: int, place: _Place) -> None:
        try:
            for entry, stream in entries(file, size, DOWNLOAD):
                if not _is_junk(entry.parts):
                    self._take_entry(entry, stream, place)
        except Unreadable as error:
            self._leave(None, place, f"{error}. Download it again")

    def _take_entry(self, entry: Entry, stream: Bytes, download: _Place) -> None:
        """A file of a download."""
        place = download.inside(entry, trusted=True)
        who = read_parts(entry.parts, Path(), self._users, courses=False)
        who = who or read_parts(place.disk, Path(), self._users)
        if entry.link:
            return self._leave(who, place, "it is a link, or not a file")
        with tempfile.TemporaryFile() as file:
            try:
                size = copy(stream, file, self._limits)
            except Unreadable as error:
                return self._leave(who, place, str(error))
            file.seek(0)
            return self._take_upload(who, file, size, entry.when, place)

    def _take_upload(
        self, who: Download | None, file: BinaryIO, size: int, when: float, place: _Place
    ) -> None:
        """A file that a student handed in, or `who` is None and the name does not tell."""
        name = place.names[-1]
        if is_archive(name, _head(file)):
            if who or self._unnamed:
                return self._take_archive(who, file, size, place)
            return self._leave(None, place, self._nobodys(place))
        if not self._is_wanted(name):
            if who:
                self.taken.others.append(Left(who, place.shown, ""))
            return None
        if who is None and not self._unnamed:
            return self._leave(None, place, self._nobodys(place))
        try:
            return self._write(who, file, place, Entry((who.own if who else name,), when))
        except Unreadable as error:
            return self._leave(who, place, str(error))

    def _nobodys(self, place: _Place) -> str:
        if any(is_anonymous(part) for part in place.names):
            return "this assignment is anonymous in Canvas: show the names there, download again"
        return "it does not have a name as Canvas or Moodle give it"

    def _take_archive(self, who: Download | None, file: BinaryIO, size: int, place: _Place) -> None:
        """An archive that a student handed in."""
        others, found = [], False
        try:
            for number, (entry, stream) in enumerate(entries(file, size, self._limits)):
                if _is_junk(entry.parts):
                    continue
                if self._is_wanted(entry.parts[-1]):
                    found = True
                    self._take_inner(who, entry, stream, place, number)
                else:
                    others.append(entry.parts[-1])
        except Unreadable as error:
            is_other = isinstance(error, OnlyPacked) and not self._is_wanted(_stem(place.names[-1]))
            return self._leave(who, place, str(error), is_other)
        if not found:
            is_other = not any(is_archive(name, b"") for name in others)
            self._leave(who, place, _holds_none(others), is_other)
        return None

    def _take_inner(
        self, who: Download | None, entry: Entry, stream: Bytes, archive: _Place, number: int
    ) -> None:
        place = archive.inside(entry, trusted=False)
        if entry.link:
            return self._leave(who, place, "it is a link, or not a file")
        try:
            return self._write(who, stream, place, entry, number)
        except Unreadable as error:
            return self._leave(who, place, str(error))

    def _write(
        self, who: Download | None, source: Bytes, place: _Place, entry: Entry, number: int = 0
    ) -> None:
        path = self._free_path(place.disk)
        try:
            with path.open("xb") as target:
                copy(source, target, self._limits)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        if who is None:
            outer = len(str(self._target / "/".join(place.disk[: place.trusted])))
            self.taken.unnamed[path] = place.shown, outer
            return
        self.taken.files.append(
            replace(
                who,
                path=path,
                own=entry.parts[-1],
                shown=place.shown,
                age=place.age,
                when=entry.when,
                depth=len(place.names),
                place=number,
            )
        )

    def _free_path(self, names: Sequence[str]) -> Path:
        """A path in the target that is not taken, as like this one as can be."""
        folder = self._target
        if len("/".join(names).encode()) > _LONGEST:
            names = (*names[:_TOP], names[-1])
        folder.mkdir(parents=True, exist_ok=True)
        for name in names[:-1]:
            folder = _free(folder, on_disk(name), taken=lambda path: not path.is_dir())
            folder.mkdir(exist_ok=True)
        last = PurePosixPath(on_disk(names[-1]))
        return _free(folder, f"{last.stem}{last.suffix.lower()}", taken=lambda _: True)

    def _is_wanted(self, name: str) -> bool:
        return PurePosixPath(name.lower()).suffix in self._suffixes


def _free(folder: Path, name: str, taken: Callable[[Path], bool]) -> Path:
    """The path of this name in the folder, or of one with a number, that is not taken."""
    stem, suffix = PurePosixPath(name).stem, PurePosixPath(name).suffix
    path, number = folder / name, 1
    while os.path.lexists(path) and taken(path):
        number += 1
        path = folder / f"{stem} ({number}){suffix}"
    return path


def _files(folder: Path) -> Iterator[Path]:
    """What is in the folder, at any depth and in order; links to folders are not followed."""
    for root, folders, names in os.walk(folder):
        folders.sort()
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in sorted([*names, *links]):
            path = Path(root) / name
            if not _is_junk(path.relative_to(folder).parts):
                yield path


def _head(file: BinaryIO) -> bytes:
    head = file.read(8)
    file.seek(0)
    return head


def _is_junk(parts: Sequence[str]) -> bool:
    """What programs put there by themselves, and nobody handed in."""
    return not _JUNK.isdisjoint(parts) or parts[-1].startswith("._")


def _holds_none(others: Sequence[str]) -> str:
    inner = [name for name in others if is_archive(name, b"")]
    if inner:
        return (
            f"it contains another archive, {shown(inner[0])}, which is not opened, and no notebook"
        )
    some = ", ".join(shown(name) for name in others[:_SOME])
    more = f" and {len(others) - _SOME} more" if len(others) > _SOME else ""
    return f"it holds no notebook{f', but {some}{more}' if some else ''}"
