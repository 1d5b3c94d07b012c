"""nbgrader's export plugins for this course: files that Canvas and Moodle import, and plain CSV.

    nbgrader export --exporter=grader.lms.export.CanvasExporter \\
        --CanvasExporter.roster=roster.csv --to grades.csv

Canvas wants its own columns (Student, ID, ..., Section), a row of points, and a column for each
assignment, which it knows by the number in the heading. Moodle wants a column by which it knows
the student; which grade item a column is for, one chooses while importing.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from nbgrader.api import Gradebook, Student
from nbgrader.plugins import ExportPlugin
from traitlets import Bool, Dict, Unicode

from grader.gradebook.counted import counted
from grader.gradebook.course import students_with
from grader.gradebook.marks import Column, Marks, NoSuchMarks, Table, plain, table
from grader.lms.roster import CANVAS_COLUMNS, BadRoster, Kind, Person, Roster, read_roster

Rows = list[list[str]]
_SHORT = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
"""The columns of Canvas where there is no class list to take them from."""
_MOODLE = ("First name", "Last name", "ID number", "Email address")


class _Exporter(ExportPlugin):
    """Writes a file of `rows`, whole or not at all."""

    questions = Bool(True, help="Export each question too, not only the units.").tag(config=True)
    excel = Bool(
        False,
        help="Begin the file with a byte order mark: without it, Excel does not read it as UTF-8.",
    ).tag(config=True)
    default_name: str

    def export(self, gradebook: Gradebook) -> None:
        """Write the file; what an instructor is to know goes into the log."""
        try:
            notes = self.write(gradebook)
        except (NoSuchMarks, BadRoster) as error:
            for line in error.lines if isinstance(error, BadRoster) else [str(error)]:
                self.log.error(line)
            raise SystemExit(1) from None
        for note in notes:
            self.log.warning(note)
        self.log.info("Exported to %s", self.path)

    @property
    def path(self) -> Path:
        """The file that is written."""
        return Path(self.to or self.default_name)

    def write(self, gradebook: Gradebook) -> list[str]:
        """Write the file; what an instructor is to know, a line for each.

        Raises `NoSuchMarks` and `BadRoster`.
        """
        units, students = map(str, self.assignment), map(str, self.student)
        marks = table(gradebook, list(units), list(students), self.questions, self._handed_in)
        marks, missing = (marks, []) if self.assignment else _without_silent_units(marks)
        rows, notes = self.rows(marks, {one.id: one for one in gradebook.students})
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        fresh = self.path.with_name(f"{self.path.name}.new")
        fresh.write_text(text.getvalue(), encoding="utf-8-sig" if self.excel else "utf-8")
        os.replace(fresh, self.path)
        return [*missing, *_ungraded(marks), *notes, *_waiting(marks)]

    def _handed_in(self, unit: str) -> list[str]:
        """The students with a folder of the unit in submitted/: not all of them are graded."""
        course = getattr(self.parent, "coursedir", None)
        found = students_with(course, unit) if course else []
        return [student for student in found if not student.startswith(".")]

    def rows(self, marks: Table, students: Mapping[str, Student]) -> tuple[Rows, list[str]]:
        """The rows of the file, and what is to be said."""
        raise NotImplementedError


class CsvExporter(_Exporter):
    """A row for each student and unit, and for each question.

    The columns are those of nbgrader's own CSV, and `question`, which is empty for a whole unit.
    """

    default_name = "grades.csv"

    def rows(self, marks: Table, students: Mapping[str, Student]) -> tuple[Rows, list[str]]:
        """The rows of the file; there is nothing to be said."""
        head = ["assignment", "question", "duedate", "timestamp", "student_id", "last_name"]
        head += ["first_name", "email", "raw_score", "late_submission_penalty", "score"]
        rows = [[*head, "max_score"]]
        for own in marks.marks:
            student = students[own.student]
            names = [own.student, student.last_name, student.first_name, student.email]
            who = [_no_formula(name or "") for name in names]
            when = [str(time or "") for time in (marks.due[own.unit], own.timestamp)]
            for column, score in own.scores.items():
                points = [score, 0.0, score] if column.question else [own.raw, own.penalty, score]
                numbers = [plain(number) for number in (*points, column.most)]
                rows.append([own.unit, column.question, *when, *who, *numbers])
        return rows, []


class _LmsExporter(_Exporter):
    """A row for each student, known to the learning management system by the class list."""

    roster = Unicode(
        "",
        help="The class list: a gradebook export of Canvas or Moodle. Without it, the "
        "gradebook's students.",
    ).tag(config=True)
    id_column = Unicode(
        "", help="The list's column with the ids in nbgrader, as in `grader roster --id`."
    ).tag(config=True)
    columns = Dict(
        help="The heading of a unit's column, where it has another name there: "
        '{"01-first-layers": "First homework (87568490)"}.'
    ).tag(config=True)
    kind: Kind

    def rows(self, marks: Table, students: Mapping[str, Student]) -> tuple[Rows, list[str]]:
        """The rows of the file; who is not in it, and why."""
        roster = self._read() if self.roster else None
        handed_in = list(dict.fromkeys(own.student for own in marks.marks))
        cells = {one: self._cells(students[one], roster) for one in handed_in}
        body = [[*who, *_scores(marks, one)] for one, who in cells.items() if who]
        head = [self._heading(column, roster) for column in marks.columns]
        notes = [*self._left_out(marks, cells), *self._silent(marks, students, roster)]
        return [[*self._who(roster), *head], *self._points(marks, roster), *body], notes

    def _read(self) -> Roster:
        roster = read_roster(Path(self.roster), self.id_column)
        if roster.kind != self.kind:
            raise BadRoster([f"{self.roster} is a class list of {roster.kind}, not {self.kind}"])
        return roster

    def _cells(self, student: Student, roster: Roster | None) -> list[str]:
        """What the row begins with; nothing where the student is not known there."""
        if roster is None:
            return self._known(student)
        person = _find(student, roster)
        # As they stand in the list, also what a spreadsheet takes for a formula: the import finds
        # the student by them.
        return [person.cells[name] for name in self._who(roster)] if person else []

    def _known(self, student: Student) -> list[str]:
        """The same without a class list."""
        raise NotImplementedError

    def _who(self, roster: Roster | None) -> tuple[str, ...]:
        """The columns that say who a row is about."""
        raise NotImplementedError

    def _points(self, marks: Table, roster: Roster | None) -> Rows:
        return []

    def _heading(self, column: Column, roster: Roster | None) -> str:
        """A unit has the heading of its column there, if there is one."""
        if column.question:
            return column.name
        given = self.columns.get(column.unit)
        there = (
            (name for name in roster.columns if self._is_of(name, column.unit)) if roster else ()
        )
        return str(given or next(iter(there), column.unit))

    def _is_of(self, heading: str, unit: str) -> bool:
        raise NotImplementedError

    def _left_out(self, marks: Table, cells: Mapping[str, Sequence[str]]) -> list[str]:
        where = f"is not in {self.roster}" if self.roster else f"has no id of {self.kind}"
        return [
            f"{one} {where} and was left out: {', '.join(_told(marks, one))}"
            for one, who in cells.items()
            if not who
        ]

    def _silent(
        self, marks: Table, students: Mapping[str, Student], roster: Roster | None
    ) -> list[str]:
        """Who handed nothing in, graded or not."""
        if self.student:
            return []
        handed_in = {own.student for own in marks.marks} | {one for one, _ in marks.ungraded}
        if roster is None:
            silent = {*students} - handed_in
        else:
            found = [_find(students.get(one) or Student(id=one), roster) for one in handed_in]
            silent = {one.id for one in roster.people} - {one.id for one in found if one}
        return [f"nothing was handed in by {', '.join(sorted(silent))}: no row"] if silent else []


class CanvasExporter(_LmsExporter):
    """A file for Canvas' gradebook import. Each question would be an assignment of its own there.

    A unit goes into the assignment of the same name, or becomes one.
    """

    kind = "Canvas"
    default_name = "canvas.csv"
    questions = Bool(
        False, help="Export each question too: Canvas makes an assignment of each."
    ).tag(config=True)

    def _who(self, roster: Roster | None) -> tuple[str, ...]:
        if roster is None:
            return _SHORT
        return tuple(name for name in roster.columns if name in CANVAS_COLUMNS)

    def _known(self, student: Student) -> list[str]:
        if not student.lms_user_id:
            return []
        name = ", ".join(part for part in (student.last_name, student.first_name) if part)
        return [name, student.lms_user_id, "", "", ""]

    def _points(self, marks: Table, roster: Roster | None) -> Rows:
        rest = [""] * (len(self._who(roster)) - 1)
        return [["    Points Possible", *rest, *(plain(column.most) for column in marks.columns)]]

    def _is_of(self, heading: str, unit: str) -> bool:
        title = re.fullmatch(r"(.*) \(\d+\)", heading)
        return title is not None and _bare(title[1]) == _bare(unit)


class MoodleExporter(_LmsExporter):
    """A file for Moodle's gradebook import: map from Email address or ID number."""

    kind = "Moodle"
    default_name = "moodle.csv"

    def _who(self, roster: Roster | None) -> tuple[str, ...]:
        if roster is None:
            return _MOODLE
        return tuple(name for name in roster.columns if name in (*_MOODLE, "Surname", "Username"))

    def _known(self, student: Student) -> list[str]:
        if not student.email and not student.lms_user_id:
            return []
        cells = (student.first_name, student.last_name, student.lms_user_id, student.email)
        return [cell or "" for cell in cells]

    def _heading(self, column: Column, roster: Roster | None) -> str:
        return super()._heading(column, roster).removesuffix(" (Real)")

    def _is_of(self, heading: str, unit: str) -> bool:
        return _bare(heading.removesuffix(" (Real)").partition(": ")[2]) == _bare(unit)


