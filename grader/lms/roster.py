"""A class list, as Canvas' or Moodle's gradebook exports it, and nbgrader's students.

Canvas: Student (Last, First), ID, SIS User ID, SIS Login ID, Section, assignments (with their id).
Moodle: First name, Last name, ID number, Email address, Username and the like, grade items.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nbgrader.api import Gradebook, Student

from grader.submissions.line_ends import plain_ends
from grader.submissions.readable import shown

Kind = Literal["Canvas", "Moodle"]
CANVAS_COLUMNS = (
    *("Student", "LastName", "FirstName", "ID", "SIS User ID", "SIS Login ID"),
    *("Integration ID", "Root Account", "Section"),
)
"""Columns of Canvas that say who a row is about; what follows them are grades."""
_IDS: Mapping[Kind, tuple[str, ...]] = {
    "Canvas": ("SIS Login ID", "SIS User ID", "ID"),
    "Moodle": ("Username", "ID number", "Email address"),
}
"""Where a student's id in nbgrader is looked for: the first of these columns that there is."""

_DELIMITERS = ",;\t"
_SHORTENED = re.compile(
    r"[0-9]+(?:[.,][0-9]+)?\s*[eE]\+[0-9]+|[0-9]+[.,][0-9]+[eE][0-9]+"
    r"|[0-9]+[.,]0*|[0-9]{1,3}(?:[,'\u2019][0-9]{3})+"
    r"|#+|#(?:N/A|REF!|NAME\?|VALUE!|NUM!)|=.*|'[0-9]+"
)
"""What a spreadsheet makes of a long number, or of any number (1.03E+16, 501.0, 10,501), what it
writes for one that it cannot show, and how it marks a number as text."""
_KEPT_DIGITS, _FEW = 15, 3
"""Digits of a number that a spreadsheet keeps; so many ids are not rounded by chance."""
_LONGEST_ID = 150
"""Bytes of an id, which becomes the name of a folder."""
_NUMBERS = ("ID", "SIS User ID", "SIS Login ID", "Integration ID", "ID number", "Username")
"""Columns in which a spreadsheet may have taken an id for a number."""
_LMS_ID: Mapping[Kind, str] = {"Canvas": "ID", "Moodle": "ID number"}

_CHANGED = (
    " was changed by a spreadsheet: export the list again, and do not save it with a spreadsheet"
)
_OTHER = " (--id COLUMN takes the ids from another column)"


class BadRoster(Exception):
    """A class list that cannot be taken. Each of `lines` says one thing that is wrong."""

    def __init__(self, lines: Sequence[str]) -> None:
        super().__init__(lines[0])
        self.lines = tuple(lines)


@dataclass(frozen=True)
class Person:
    """A row of a class list: `id` is that of nbgrader, `lms_id` that of Canvas or Moodle.

    `cells` holds the row itself, by column; `line` is its line in the file.
    """

    id: str
    first_name: str
    last_name: str
    email: str
    lms_id: str
    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Roster:
    """A class list."""

    path: Path
    kind: Kind
    columns: tuple[str, ...]
    people: tuple[Person, ...]


def read_roster(path: Path, id_column: str = "") -> Roster:
    """Read a class list; `id_column` names the column with the students' ids in nbgrader.

    Raises `BadRoster` with a line for each bad row.
    """
    rows = rows_of(path)
    _, columns = next(rows, (0, ()))
    kind = _kind(path, columns)
    wanted = id_column or next((name for name in _IDS[kind] if name in columns), "")
    if wanted not in columns:
        known = ", ".join(name for name in columns if name in (*CANVAS_COLUMNS, *_IDS[kind]))
        raise BadRoster([f"{path} has no column {wanted or _IDS[kind][0]}: there is {known}"])
    people: list[Person] = []
    wrong: list[str] = []
    for line, given in rows:
        row = _without_blank_end(given, len(columns))
        if len(row) != len(columns):
            wrong.append(f"{path}, line {line}: {len(row)} cells, not {len(columns)}")
            continue
        cells = {name: cell for name, cell in reversed([*zip(columns, row, strict=True)])}
        if kind == "Canvas" and _is_no_student(cells):
            continue
        person = _person(kind, wanted, line, cells)
        trouble = _trouble(person, people, wanted, _LMS_ID[kind], "" if id_column else _OTHER)
        wrong += [f"{path}, line {line}: {trouble}"] if trouble else []
        people.append(person)
    wrong += [f"{path}: {column}{_CHANGED}" for column in _NUMBERS if _are_rounded(people, column)]
    if wrong or not people:
        raise BadRoster(wrong or [f"{path} contains no students"])
    return Roster(path, kind, columns, tuple(people))


