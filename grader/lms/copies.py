"""Which of the files that were handed in count, each the format, and what is to be said of it.

Of two copies of a notebook one that somebody worked in counts before the untouched hand-out, and
both before none that can be read. Among those: the newer upload, the newer download, the one with
the right name, the one that was written later, the one nearest the top.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.lms.class_names import ClassNames
from grader.lms.file_names import Download
from grader.lms.unpack import Left
from grader.submissions.readable import on_disk, shown
from grader.submissions.unit_notebook import UNREADABLE, UNTOUCHED

_AGAIN = re.compile(r"(?:-\d+| ?\(\d+\))$")
"""What Canvas (-1) and browsers ((1)) add to a name that there is already."""
_BLIND = re.compile(r"Participant(?: \d+)?")
"""What Moodle writes where students are anonymous, in English."""
_ROSTER = "`grader roster` reads a class list"
_SOME = 3
"""Files that are named of those that somebody handed in instead of a notebook."""


@dataclass(frozen=True)
class Collected:
    """The files that count, with their student and the name of their notebook; what is to be said
    to the instructor; and how many pieces of work were left out."""

    files: Mapping[Path, tuple[str, str, Download]]
    notes: tuple[str, ...]
    left_out: int = 0


@dataclass(frozen=True)
class _Copies:
    """The copies of a student's notebook; the first one counts."""

    student: str
    notebook: str
    all: tuple[Download, ...]


def sort_out(
    downloads: Sequence[Download],
    names: ClassNames,
    notebooks: Sequence[str],
    unread: Iterable[Left] = (),
    others: Iterable[Left] = (),
) -> Collected:
    """Give each file to its student; of several copies of a notebook one counts.

    `notebooks` are the file names of the unit. What was `unread`, and files that are not notebooks
    (`others`), are told with their student.
    """
    unread, others = list(unread), list(others)
    given, lost = _give(downloads, names)
    owners = [*downloads, *(left.who for left in (*unread, *others) if left.who)]
    twins = _twins(owners, names)
    lost += twins.values()
    sorted_ = [
        copies
        for student, own in given.items()
        if student not in twins
        for copies in _copies(student, own, notebooks)
    ]
    known = {copies.student for copies in sorted_ if copies.notebook in notebooks}
    files, notes = {}, []
    for copies in sorted_:
        first = copies.all[0]
        if _is_odd(copies.notebook, notebooks) and copies.student in known:
            notes.append(f"{copies.student}: {first.shown or first.own} is left out: {_NONE}")
            continue
        files[first.path] = copies.student, copies.notebook, first
        notes += _told(copies, notebooks)
    collected = {copies.student for copies in sorted_}
    # Beside a notebook, an archive of something else is as good as any other file.
    unread = [left for left in unread if not (left.is_other and _whose(left, names) in collected)]
    lost += [_not_read(left, names) for left in unread]
    have = collected | {_whose(left, names) for left in unread}
    lost += _without(others, names, have)
    return Collected(files, (*notes, *lost), len(lost))


def _is_odd(name: str, notebooks: Sequence[str]) -> bool:
    """Whether it is a notebook, and none of the unit's. Other files that an instructor collects
    (`valid_ext`) may have any name."""
    return name.lower().endswith(".ipynb") and name not in notebooks


_NONE = "it is not one of this unit's notebooks"


def _give(
    downloads: Sequence[Download], names: ClassNames
) -> tuple[dict[str, list[Download]], list[str]]:
    """The files of each student, and what is to be said of those that are nobody's."""
    given: dict[str, list[Download]] = {}
    lost = []
    for download in downloads:
        students = names.of(download)
        if len(students) == 1:
            given.setdefault(students[0], []).append(download)
        else:
            lost.append(
                f"{download.shown or download.path.name} was not collected: "
                f"{_not_one(download, students)}"
            )
    return given, lost


def _not_one(download: Download, students: Sequence[str]) -> str:
    who = f"Canvas' user {download.user}" if download.user else shown(download.name)
    if students:
        return f"{who} can be {' or '.join(students)}"
    if _BLIND.fullmatch(download.name):
        return f"{who} is nobody's name: show the names in Moodle, download again"
    return f"{who} is not in the gradebook: {_ROSTER}"


def _twins(owners: Iterable[Download], names: ClassNames) -> dict[str, str]:
    """Students the format Moodle has two numbers: two people bear the name, and the class list
    knows only one of them."""
    found: dict[str, dict[str, str]] = {}
    for one in owners:
        students = names.of(one)
        if one.participant and len(students) == 1:
            found.setdefault(students[0], {})[one.participant] = one.name
    return {
        student: f"{student} was not collected: Moodle has {' and '.join(numbers)} for "
        f"{shown(next(iter(numbers.values())))}, who are two people. Put the work of each into "
        "submitted/"
        for student, numbers in found.items()
        if len(numbers) > 1
    }


