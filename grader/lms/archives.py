"""Archives that were handed in, read one entry after the other and within limits.

Nothing is unpacked to where an archive says: an entry is its name, in parts, and its bytes. What
cannot be read raises `Unreadable`, with the reason in words.
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, BinaryIO, Protocol, Self

MIB = 1 << 20
_CHUNK = 1 << 16
_SUFFIXES = {
    *(".zip", ".zipx", ".gz", ".tgz", ".tar", ".bz2", ".tbz", ".tbz2", ".xz", ".txz"),
    *(".rar", ".7z", ".zst"),
}
_COMPRESSED = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
_OTHERS = {b"Rar!": "RAR", b"7z\xbc\xaf": "7z", b"\x28\xb5\x2f\xfd": "zstd"}
_ERRORS = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError, EOFError, OSError),
    *(NotImplementedError, RuntimeError, ValueError, OverflowError),
)
"""What the readers of archives raise for one that is damaged or of an unknown kind."""


class Bytes(Protocol):
    """What bytes are read from, a part at a time."""

    def read(self, size: int = -1, /) -> bytes:
        """The next bytes; none at the end."""


class Unreadable(Exception):
    """An archive, or an entry of one, cannot be read; the reason, in words."""


class OnlyPacked(Unreadable):
    """A single file was packed, which is no archive of files."""


@dataclass(frozen=True)
class Limits:
    """What an archive may hold: bytes when unpacked, entries, and bytes for each byte of it. An
    archive that unpacks to no more than `small` bytes may be packed as tightly as it likes."""

    size: int = 512 * MIB
    entries: int = 10_000
    ratio: int = 200
    small: int = 16 * MIB


@dataclass(frozen=True)
class Entry:
    """A file in an archive: the parts of its name, without what leads out of the archive, and when
    it was written, in seconds since 1970. `link` is true of what is not a file of its own."""

    parts: tuple[str, ...]
    when: float
    link: bool = False


def is_archive(name: str, head: bytes) -> bool:
    """Whether a file of this name, which begins with these bytes, is to be opened. Many files are
    archives by what they hold, such as .docx; a notebook is one only by mistake."""
    suffix = PurePosixPath(name.lower()).suffix
    if suffix in _SUFFIXES:
        return True
    return suffix in ("", ".ipynb") and (_packed(head) or head.startswith(b"PK\x03\x04"))


def _packed(head: bytes) -> bool:
    return head.startswith((*_COMPRESSED, *_OTHERS))


def entries(file: BinaryIO, size: int, limits: Limits) -> Iterator[tuple[Entry, Bytes]]:
    """Each file in the archive, and its bytes, to be read before the next one is asked for.

    `file` can be sought in, and `size` is its length. Raises `Unreadable`.
    """
    try:
        head = file.read(264)
        file.seek(0)
        yield from _reader(file, head, size, limits)
    except _ERRORS as error:
        raise _unreadable(error) from None


def _unreadable(error: Exception) -> Unreadable:
    if isinstance(error, NotImplementedError | RuntimeError):
        return Unreadable("it is compressed in a way that cannot be read here")
    return Unreadable("it is damaged or incomplete")


def _reader(
    file: BinaryIO, head: bytes, size: int, limits: Limits
) -> Iterator[tuple[Entry, Bytes]]:
    if not head:
        raise Unreadable("it is empty")
    for magic, kind in _OTHERS.items():
        if head.startswith(magic):
            raise Unreadable(f"it is a {kind} archive, and only zip and tar are opened")
    if any(head.startswith(magic) for magic in _COMPRESSED) or head[257:262] == b"ustar":
        return _tar(file, head, size, limits)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) or zipfile.is_zipfile(file):
        return _zip(file, size, limits)
    raise Unreadable("it is not an archive, although its name says so")


def _zip(file: BinaryIO, size: int, limits: Limits) -> Iterator[tuple[Entry, Bytes]]:
    with zipfile.ZipFile(file) as archive:
        infos = [info for info in archive.infolist() if not info.filename.endswith(("/", "\\"))]
        if not infos:
            raise Unreadable("it is empty")
        _look_at_number(len(archive.infolist()), limits)
        _look_at_size(sum(info.file_size for info in infos), size, limits)
        for info in infos:
            kind = stat.S_IFMT(info.external_attr >> 16)
            entry = Entry(_parts(_name(info)), _zip_time(info), kind not in (0, stat.S_IFREG))
            with _Stored(archive, info) as stream:
                yield entry, stream


class _Stored:
    """The bytes of an entry of a zip, opened when it is read: a damaged one spoils no other."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> None:
        self._archive, self._info, self._stream = archive, info, ExitStack()
        self._opened: Bytes | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        if self._info.flag_bits & 1:
            raise Unreadable("it is locked with a password")
        if self._opened is None:
            self._opened = self._stream.enter_context(self._archive.open(self._info))
        return self._opened.read(size)


