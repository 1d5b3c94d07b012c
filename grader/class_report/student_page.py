"""A student's term on a page that can be sent: it holds nothing of anybody else.

Wrong ideas are not on it. Some are found on hidden cases only; feedback says what may be said.
"""

from __future__ import annotations

from grader.class_report.html_page import Cell, Raw, bar, document, few, keep, section, table, text
from grader.class_report.term import Standing, StudentInTerm, Term, UnitInTerm
from grader.gradebook.counted import counted

_SAYS = {
    "missed": "nothing handed in",
    "open": "still open",
    "not graded": "handed in, not graded yet",
}


def student_page(term: Term, one: StudentInTerm) -> str:
    """The page of this student."""
    title = f"{one.name or one.student}: the term"
    own = [(unit, one.standings[unit.unit]) for unit in term.units if unit.unit in one.standings]
    parts = [
        f"<h1>{text(title)}</h1>",
        f'<p class="say">As of {term.made:%Y-%m-%d %H:%M} UTC.</p>',
        _in_short(one),
        _units(own),
        *(_exercises(unit, standing) for unit, standing in own if standing.state == "graded"),
    ]
    return document(title, parts)


def _in_short(one: StudentInTerm) -> str:
    told = {"points so far": f"{one.points:.1f} of {one.most:g}"}
    if one.share is not None:
        told["share"] = f"{100 * one.share:.0f} %"
    if one.missed:
        told["units not handed in"] = str(len(one.missed))
    return few(told)


def _units(own: list[tuple[UnitInTerm, Standing]]) -> str:
    rows: list[list[Cell]] = [
        [
            unit.unit,
            keep(f"{unit.due:%Y-%m-%d}") if unit.due else "",
            keep("–" if standing.points is None else f"{standing.points:.1f} of {unit.most:g}"),
            _bar(unit, standing),
            _notes(standing),
        ]
        for unit, standing in own
    ]
    return section(
        "Units",
        "The sum counts what is graded, and what is due and was not handed in.",
        table(["unit", "due", "points", "share", "notes"], rows),
    )


def _bar(unit: UnitInTerm, standing: Standing) -> Raw:
    if standing.points is None or not unit.most:
        return Raw("")
    return bar(standing.points / unit.most)


def _notes(one: Standing) -> str:
    notes = [_SAYS[one.state]] if one.state in _SAYS else []
    if one.days_late:
        notes.append(f"late by {_days(one.days_late)}")
    if one.penalty:
        notes.append(f"{counted(one.penalty, 'point')} less for that")
    if one.untouched:
        notes.append(f"exercises not attempted: {one.untouched}")
    if one.waiting:
        notes.append(f"not graded by hand yet: {one.waiting}")
    return ", ".join(notes)


def _days(days: float) -> str:
    hours = max(1, round(24 * days))
    if hours < 48:
        return counted(hours, "hour")
    return f"{days:.0f} days"


def _exercises(unit: UnitInTerm, standing: Standing) -> str:
    rows: list[list[Cell]] = [
        [title, "not graded yet" if points is None else f"{points:g} of {most:g}"]
        for (title, most), points in zip(unit.exercises, standing.exercises, strict=False)
    ]
    return section(text(unit.unit), "", table(["exercise", "points"], rows))
