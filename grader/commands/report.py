"""`grader report`: how the class did, as a page or as data."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from grader.commands.command import (
    OUT,
    Command,
    Trouble,
    add_json,
    next_step,
    print_json,
    showing,
)
from grader.gradebook.counted import counted

if TYPE_CHECKING:
    from grader.class_report.class_report import ClassReport
    from grader.class_report.term import Term

ABOUT = """\
Write a page on how the class did in a unit: the points, each exercise's difficulty and
discrimination, which wrong ideas the class has and how many students have each, what was not
attempted, limits that were reached, notices, and a link to each submission's feedback.

  grader report 01-first-layers          reports/01-first-layers.html
  grader report                          the whole term: reports/index.html
  grader report --roster roster.csv      the same with sections, from Canvas' class list
  grader report --ideas                  wrong ideas over time: reports/ideas.html
  grader report 01-first-layers --json   the same as data, for a script
  grader report --json                   units and term, as data

The whole term is the page of each graded unit; an index with students by units, who has missed
two, which wrong ideas come back, points over the weeks and sections; and for each student a page
in reports/students/. --ideas writes a page for authors, without names: which wrong ideas come
first, how long students keep them and which hint helps, from graded work and from what students
chose to send (`sharing` in their notebook). A student's page holds nothing of anybody else: it can
be sent. All other pages contain names and points: they are for instructors.
After it: `nbgrader release_feedback UNIT`, when you have checked it."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", nargs="*", help="units to report on (by default, the whole term)")
    parser.add_argument("--to", default="reports", help="folder for the pages (default: reports)")
    parser.add_argument(
        "--roster", type=Path, metavar="FILE", help="Canvas' class list, which has sections"
    )
    parser.add_argument(
        "--ideas", action="store_true", help="the class's wrong ideas over time, without names"
    )
    parser.add_argument("--id", default="", metavar="COLUMN", help="the column with their ids")
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    if options.roster and options.unit:
        raise Trouble("--roster has the sections, which are on the page of the whole term: no UNIT")
    if options.id and not options.roster:
        raise Trouble("--id names a column of the class list: give the list with --roster")
    if options.ideas and options.roster:
        raise Trouble("--roster has the sections, and the page of ideas has none")
    if options.ideas:
        return _ideas(options)
    sections = _sections(options.roster, options.id) if options.roster else {}
    reports, term = _read(options.unit, sections)
    if options.json:
        units = [report.to_json() for report in reports]
        print_json({"units": units, "term": term.to_json()} if term else units)
        return 0
    folder = _folder(Path(options.to))
    _write_units(reports, folder)
    if term:
        _write_term(term, folder)
    _tell_next(reports[-1] if term else reports[0])
    return 0


def _ideas(options: argparse.Namespace) -> int:
    """The page of ideas, or the same as data."""
    from grader.class_report.ideas_page import ideas_page
    from grader.class_report.read_ideas import read_ideas
    from grader.class_report.write_page import write_page
    from grader.gradebook.course import course_directory

    reports, _ = _read(options.unit, {})
    found = read_ideas(course_directory(Path.cwd()), reports)
    if options.json:
        print_json(found.to_json())
        return 0
    path = _folder(Path(options.to)) / "ideas.html"
    write_page(path, ideas_page(found), Path.cwd())
    units = counted(len(reports), "unit")
    OUT.print(f"{path}  {units}, without names", soft_wrap=True, highlight=False)
    return 0


def _sections(path: Path, column: str) -> dict[str, str]:
    """The section of each student; a list of Moodle has none."""
    from grader.lms.roster import BadRoster, read_roster

    try:
        roster = read_roster(path, column)
    except BadRoster as error:
        raise Trouble(error.lines[0]) from None
    found = {one.id: one.cells.get("Section", "") for one in roster.people}
    if not any(found.values()):
        raise Trouble(f"{path} has no sections: a class list of Canvas has them, in Section")
    return found


def _read(wanted: Sequence[str], sections: dict[str, str]) -> tuple[list[ClassReport], Term | None]:
    """The units' reports, and the term if no unit is wanted."""
    from nbgrader.api import MissingEntry

    from grader.class_report.read_class import graded_units, read_class
    from grader.class_report.read_term import read_term
    from grader.gradebook.course import NoGradebook, course_directory, gradebook

    try:
        course = course_directory(Path.cwd())
        with gradebook(course) as book:
            known = graded_units(book)
            if missing := [unit for unit in wanted if unit not in known]:
                raise Trouble(_no_such(missing[0], known))
            if not known:
                raise Trouble("nothing is graded yet: grader autograde UNIT")
            found = [read_class(course, book, unit, showing(unit)) for unit in wanted or known]
            found = _with_notebooks(found, all_wanted=bool(wanted))
            now = datetime.now(UTC).replace(tzinfo=None)
            return found, None if wanted else read_term(book, found, now, sections)
    except (NoGradebook, MissingEntry) as error:
        raise Trouble(error) from None


def _with_notebooks(found: list[ClassReport], all_wanted: bool) -> list[ClassReport]:
    """Those of which there is a graded notebook; the others stop what was asked for by name."""
    empty = [f"autograded/ has no notebook of {one.unit}" for one in found if not one.submissions]
    left = [report for report in found if report.submissions]
    if empty and (all_wanted or not left):
        raise Trouble(f"{empty[0]}: grader autograde {empty[0].split()[-1]}")
    for words in empty:
        print(f"grader: {words}: it is left out", file=sys.stderr)
    return left


def _folder(folder: Path) -> Path:
    from grader.class_report.write_page import make_folder

    try:
        make_folder(folder, Path.cwd())
    except FileExistsError:
        raise Trouble(f"{folder} is not a folder") from None
    return folder


def _write_units(reports: Sequence[ClassReport], folder: Path) -> None:
    from grader.class_report.page import page
    from grader.class_report.write_page import write_if_changed

    for report in reports:
        path = folder / f"{report.unit}.html"
        write_if_changed(path, report, partial(page, report, Path.cwd(), folder), Path.cwd())
        submissions = counted(len(report.submissions), "submission")
        OUT.print(f"{path}  {submissions}", soft_wrap=True, highlight=False)


def _write_term(term: Term, folder: Path) -> None:
    from grader.class_report.student_page import student_page
    from grader.class_report.term_page import STUDENTS, file_name, term_page
    from grader.class_report.write_page import write_page

    own = _folder(folder / STUDENTS)
    for one in term.students:
        write_page(own / file_name(one.student), student_page(term, one), Path.cwd())
    write_page(folder / "index.html", term_page(term), Path.cwd())
    students = counted(len(term.students), "student")
    OUT.print(f"{own}/  pages for {students}", soft_wrap=True, highlight=False)
    OUT.print(f"{folder / 'index.html'}  the whole term", soft_wrap=True, highlight=False)


def _no_such(unit: str, known: Sequence[str]) -> str:
    graded = f"; there are {', '.join(known)}" if known else ""
    return f"nothing of {unit} is graded{graded}"


def _tell_next(report: ClassReport) -> None:
    if all(one.feedback for one in report.submissions):
        next_step(f"nbgrader release_feedback {report.unit}", "gives students their feedback.")
    else:
        next_step(f"nbgrader generate_feedback {report.unit}", "then report again, with links.")


COMMAND = Command("report", "write a page on how the class did", ABOUT, _run, _add_options)
