"""Who hands in together: the list of a group set, as Canvas exports it.

Of a group that hands in together, Canvas's zip has the work of one member, under the group's name
and that member's number (canvas-lms, lib/content_zipper.rb: `assignment.representatives`). Who the
others are stands in the list that Canvas calls the course roster of a group set: canvas_user_id,
user_id, login_id, group_name, canvas_group_id, group_id.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Student

from grader.lms.roster import BadRoster, rows_of

_USERS = ("canvas_user_id", "login_id", "user_id")
_GROUPS = ("canvas_group_id", "group_id", "group_name")


@dataclass(frozen=True)
class Groups:
    """The group of each student who is in one, and the members of each group."""

    of: Mapping[str, str] = field(default_factory=dict)
    members: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def others(self, student: str) -> list[str]:
        """The members of the student's group but themselves."""
        return [one for one in self.members.get(self.of.get(student, ""), ()) if one != student]


def read_groups(path: Path, students: Iterable[Student]) -> Groups:
    """Read the list of a group set; who is not of this class is left out.

    Raises `BadRoster` where it is no such list, or has a student in two groups.
    """
    rows = rows_of(path)
    _, columns = next(rows, (0, ()))
    users = [name for name in _USERS if name in columns]
    groups = [name for name in _GROUPS if name in columns]
    if not users or not groups:
        raise BadRoster(
            [
                f"{path} is no list of groups from Canvas: it has no column {_USERS[0]} or "
                f"{_GROUPS[-1]}. Export it on the page People, from the tab of the group set"
            ]
        )
    known = _known(students)
    of: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    wrong = []
    for line, row in rows:
        cells = dict(zip(columns, row, strict=False))
        group = next((cells[name] for name in groups if cells.get(name)), "")
        student = next((known[key] for key in _keys(cells, users) if key in known), "")
        if not group or not student:
            continue
        if of.setdefault(student, group) != group:
            wrong.append(f"{path}, line {line}: {student} is in two groups: export one group set")
        elif student not in members.setdefault(group, []):
            members[group].append(student)
    if wrong:
        raise BadRoster(wrong)
    return Groups(of, members)


def _known(students: Iterable[Student]) -> Mapping[tuple[str, str], str]:
    """Students by what a column may say of them: their number in Canvas, or their id here."""
    found: dict[tuple[str, str], str] = {}
    for one in students:
        for name in _USERS[1:]:
            found[name, one.id] = one.id
        if one.lms_user_id:
            found[_USERS[0], one.lms_user_id] = one.id
    return found


def _keys(cells: Mapping[str, str], users: Sequence[str]) -> list[tuple[str, str]]:
    return [(name, cells[name]) for name in users if cells.get(name)]