def _without_blank_end(row: tuple[str, ...], wanted: int) -> tuple[str, ...]:
    """A row as long as the list is wide, where only blank cells make it longer."""
    return row if any(row[wanted:]) else row[:wanted]


def rows_of(path: Path) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line number and cells of each row of a CSV file that is not empty; raises `BadRoster`."""
    text = _text(path)
    reader = csv.reader(_lines(text), delimiter=_delimiter(text), strict=True)
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                yield reader.line_num, tuple(cell.strip() for cell in row)
    except csv.Error as error:
        raise BadRoster([f"{path}, line {reader.line_num}: {error}"]) from None


def _text(path: Path) -> str:
    """The list's text: in UTF-8, or in UTF-16, which a spreadsheet calls Unicode text. A first line
    that only tells a spreadsheet what stands between cells is left out."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadRoster([f"{path} cannot be read: {error.strerror}"]) from None
    if data.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise BadRoster([f"{path} is a spreadsheet, not CSV: export the list again, as CSV"])
    utf16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if utf16 else "utf-8").lstrip("\ufeff")
    except UnicodeDecodeError:
        raise BadRoster([f"{path} is not UTF-8 text: save it as CSV in UTF-8"]) from None
    return re.sub(r'\A"?sep=.?"?\n', "", plain_ends(text.rstrip("\0")))


def _lines(text: str) -> list[str]:
    """Its lines. A name can hold what Python would take for a line end, such as U+0085."""
    return io.StringIO(text).readlines()


def _delimiter(text: str) -> str:
    """What stands between the cells: that by which the columns are those of a class list. A title
    may hold any number of the others."""
    lines = _lines(text)
    for delimiter in _DELIMITERS:
        with suppress(csv.Error):
            head = next(csv.reader(lines, delimiter=delimiter), [])
            if _kind_of([cell.strip() for cell in head]):
                return delimiter
    return max(_DELIMITERS, key=lines[0].count) if lines else ","


def _kind_of(columns: Sequence[str]) -> Kind | None:
    if "ID" in columns and "Section" in columns and {"Student", "LastName"} & {*columns}:
        return "Canvas"
    if "First name" in columns and {"Email address", "ID number", "Username"} & {*columns}:
        return "Moodle"
    return None


def _kind(path: Path, columns: Sequence[str]) -> Kind:
    kind = _kind_of(columns)
    if kind:
        return kind
    raise BadRoster(
        [
            f"{path} is not a gradebook export of Canvas (Student, ID, ..., Section) or "
            "Moodle (First name, Last name, ID number, Email address)"
        ]
    )


def _is_no_student(cells: Mapping[str, str]) -> bool:
    """Canvas' rows of points and of posting policies, and the student of its Student View."""
    name = cells.get("Student", cells.get("LastName", ""))
    who = any(cells.get(column) for column in CANVAS_COLUMNS)
    return not who or name.startswith("Points Possible") or name == "Student, Test"


def _person(kind: Kind, id_column: str, line: int, cells: Mapping[str, str]) -> Person:
    if kind == "Moodle":
        first, last = cells["First name"], cells.get("Last name") or cells.get("Surname", "")
        email, lms_id = cells.get("Email address", ""), cells.get("ID number", "")
    else:
        first, last = _name(cells)
        login = cells.get("SIS Login ID", "")
        email, lms_id = login if "@" in login else "", cells["ID"]
    return Person(cells[id_column], first, last, email, lms_id, line, cells)


def _name(cells: Mapping[str, str]) -> tuple[str, str]:
    """First and last name of a row of Canvas."""
    if "Student" not in cells:
        return cells.get("FirstName", ""), cells["LastName"]
    last, comma, first = cells["Student"].partition(",")
    if comma:
        return first.strip(), last.strip()
    first, _, last = cells["Student"].rpartition(" ")
    return first, last


