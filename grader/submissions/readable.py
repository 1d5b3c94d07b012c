"""Names of files, fit to be shown and to be written to a disk."""

from __future__ import annotations

from pathlib import PurePosixPath

_LONGEST = 120
"""Characters of a name that are shown."""
_BYTES = 150
"""Bytes of a name in a file system, which takes 255, with room for a mark."""


def shown(name: str) -> str:
    """The name in one line: what moves a terminal's cursor, or cannot be seen, is spelled out."""
    plain = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in name)
    return plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 1]}…"


def shown_path(*parts: str) -> str:
    """The path in one line."""
    return "/".join(shown(part) for part in parts)


def on_disk(name: str) -> str:
    """A name like this one that is a plain part of a path, on any file system."""
    plain = "".join(c if c.isprintable() and c not in '/\\:*?"<>|' else "_" for c in name)
    suffix = PurePosixPath(plain).suffix
    if len(plain.encode()) > _BYTES:
        room = _BYTES - len(suffix.encode()) if len(suffix) < 20 else _BYTES
        stem = plain.encode()[:room].decode(errors="ignore")
        plain = stem + (suffix if len(suffix) < 20 else "")
    return "_" if plain in ("", ".", "..") else plain
