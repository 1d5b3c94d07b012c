"""`grader report`: how the class did, as a page or as data."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from rich.progress import track

from grader.commands.command import (
    ERRORS,
    OUT,
    Command,
    Trouble,
    add_json,
    next_step,
    print_json,
)

if TYPE_CHECKING:
    from grader.class_report.class_report import ClassReport

ABOUT = """\
Write a page on how the class did in a unit: the points, each exercise's difficulty and
discrimination, which wrong ideas the class has and how many students have each, what was not
attempted, limits that were reached, notices, and a link to each submission's feedback.

  grader report 01-first-layers          reports/01-first-layers.html
  grader report                          a page for each unit that was graded
  grader report 01-first-layers --json   the same as data, for a script

The page is one file, for a browser or for paper. It contains names and points: it is for
instructors. After it: `nbgrader release_feedback UNIT`, when you have checked it."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", nargs="*", help="units to report on (by default, all graded ones)")
    parser.add_argument("--to", default="reports", help="folder for the pages (default: reports)")
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    reports = _reports(options.unit)
    if options.json:
        print_json([report.to_json() for report in reports])
        return 0
    from grader.class_report.page import page

    folder = Path(options.to)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise Trouble(f"{folder} is not a folder") from None
    for report in reports:
        path = folder / f"{report.unit}.html"
        path.write_text(page(report, Path.cwd(), folder), encoding="utf-8")
        OUT.print(f"{path}  {len(report.submissions)} submissions", highlight=False)
    _tell_next(reports[0])
    return 0


def _reports(wanted: Sequence[str]) -> list[ClassReport]:
    from nbgrader.api import MissingEntry

    from grader.class_report.read_class import graded_units, read_class
    from grader.gradebook.course import NoGradebook, course_directory, gradebook

    try:
        course = course_directory(Path.cwd())
        with gradebook(course) as book:
            known = graded_units(book)
            if missing := [unit for unit in wanted if unit not in known]:
                raise Trouble(_no_such(missing[0], known))
            if not known:
                raise Trouble("nothing is graded yet: grader autograde UNIT")
            found = [read_class(course, book, unit, _through(unit)) for unit in wanted or known]
    except (NoGradebook, MissingEntry) as error:
        raise Trouble(error) from None
    if empty := [report.unit for report in found if not report.submissions]:
        raise Trouble(f"autograded/ has no notebook of {empty[0]}: grader autograde {empty[0]}")
    return found


def _no_such(unit: str, known: Sequence[str]) -> str:
    graded = f"; there are {', '.join(known)}" if known else ""
    return f"nothing of {unit} is graded{graded}"


def _through(unit: str) -> Callable[[Sequence[str]], Iterable[str]]:
    """Shows how far it is: a large class takes a while to read."""
    unseen = not ERRORS.is_terminal
    return partial(track, description=unit, console=ERRORS, transient=True, disable=unseen)


def _tell_next(report: ClassReport) -> None:
    if all(one.feedback for one in report.submissions):
        next_step(f"nbgrader release_feedback {report.unit}", "gives students their feedback.")
    else:
        next_step(f"nbgrader generate_feedback {report.unit}", "then report again, with links.")


COMMAND = Command("report", "write a page on how the class did", ABOUT, _run, _add_options)