def _trouble(
    person: Person, others: Sequence[Person], id_column: str, lms_id: str, hint: str
) -> str:
    """What is wrong with a row, in words; empty where nothing is."""
    shortened = _shortened(person, id_column)
    if shortened:
        return shortened
    if not person.id:
        return f"no {id_column}{hint}"
    if not _can_be_a_folder(person.id):
        return f"{shown(person.id)} cannot be the name of a student's folder{hint}"
    same = next((other for other in others if _composed(other.id) == _composed(person.id)), None)
    if same:
        return f"{person.id} is also in line {same.line}{hint}"
    same = next((one for one in others if person.lms_id and one.lms_id == person.lms_id), None)
    return f"{lms_id} {person.lms_id} is also in line {same.line}" if same else ""


def _can_be_a_folder(name: str) -> bool:
    # nbgrader looks for folders with `glob`, to which [ ] * ? are not letters.
    odd = {*"/\\[]*?"} & {*name} or name.startswith(".") or not name.isprintable()
    return not odd and len(name.encode()) <= _LONGEST_ID


def _composed(name: str) -> str:
    """Letters as one, also where a mark stands beside its letter: on a disk both are one name."""
    return unicodedata.normalize("NFC", name)


def _shortened(person: Person, id_column: str) -> str:
    for column in dict.fromkeys((id_column, *_NUMBERS)):
        cell = person.cells.get(column, "")
        if _SHORTENED.fullmatch(cell) or (column == "ID" and not re.fullmatch("[0-9]*", cell)):
            return f"{column} {shown(cell)}{_CHANGED}"
    return ""


def _are_rounded(people: Sequence[Person], column: str) -> bool:
    """Whether all long numbers end in zeros, after the digits that a spreadsheet keeps."""
    cells = {person.cells.get(column, "") for person in people}
    long = [cell for cell in cells if cell.isdecimal() and len(cell) > _KEPT_DIGITS]
    return len(long) >= _FEW and not any(cell[_KEPT_DIGITS:].strip("0") for cell in long)


@dataclass(frozen=True)
class Enrolled:
    """What a class list did to the gradebook: ids of students."""

    added: tuple[str, ...]
    changed: tuple[str, ...]
    not_listed: tuple[str, ...]
    """In the gradebook and not in the list. They stay there."""


def enrol(roster: Roster, book: Gradebook) -> Enrolled:
    """Write the list into nbgrader's students, all or none. What the list does not know, stays.

    Raises `BadRoster` where somebody is in the gradebook already, under another id.
    """
    known = {student.id: student for student in book.students}
    _look_for_twins(roster, known)
    added, changed = [], []
    for person in roster.people:
        new = {
            "first_name": person.first_name,
            "last_name": person.last_name,
            "email": person.email,
            "lms_user_id": person.lms_id,
        }
        student = known.get(person.id)
        if student is None:
            book.db.add(Student(id=person.id, **{name: new[name] or None for name in new}))
            added.append(person.id)
            continue
        different = {k: v for k, v in new.items() if v and getattr(student, k) != v}
        for name, value in different.items():
            setattr(student, name, value)
        changed += [person.id] if different else []
    book.db.commit()
    listed = {person.id for person in roster.people}
    return Enrolled(tuple(added), tuple(changed), tuple(sorted(set(known) - listed)))


def _look_for_twins(roster: Roster, known: Mapping[str, Student]) -> None:
    """With two ids for one student, whatever they hand in could be either's."""
    listed = {person.id for person in roster.people}
    there = {one.lms_user_id: one.id for one in known.values() if one.id not in listed}
    wrong = [
        f"{roster.path}, line {person.line}: {person.id} is {there[person.lms_id]} in the "
        f"gradebook, with the same {_LMS_ID[roster.kind]} {person.lms_id}: --id COLUMN takes the "
        "ids from the column of before"
        for person in roster.people
        if person.lms_id and person.lms_id in there
    ]
    if wrong:
        raise BadRoster(wrong)