def _name(info: zipfile.ZipInfo) -> str:
    """Python takes a name that does not say so for one in code page 437. macOS says nothing and
    writes UTF-8, which other names hardly ever are by accident."""
    if info.flag_bits & 0x800:
        return info.filename
    with suppress(UnicodeError):
        return info.filename.encode("cp437").decode()
    return info.filename


def _zip_time(info: zipfile.ZipInfo) -> float:
    with suppress(ValueError, OverflowError, OSError):
        return datetime(*info.date_time).timestamp()
    return 0.0


def _tar(file: BinaryIO, head: bytes, size: int, limits: Limits) -> Iterator[tuple[Entry, Bytes]]:
    kind = next((kind for magic, kind in _COMPRESSED.items() if head.startswith(magic)), "")
    openers: dict[str, Any] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}
    stream: Bytes = openers[kind](file) if kind else file
    found = 0
    try:
        counted: Any = _Counted(stream, size, limits)
        archive = tarfile.open(fileobj=counted, mode="r|")  # noqa: SIM115
    except tarfile.ReadError:
        why = f"it is not a tar archive{f', only {kind}' if kind else ''}"
        raise (OnlyPacked if kind else Unreadable)(why) from None
    with archive:
        for number, info in enumerate(archive):
            _look_at_number(number + 1, limits)
            if info.isdir():
                continue
            found += 1
            content = archive.extractfile(info) if info.isreg() else None
            entry = Entry(_parts(info.name), float(info.mtime), content is None)
            yield entry, content or _Nothing()
    if not found:
        raise Unreadable("it is empty")


class _Nothing:
    """The bytes of what is not a file."""

    def read(self, _: int = -1, /) -> bytes:
        """None."""
        return b""


class _Counted:
    """What is read of a compressed tar archive, also to pass over an entry."""

    def __init__(self, stream: Bytes, size: int, limits: Limits) -> None:
        self._stream, self._size, self._limits, self._read = stream, size, limits, 0

    def read(self, size: int = -1) -> bytes:
        content = self._stream.read(size)
        self._read += len(content)
        _look_at_size(self._read, self._size, self._limits)
        return content


def _look_at_number(number: int, limits: Limits) -> None:
    if number > limits.entries:
        raise Unreadable(f"it contains more than {limits.entries} files")


def _look_at_size(unpacked: int, size: int, limits: Limits) -> None:
    if unpacked > limits.size:
        raise Unreadable(f"it unpacks to more than {limits.size // MIB} MiB")
    if unpacked > max(limits.small, limits.ratio * size):
        raise Unreadable(f"it unpacks to more than {limits.ratio} times its size")


def _parts(name: str) -> tuple[str, ...]:
    """The parts of a name. Windows writes \\ between them. What leads elsewhere (a drive, the top
    of a disk, a folder above) is left out."""
    parts = re.split(r"[\\/]+", re.sub(r"^[A-Za-z]:", "", name))
    return tuple(part for part in parts if part not in ("", ".", "..")) or ("_",)


def copy(source: Bytes, target: BinaryIO, limits: Limits) -> int:
    """Copy the bytes of an entry; how many there are. Raises `Unreadable`."""
    copied = 0
    while chunk := _read(source):
        copied += len(chunk)
        if copied > limits.size:
            raise Unreadable(f"it unpacks to more than {limits.size // MIB} MiB")
        target.write(chunk)
    return copied


def _read(source: Bytes) -> bytes:
    try:
        return source.read(_CHUNK)
    except _ERRORS as error:
        raise _unreadable(error) from None