def _without_silent_units(marks: Table) -> tuple[Table, list[str]]:
    """The table without units that nobody handed in, which would be columns of nothing."""
    there = {own.unit for own in marks.marks} | {unit for _, unit in marks.ungraded}
    silent = [unit for unit in marks.units if unit not in there]
    if not silent or not there:
        return marks, []
    columns = tuple(column for column in marks.columns if column.unit in there)
    said = f"nobody has handed in {', '.join(silent)}: left out (name a unit to include it)"
    return replace(marks, columns=columns), [said]


def _no_formula(text: str) -> str:
    """A cell that a spreadsheet shows, where it would compute what a student chose as a name."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def _find(student: Student, roster: Roster) -> Person | None:
    """The row of a student: by id, else by what the gradebook knows from an earlier list."""
    for own, other in (
        (student.id, "id"),
        (student.lms_user_id, "lms_id"),
        (student.email, "email"),
    ):
        found = [person for person in roster.people if own and getattr(person, other) == own]
        if len(found) == 1:
            return found[0]
    return None


def _bare(title: str) -> str:
    """A title without what people write in different ways."""
    return re.sub(r"[\W_]+", "", title.casefold())


def _scores(marks: Table, student: str) -> list[str]:
    scores = marks.of(student)
    return [plain(scores[column]) if column in scores else "" for column in marks.columns]


def _told(marks: Table, student: str) -> list[str]:
    scores = marks.of(student)
    return [
        f"{column.unit} {plain(scores[column])} of {plain(column.most)}"
        for column in marks.columns
        if column in scores and not column.question
    ]


def _ungraded(marks: Table) -> list[str]:
    """Who handed in a unit and has no score in it."""
    rows = {own.student for own in marks.marks}
    return [
        f"{student} handed in {unit} and is not graded: no {'score' if student in rows else 'row'}"
        for student, unit in marks.ungraded
    ]


def _waiting(marks: Table) -> list[str]:
    """Units with answers that nobody has graded yet."""
    waiting: dict[str, list[Marks]] = {unit: [] for unit in marks.units}
    for own in marks.marks:
        if own.waiting:
            waiting[own.unit].append(own)
    return [
        f"{unit}: {counted(len(those), 'submission')} not yet graded by hand; "
        "the score is without that part"
        for unit, those in waiting.items()
        if those
    ]
