"""Who is meant by the id or the name that a learning system has for a student."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable

from nbgrader.api import Student

from grader.lms.file_names import Download

_NOT_IN_NAMES = re.compile(r"[&<>\"`|':\\/\x00-\x1f]|\.\.+")
"""What Moodle leaves out of a name in a file name."""


class ClassNames:
    """The students of a class, by what Canvas and Moodle call them."""

    def __init__(self, students: Iterable[Student]) -> None:
        self._ids: dict[str, set[str]] = {}
        self._names: dict[str, set[str]] = {}
        for one in students:
            if one.lms_user_id:
                self._ids.setdefault(one.lms_user_id, set()).add(one.id)
            first, last = one.first_name or "", one.last_name or ""
            for name in _ways(first, last):
                self._names.setdefault(name, set()).add(one.id)

    @property
    def users(self) -> Collection[str]:
        """Those of Canvas."""
        return self._ids.keys()

    def of(self, download: Download) -> tuple[str, ...]:
        """The ids of all whom it can be."""
        if download.user:
            users = (download.user, *download.others)
            return tuple(sorted({one for user in users for one in self._ids.get(user, ())}))
        whole = self._names.get(_plain(download.name))
        return tuple(sorted(whole or self._in_a_team(download.name)))

    def _in_a_team(self, name: str) -> set[str]:
        """Moodle writes the name of a team before that of the student: Group A-Ada Lovelace."""
        parts = name.split("-")
        ends = ("-".join(parts[i:]) for i in range(1, len(parts)))
        return {one for end in ends for one in self._names.get(_plain(end), ())}


def _ways(first: str, last: str) -> set[str]:
    """How Moodle may write a name, which each site and each language sets."""
    ways = f"{first} {last}", f"{last} {first}", f"{last}, {first}", f"{last}{first}"
    return {_plain(way) for way in ways if first.strip() and last.strip()} | (
        {_plain(f"{first} {last}")} - {""}
    )


def _plain(name: str) -> str:
    """A name as it is compared: as Moodle writes it into file names, in small letters."""
    kept = _NOT_IN_NAMES.sub("", unicodedata.normalize("NFC", name).replace("_", " "))
    return " ".join(kept.casefold().split())
