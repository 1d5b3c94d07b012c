"""The whole term on a page: one file without a script, without a network, readable on paper."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import fmean
from urllib.parse import quote

from grader.class_report.html_page import (
    Cell,
    Raw,
    document,
    few,
    figure,
    grid,
    keep,
    section,
    table,
    text,
)
from grader.class_report.plots import over_time
from grader.class_report.term import OFTEN, Standing, StudentInTerm, Term, UnitInTerm

STUDENTS = "students"
"""The folder of the students' pages, beside this one."""
_MOST_NAMED = 12
"""Students that are named with an idea; the data has all."""
_LEGEND = (
    "Points, less what was taken off for coming late. <b>none</b>: nothing was handed in, and the "
    "time is over. <b>open</b>: there is still time. <b>–</b>: handed in, not graded. A unit that "
    "is open or not graded does not count in the sum. An extension counts as time."
)


def file_name(student: str) -> str:
    """The file of a student's page: another one for each id, whatever is in it."""
    return f"{quote(student, safe=' @+')}.html"


def short(unit: str) -> str:
    """What a unit is called at the head of a column: its number, if it has one."""
    number = re.match(r"[0-9]+(?=[-_ ])", unit)
    return number[0] if number else unit


def term_page(term: Term) -> str:
    """The page, as it is to stand beside those of the units."""
    parts = [
        "<h1>The term</h1>",
        f'<p class="say">For instructors: this page contains names and points. '
        f"Made {term.made:%Y-%m-%d %H:%M} UTC.</p>",
        _in_short(term),
        _weeks(term),
        _often_missed(term),
        _returning(term),
        _sections(term),
        _students(term),
    ]
    return document("The term", parts)


def _in_short(term: Term) -> str:
    waiting = sum(s.waiting > 0 for one in term.students for s in one.standings.values())
    told = {"students": str(len(term.students)), "units": str(len(term.units))}
    told |= {f"have missed {OFTEN} or more": str(len(term.often_missed))}
    if waiting:
        told["submissions to be graded by hand"] = str(waiting)
    return few(told)


def _weeks(term: Term) -> str:
    drawn = [unit for unit in term.units if unit.shares]
    told = "; ".join(f"{unit.unit}: {unit.shares[1]:.0f}" for unit in drawn if unit.shares)
    plot = over_time(
        _labels(drawn),
        [unit.shares for unit in drawn if unit.shares],
        f"Line: the median of the class in % of the points, by unit. {told}.",
    )
    head = ["unit", "due", "points", "handed in", "late", "missed"]
    head += ["lower quartile, %", "median, %", "upper quartile, %"]
    rows: list[list[Cell]] = [
        [
            _link(unit.unit),
            keep(f"{unit.due:%Y-%m-%d}") if unit.due else "",
            *(unit.most, unit.handed_in, unit.late, unit.missed),
            *(round(share) for share in unit.shares or ()),
            *([] if unit.shares else ["–"] * 3),
        ]
        for unit in term.units
    ]
    return section(
        "Points over the weeks",
        "What the class has of the points of each unit, of those who are graded. A unit's name "
        "leads to its page.",
        figure(plot) if drawn else "",
        table(head, rows),
    )


def _labels(units: Sequence[UnitInTerm]) -> list[str]:
    dates = [f"\n{unit.due:%d %b}" if unit.due else "" for unit in units]
    # With many units every second date is left out: they would run into each other.
    every = 1 + len(units) // 13
    return [
        short(unit.unit) + (date if place % every == 0 else "")
        for place, (unit, date) in enumerate(zip(units, dates, strict=True))
    ]


def _link(unit: str, shown: str = "") -> Raw:
    address = quote(f"{unit}.html")
    return Raw(f'<a href="{text(address)}">{text(shown or unit)}</a>')


def _who(one: StudentInTerm) -> Raw:
    address = quote(f"{STUDENTS}/{file_name(one.student)}")
    name = f" {text(one.name)}" if one.name else ""
    return Raw(f'<a href="{text(address)}">{text(one.student)}</a>{name}')


def _often_missed(term: Term) -> str:
    title = f"Who has missed {OFTEN} units or more"
    rows: list[list[Cell]] = [
        [_who(one), len(one.missed), ", ".join(one.missed)] for one in term.often_missed
    ]
    if not rows:
        return section(title, f"Nobody has missed {OFTEN} units.")
    says = "Nothing was handed in, and the time is over. Why is not known here."
    return section(title, says, table(["who", "units", "which"], rows))


def _returning(term: Term) -> str:
    title = "Wrong ideas that come back"
    if not term.returning:
        return section(title, "No student has a wrong idea of the same name in two units.")
    rows: list[list[Cell]] = [
        [
            one.idea,
            ", ".join(sorted(short(unit) for unit in one.units)),
            len(one.holders),
            _holders([*one.holders]),
        ]
        for one in term.returning
    ]
    return section(
        title,
        "A student has an idea of this name in two units or more. The exercises differ, and so "
        "may the idea: look at the units' pages.",
        table(["idea", "in units", "students", "who"], rows),
    )


def _holders(students: Sequence[str]) -> str:
    more = len(students) - _MOST_NAMED
    return ", ".join(students[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _sections(term: Term) -> str:
    sizes = Counter(one.section for one in term.students if one.section)
    if not sizes:
        return ""
    head = ["section", "students", *(short(unit.unit) for unit in term.units)]
    rows: list[tuple[Cell, list[tuple[Cell, bool]]]] = [
        (name, [(size, False), *((_mean(term, name, unit), False) for unit in term.units)])
        for name, size in sorted(sizes.items())
    ]
    return section(
        "Sections", "Mean share of the points, in %, of those who are graded.", grid(head, rows)
    )


def _mean(term: Term, name: str, unit: UnitInTerm) -> str:
    found = [one.standings.get(unit.unit) for one in term.students if one.section == name]
    points = [one.points for one in found if one and one.points is not None]
    return f"{100 * fmean(points) / unit.most:.0f}" if points and unit.most else "–"


def _students(term: Term) -> str:
    sectioned = any(one.section for one in term.students)
    head: list[Cell] = ["student", *(["section"] if sectioned else []), "points", "of", "%"]
    head += [_link(unit.unit, short(unit.unit)) for unit in term.units]
    rows = [(_who(one), _row(one, term, sectioned)) for one in term.students]
    return section("Students by units", _LEGEND, grid(head, rows))


def _row(one: StudentInTerm, term: Term, sectioned: bool) -> list[tuple[Cell, bool]]:
    share = "–" if one.share is None else f"{100 * one.share:.0f}"
    first: list[Cell] = [one.section] if sectioned else []
    first += [f"{one.points:.1f}", f"{one.most:g}", share]
    own = [one.standings.get(unit.unit) for unit in term.units]
    return [*((cell, False) for cell in first), *map(_standing, own)]


def _standing(one: Standing | None) -> tuple[Cell, bool]:
    """What stands in the cell, and whether it is marked."""
    if one is None or one.state == "open":
        return "open", False
    if one.state == "missed":
        return "none", True
    notes = ["late" + (f" −{one.penalty:g}" if one.penalty else "")] if one.days_late else []
    notes += [f"{one.waiting} to grade"] if one.waiting else []
    points = "–" if one.points is None else f"{one.points:.1f}"
    return Raw(points + "".join(f"<small>{note}</small>" for note in notes)), False
