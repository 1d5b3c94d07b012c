"""`grader autograde`: what was handed in, several at once."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from grader.commands.command import (
    ERRORS,
    OUT,
    Command,
    Trouble,
    add_json,
    next_step,
    print_json,
)

ABOUT = """\
Grade submitted/<student>/<unit>/<unit>.ipynb, several at once. The grades go into nbgrader's
gradebook, and are those of `nbgrader autograde`. A run that was stopped goes on where it was.

  grader autograde 01-first-layers                        all that is not graded yet
  grader autograde 01-first-layers --student ada --force  one of them, again
  grader autograde --jobs 8                               all units, on 8 cores

Ends with status 1 if something could not be graded; the log says what and why.
After it: `grader report UNIT` to see how the class did."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", nargs="*", help="units to grade (all by default)")
    parser.add_argument("--jobs", type=_count, default=0, help="workers (default: the cores)")
    parser.add_argument(
        "--cluster", metavar="ADDRESS", help="a Dask scheduler, or local:N for N workers here"
    )
    parser.add_argument("--student", action="append", default=[], help="only this one; repeatable")
    parser.add_argument("--force", action="store_true", help="grade again what was graded")
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    if not options.cluster and _has_new(Path.cwd(), options.unit):
        from grader.pipeline.workers import load_ahead

        load_ahead()  # while nbgrader loads here
    from grader.pipeline.autograde import NoSuchUnit, autograde, crew, units
    from grader.pipeline.cluster import NoCluster

    wanted = options.unit or units(Path.cwd())
    if not wanted:
        raise Trouble("there is no folder submitted/<student>/<unit>/ here: nothing to grade")
    out = ERRORS if options.json else OUT
    ended: dict[str, dict[str, int]] = {}
    try:
        with crew(options.jobs, options.cluster) as (workers, jobs):
            for unit in wanted:
                counts = autograde(unit, workers, jobs, options.student, options.force, out)
                ended[unit] = counts
                out.print(_graded(unit, counts))
    except (NoSuchUnit, NoCluster) as error:
        raise Trouble(error) from None
    if options.json:
        print_json(ended)
    elif any(counts["graded"] + counts["skipped"] for counts in ended.values()):
        next_step(f"grader report {wanted[0]}", "shows how the class did.")
    return 1 if any(counts["failed"] for counts in ended.values()) else 0


def _has_new(course: Path, units: Sequence[str]) -> bool:
    """Whether something was handed in that was not graded yet, as far as names tell."""
    handed_in = {path.relative_to(course / "submitted") for path in course.glob("submitted/*/*")}
    graded = {path.relative_to(course / "autograded") for path in course.glob("autograded/*/*")}
    return any(not units or path.name in units for path in handed_in - graded)


def _graded(unit: str, counts: Mapping[str, int]) -> str:
    before = f", {counts['skipped']} were graded before" if counts["skipped"] else ""
    return f"{unit}: {counts['graded']} graded{before}, {counts['failed']} not graded"


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of workers: give 1 or more")
    return int(text)


COMMAND = Command(
    "autograde", "grade what was handed in, several at once", ABOUT, _run, _add_options
)
