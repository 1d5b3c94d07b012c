"""What the names of files tell that Canvas and Moodle write: who handed a file in.

Canvas  lovelaceada_501_9001_01-first-layers.ipynb        name, user, file, the file's own name
        lovelaceada_LATE_501_9001_01-first-layers-1.ipynb handed in late, and for the second time
        lovelaceada_501_text.html                         a text, or a link, instead of a file
Moodle  Ada Lovelace_7001_assignsubmission_file/01-first-layers.ipynb
        Ada Lovelace_7001_assignsubmission_file_01-first-layers.ipynb
        Group A-Ada Lovelace_7001_assignsubmission_file_/01-first-layers.ipynb
        Group A_12_assignsubmission_file/01-first-layers.ipynb     a team, in newer versions

Canvas' user is a student's `lms_user_id` in the gradebook. Moodle's number is no one's but this
assignment's, so that there the name counts. The file's own name is the student's: it may be empty
and hold anything, also what looks like another student's upload. So the outermost name counts that
the learning system wrote, and in it what stands first.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

_LETTER = r"[^\s!-,./:-@\[-^`{-~\x00-\x1f]"
"""A letter, a mark on one, a digit, - or _: what Canvas leaves of a name, in any script."""
_CANVAS = re.compile(
    rf"(?P<prefix>{_LETTER}*?(?:_|-(?=late_)))??(?P<late>(?:LATE|late)_)?"
    r"(?P<user>[0-9]{1,30})_(?:(?P<file>[0-9]{1,30})_(?P<own>.*)|(?P<online>(?:text|link)\.html))",
    re.DOTALL,
)
_WHO = re.compile(rf"{_LETTER}*")
_NUMBERS = re.compile(r"(?=(?:^|_)([0-9]+)_[0-9]+_)")
_ANONYMOUS = re.compile(r"(?:LATE_)?anon_[^_]*_[0-9]+_.*", re.DOTALL)
_MOODLE = re.compile(
    r"(?P<name>[^_]+?)(?:_(?P<number>[0-9]+))?_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<own>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Download:
    """What a file's name tells. `user` (Canvas) or `name` (Moodle) is the student, `own` the name
    that the student gave the file, and of two files the one with the greater `number` is newer.

    `participant` is Moodle's number of the student, `others` are further users of the class whom
    the name could mean, and `part` is the name itself, as the learning system wrote it.

    The rest is of the file itself: the path by which people are told of it (`shown`), how old its
    download is and when it was written (seconds since 1970), how deep it lies in what the student
    sent, and its place there. `unit` is the notebook of the unit that its cells are of, and
    `worth` is 2 for work, 1 for what is not a notebook, 0 for the untouched hand-out.
    """

    path: Path
    own: str
    user: str = ""
    name: str = ""
    number: int = 0
    late: bool = False
    participant: str = field(default="", compare=False)
    part: str = field(default="", compare=False)
    others: tuple[str, ...] = ()
    shown: str = ""
    age: float = 0.0
    when: float = 0.0
    depth: int = 0
    place: int = 0
    unit: str = ""
    worth: int = 2


def read_name(path: Path, root: Path, users: Collection[str] = ()) -> Download | None:
    """What the name of a file below `root` tells; None if neither of the two wrote it.

    `users` are those of Canvas in the class.
    """
    return read_parts(path.relative_to(root).parts, path, users)


def read_parts(
    parts: Sequence[str], path: Path, users: Collection[str] = (), courses: bool = True
) -> Download | None:
    """The same, of the parts of a path, from the outside in; the last one is the file's name.

    The name of a whole course's download can look like a file of Canvas: it tells something only
    where nothing in it does, and without `courses` it does not.
    """
    course = None
    for part in parts:
        if is_anonymous(part):
            return None
        one = _read_part(part, path, users)
        if one and part is not parts[-1]:
            one = replace(one, own=parts[-1])
        if one and not _is_course(part):
            return one
        course = course or one
    return course if courses else None


def _is_course(part: str) -> bool:
    """Whether Canvas cannot have written this before a student's file: it writes names in small
    letters. In WS_2024_25_DL-4711.zip, from Moodle, no user 2024 handed in."""
    found = None if _MOODLE.fullmatch(part) else _CANVAS.fullmatch(part)
    prefix = (found["prefix"] or "") if found else ""
    return prefix != prefix.lower()


def is_anonymous(part: str) -> bool:
    """Whether Canvas wrote this name where students are anonymous."""
    return _ANONYMOUS.fullmatch(part) is not None


def _read_part(part: str, path: Path, users: Collection[str]) -> Download | None:
    """What the name of a file or a folder tells by itself."""
    if found := _MOODLE.fullmatch(part):
        number = found["number"] or ""
        own = found["own"] or ""
        return Download(path, own, name=found["name"], participant=number, part=part)
    if found := _CANVAS.fullmatch(part):
        return Download(
            path,
            found["own"] or found["online"] or "",
            user=found["user"],
            number=int(found["file"] or 0),
            late=found["late"] is not None,
            others=_other_users(part, found["user"], users),
            part=part,
        )
    return None


def _other_users(part: str, user: str, users: Collection[str]) -> tuple[str, ...]:
    """Students whom the name could mean besides: in x_501_777_9009_hw.zip, 777 can have a name
    that ends in _501, and 501 a file that is called 9009_hw.zip."""
    letters = _WHO.match(part)
    found = (match[1] for match in _NUMBERS.finditer(letters[0] + "_" if letters else ""))
    return tuple(dict.fromkeys(other for other in found if other in users and other != user))
