"""`grader autograde`: what was handed in, several at once."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.commands.command import (
    ERRORS,
    OUT,
    Command,
    Trouble,
    add_jobs,
    add_json,
    next_step,
    print_json,
)
from grader.commands.formgrader_address import formgrader_address
from grader.gradebook.writable import check_writable

ABOUT = """\
Grade submitted/<student>/<unit>/<unit>.ipynb, several at once. The grades go into nbgrader's
gradebook, and are those of `nbgrader autograde`. A run that was stopped continues where it was.

  grader autograde 01-first-layers                        all that is not graded yet
  grader autograde 01-first-layers --student ada --force  one of them, again
  grader autograde --jobs 8                               all units, on 8 cores

Without a unit, a folder in submitted/ that is not a unit is named and left out. If something could
not be graded, the rest is graded first, and the status is 1; the log says what and why.
After it: `grader report UNIT` to see how the class did."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", nargs="*", help="units to grade (all by default)")
    add_jobs(parser)
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="a Dask scheduler, or local:N for N workers here"
    )
    parser.add_argument(
        "--student", action="append", default=[], help="only this student; repeatable"
    )
    parser.add_argument("--force", action="store_true", help="grade again what was graded before")
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    check_writable(Path.cwd())
    if not options.cluster and _has_new(Path.cwd(), options.unit):
        from grader.batch.workers import load_ahead

        load_ahead()  # while nbgrader loads here
    from grader.batch.autograde import NoSuchUnit, autograde, crew
    from grader.batch.cluster import NoCluster
    from grader.gradebook.course import NoGradebook
    from grader.gradebook.modes import keep_private, readable_by_others, told_open

    out = ERRORS if options.json else OUT
    ended: dict[str, dict[str, int]] = {}
    try:
        wanted = list(dict.fromkeys(options.unit)) or _handed_in()
        keep_private(Path.cwd())
        if names := readable_by_others(Path.cwd()):
            _warn(told_open(names))
        with crew(options.jobs, options.cluster) as (workers, jobs):
            for unit in wanted:
                try:
                    counts = autograde(unit, workers, jobs, options.student, options.force, out)
                except NoSuchUnit as error:
                    _warn(error)
                    continue
                ended[unit] = counts
                out.print(_graded(unit, counts))
    except (NoCluster, NoGradebook) as error:
        raise Trouble(error) from None
    graded = [unit for unit, counts in ended.items() if counts["graded"] + counts["skipped"]]
    if options.json:
        print_json(ended)
    elif graded:
        tell_next(graded[0])
    failed = any(counts["failed"] for counts in ended.values())
    return 1 if failed or len(ended) < len(wanted) else 0


def tell_next(unit: str) -> None:
    """What comes after grading; on a hub also where formgrader is."""
    next_step(f"grader report {unit}", "shows how the class did.")
    if address := formgrader_address():
        OUT.print(f"Formgrader, in a tab of its own: {address}", soft_wrap=True, highlight=False)


def _warn(line: object) -> None:
    print(f"grader: {line}", file=sys.stderr)


def _handed_in() -> list[str]:
    """The units of which something was handed in; what else lies in submitted/ is told."""
    from grader.batch.autograde import units

    found = units(Path.cwd())
    unknown = _unknown(found)
    for name in unknown:
        _warn(
            f"submitted/<student>/{name}/ is left out: there is no unit {name} in the gradebook, "
            "and no folder for it beside the instructor's notebooks"
        )
    if wanted := [name for name in found if name not in unknown]:
        return wanted
    raise Trouble(
        "there is no folder submitted/<student>/<unit>/ of any unit here: nothing to grade"
    )


def _unknown(names: Sequence[str]) -> list[str]:
    """Those that are neither in the gradebook nor among the instructor's notebooks."""
    from grader.gradebook.course import NoGradebook, course_directory, gradebook

    course = course_directory(Path.cwd())
    sources = {name: course.format_path(course.source_directory, ".", name) for name in names}
    rest = [name for name in names if not Path(sources[name]).is_dir()]
    try:
        with gradebook(course) as book:
            return sorted({*rest} - {unit.name for unit in book.assignments}) if rest else []
    except NoGradebook:  # nothing tells a unit from another folder: grading will say what is wrong
        return []


def _has_new(course: Path, units: Sequence[str]) -> bool:
    """Whether something was handed in that was not graded yet, as far as names tell."""
    handed_in = {path.relative_to(course / "submitted") for path in course.glob("submitted/*/*")}
    graded = {path.relative_to(course / "autograded") for path in course.glob("autograded/*/*")}
    return any(not units or path.name in units for path in handed_in - graded)


def _graded(unit: str, counts: Mapping[str, int]) -> str:
    before = f", {counts['skipped']} graded before" if counts["skipped"] else ""
    return f"{unit}: {counts['graded']} graded{before}, {counts['failed']} not graded"


COMMAND = Command(
    "autograde", "grade what was handed in, several at once", ABOUT, _run, _add_options
)