def _copies(student: str, own: Sequence[Download], notebooks: Sequence[str]) -> list[_Copies]:
    versions: dict[str, list[Download]] = {}
    for download in own:
        versions.setdefault(_notebook(download, notebooks), []).append(download)
    return [
        _Copies(student, notebook, tuple(_best_first(several, notebook)))
        for notebook, several in versions.items()
    ]


def _notebook(download: Download, notebooks: Sequence[str]) -> str:
    """The notebook of the unit that a file is, by its name or else by its cells; its own name where
    it is none of them."""
    return _named(download.own, notebooks) or download.unit or on_disk(download.own)


def _named(own: str, notebooks: Sequence[str]) -> str:
    stem = own[: -len(".ipynb")] if own.lower().endswith(".ipynb") else own
    for name in (stem, _AGAIN.sub("", stem)):
        for known in notebooks:
            if known.casefold() == f"{name}.ipynb".casefold():
                return known
    return ""


_REASONS = (
    ("it has no answers", "it cannot be read"),
    "it was handed in earlier",
    "it is from an older download",
    "it has another name",
    "it is older",
    "it is in a deeper folder",
    "it comes earlier in the list",
)
"""Why the other copy counts, by the first place in which their ranks differ."""


def _rank(download: Download, notebook: str) -> tuple[float, ...]:
    right = bool(_named(download.own, [notebook]))
    one = download
    return one.worth, one.number, one.age, right, one.when, -one.depth, one.place


def _best_first(several: Sequence[Download], notebook: str) -> list[Download]:
    """Of those that are alike in all, the one that was seen last comes first."""
    return sorted(reversed(several), key=lambda one: _rank(one, notebook), reverse=True)


def _told(copies: _Copies, notebooks: Sequence[str]) -> list[str]:
    """What is to be said of a student's notebook."""
    student, notebook, first = copies.student, copies.notebook, copies.all[0]
    path = first.shown or first.path.name
    notes = []
    if notebook in notebooks and first.worth == UNREADABLE:
        notes.append(f"{student}: {path} is not a notebook inside: ask the student for it again")
    if _is_odd(notebook, notebooks):
        notes.append(f"{student}: {shown(notebook)} is not the name of a notebook of this unit")
    elif notebook in notebooks and not _named(first.own, [notebook]):
        notes.append(f"{student}: {path} counts as {notebook}, because of its cells")
    if len(copies.all) > 1:
        rest = "; ".join(
            f"{one.shown or one.path.name} does not: {_reason(first, one, notebook)}"
            for one in copies.all[1:]
        )
        count = len(copies.all)
        notes.append(f"{student} handed in {shown(notebook)} {count} times: {path} counts. {rest}")
    return notes


def _reason(best: Download, other: Download, notebook: str) -> str:
    ranks = zip(_REASONS, _rank(best, notebook), _rank(other, notebook), strict=True)
    why = next((why for why, one, two in ranks if one != two), "it is the same")
    if isinstance(why, str):
        return why
    return {UNTOUCHED: why[0], UNREADABLE: why[1]}[other.worth]


def _whose(left: Left, names: ClassNames) -> str:
    students = names.of(left.who) if left.who else ()
    return students[0] if len(students) == 1 else ""


def _not_read(left: Left, names: ClassNames) -> str:
    """One line on what should hold a notebook, and could not be read."""
    if left.who is None:
        return f"{left.shown} was not collected: {left.why}"
    students = names.of(left.who)
    if len(students) == 1:
        what = f"{left.shown} was not collected: {left.why}"
        return f"{students[0]}: {what}. Ask the student for the notebook"
    return f"{left.shown} was not collected: {left.why}; {_not_one(left.who, students)}"


def _without(others: Iterable[Left], names: ClassNames, have: set[str]) -> list[str]:
    """A line on each student who handed in files, and no notebook among them."""
    found: dict[str, list[str]] = {}
    for left in others:
        students = names.of(left.who) if left.who else ()
        if len(students) != 1:
            who = _not_one(left.who, students) if left.who else ""
            found.setdefault(f"{left.shown} was not collected: {who}", [])
        elif students[0] not in have:
            found.setdefault(students[0], []).append(left.shown)
    return [_no_notebook(who, files) if files else who for who, files in found.items()]


def _no_notebook(student: str, files: Sequence[str]) -> str:
    more = f" and {len(files) - _SOME} more" if len(files) > _SOME else ""
    return (
        f"{student} handed in {', '.join(files[:_SOME])}{more}, and no notebook: "
        "ask the student for the .ipynb file"
    )
