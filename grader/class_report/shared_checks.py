"""The file of checks that a student chose to hand in, read as what it is: a student may write
anything into it.

So it is read in part if it is long, and a line counts only if all its words are ours: the name of
an exercise of the unit, of one of its ideas, of a kind of hint. No word of the student's own goes
any further, and no points depend on it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from grader.sharing import KINDS, MOST_BYTES, MOST_LINES

_HEADLINE = re.compile(
    r"(\w{1,80}): (?:(all right)|(not (?:attempted|mended) yet)|\d{1,3} of \d{1,3} right)"
)


@dataclass(frozen=True)
class SharedCheck:
    """A check: whether all was right, whether anything was attempted, and which ideas the card
    named."""

    exercise: str
    right: bool
    attempted: bool
    ideas: tuple[str, ...]


@dataclass(frozen=True)
class SharedHint:
    """A hint that was shown, by its kind."""

    exercise: str
    kind: str


Entry = SharedCheck | SharedHint
Known = Mapping[str, Collection[str]]
"""The exercises of a unit, and the names of the ideas of each."""


def read_shared(path: Path, known: Known) -> tuple[list[Entry], int] | None:
    """What the file tells, in its order, and how many lines cannot be read; None where the student
    sends none."""
    lines = _lines(path)
    if lines is None:
        return None
    told = [line for line in lines if line.strip() and not line.startswith("#")]
    found = [_entry(line.split("\t"), known) for line in told[:MOST_LINES]]
    entries = [one for one in found if one]
    return entries, len(told) - len(entries)


def _lines(path: Path) -> list[str] | None:
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(opened, "rb") as file:
        try:
            return file.read(MOST_BYTES).decode(errors="replace").split("\n")
        except OSError:
            return None


def _entry(parts: list[str], known: Known) -> Entry | None:
    if parts[0] == "check" and 2 <= len(parts) <= 4:
        match = _HEADLINE.fullmatch(parts[1])
        if match is None or match[1] not in known or not {*parts[2:]} <= {*known[match[1]]}:
            return None
        return SharedCheck(match[1], bool(match[2]), not match[3], tuple(parts[2:]))
    if parts[0] == "hint" and len(parts) == 4 and parts[1] in known and parts[3] in KINDS:
        return SharedHint(parts[1], parts[3])
    return None
