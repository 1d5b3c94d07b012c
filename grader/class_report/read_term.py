"""The whole term, from the reports of its units and from what the gradebook knows of times."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import quantiles

from nbgrader.api import Assignment, Gradebook, SubmittedAssignment
from sqlalchemy import select

from grader.class_report.class_report import ClassReport, Submission
from grader.class_report.term import Returning, Standing, StudentInTerm, Term, UnitInTerm

_DAY = 86400.0


@dataclass(frozen=True)
class _Times:
    """When a unit is due, when each student handed it in, and how much more time each has."""

    due: datetime | None
    handed_in: Mapping[str, datetime]
    more: Mapping[str, timedelta]

    def days_late(self, student: str) -> float:
        """Days beyond the due date and the student's extension; 0 where it came in time."""
        when = self.handed_in.get(student)
        if when is None or self.due is None:
            return 0.0
        late = when - self.due - self.more.get(student, timedelta())
        return max(0.0, late.total_seconds() / _DAY)

    def is_open(self, student: str, now: datetime) -> bool:
        """Whether the student still has time."""
        return self.due is not None and self.due + self.more.get(student, timedelta()) > now


def read_term(
    book: Gradebook,
    reports: Sequence[ClassReport],
    now: datetime,
    sections: Mapping[str, str] | None = None,
) -> Term:
    """The term up to `now`, a time in UTC without a zone, as nbgrader has them.

    `reports` are those of all graded units; `sections` has that of each student, if it is known.
    """
    times = {report.unit: _times(book, report.unit) for report in reports}
    reports = _in_order(reports, times)
    found = {report.unit: _standings(report, times[report.unit], now) for report in reports}
    most = {report.unit: report.most for report in reports}
    students = tuple(
        _student(one, name, (sections or {}).get(one, ""), found, most)
        for one, name in sorted(_names(book).items())
    )
    units = tuple(
        _unit(report, times[report.unit].due, found[report.unit].values()) for report in reports
    )
    return Term(now, units, students, _returning(reports))


def _names(book: Gradebook) -> dict[str, str]:
    return {
        str(one.id): " ".join(part for part in (one.first_name, one.last_name) if part)
        for one in book.students
    }


def _times(book: Gradebook, unit: str) -> _Times:
    query = (
        select(
            SubmittedAssignment.student_id,
            SubmittedAssignment.timestamp,
            SubmittedAssignment.extension,
        )
        .join(Assignment, Assignment.id == SubmittedAssignment.assignment_id)
        .where(Assignment.name == unit)
    )
    rows = list(book.db.execute(query))
    return _Times(
        book.find_assignment(unit).duedate,
        {student: when for student, when, _ in rows if when},
        {student: more for student, _, more in rows if more},
    )


def _in_order(reports: Sequence[ClassReport], times: Mapping[str, _Times]) -> list[ClassReport]:
    """As they are due, where that is known of all of them; else by name."""
    due = {unit: one.due for unit, one in times.items() if one.due}
    if len(due) < len(reports):
        return sorted(reports, key=lambda report: report.unit)
    return sorted(reports, key=lambda report: (due[report.unit], report.unit))


def _standings(report: ClassReport, times: _Times, now: datetime) -> dict[str, Standing]:
    found = {one.student: _graded(one, times) for one in report.submissions}
    for student in report.not_graded:
        found[student] = Standing("not graded", days_late=times.days_late(student))
    for student in report.absent:
        found[student] = Standing("open" if times.is_open(student, now) else "missed")
    return found


def _graded(one: Submission, times: _Times) -> Standing:
    return Standing(
        "graded",
        max(0.0, one.points - one.penalty),
        one.penalty,
        times.days_late(one.student),
        one.waiting,
        one.untouched,
        one.scores,
    )


def _student(
    student: str,
    name: str,
    section: str,
    found: Mapping[str, Mapping[str, Standing]],
    most: Mapping[str, float],
) -> StudentInTerm:
    own = {unit: standings[student] for unit, standings in found.items() if student in standings}
    counted = [unit for unit, one in own.items() if one.state in ("graded", "missed")]
    points = sum(own[unit].points or 0.0 for unit in counted)
    return StudentInTerm(student, name, section, own, points, sum(most[unit] for unit in counted))


def _unit(report: ClassReport, due: datetime | None, found: Iterable[Standing]) -> UnitInTerm:
    standings = list(found)
    return UnitInTerm(
        report.unit,
        report.most,
        due,
        tuple((question.title, question.most) for question in report.questions),
        sum(one.state in ("graded", "not graded") for one in standings),
        sum(one.days_late > 0 for one in standings),
        sum(one.state == "missed" for one in standings),
        _shares([one.points for one in standings if one.points is not None], report.most),
    )


def _shares(points: Sequence[float], most: float) -> tuple[float, float, float] | None:
    if not points or not most:
        return None
    shares = [100 * one / most for one in points]
    low, middle, high = (
        quantiles(shares, n=4, method="inclusive") if len(shares) > 1 else shares * 3
    )
    return low, middle, high


def _returning(reports: Sequence[ClassReport]) -> tuple[Returning, ...]:
    """The ideas that somebody has in two units or more, the most frequent first."""
    met: dict[str, dict[str, dict[str, None]]] = {}
    for report in reports:
        for held in report.ideas:
            for student in held.students:
                units = met.setdefault(held.what, {}).setdefault(student, {})
                units[report.unit] = None
    again = [
        Returning(idea, {one: tuple(units) for one, units in who.items() if len(units) > 1})
        for idea, who in met.items()
    ]
    return tuple(sorted((one for one in again if one.holders), key=lambda one: -len(one.holders)))
