"""`grader regrade`: a unit again, after its tests were changed."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, add_jobs, next_step
from grader.gradebook.writable import check_writable

ABOUT = """\
Grade a unit again after a test was changed, added or removed, or is worth other points. The
gradebook is copied first. Scores and comments that a person gave stay; those of a changed test are
marked for another look, and so are those of a written answer that is worth other points (see
--by-hand). A regrade that was stopped continues when you start it again.

  grader build 01-first-layers      the notebooks, from the changed solutions/01-first-layers.py
  grader regrade 01-first-layers

Students need not hand in again: a new test is put into what they handed in.
After it: `nbgrader generate_feedback UNIT --force`."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", help="the unit")
    add_jobs(parser)
    parser.add_argument(
        "--by-hand",
        choices=("look", "keep", "scale"),
        default="look",
        help="for a written answer that is now worth other points: mark the points that a person "
        "gave for another look, keep them, or give the same share of the new points",
    )


def _run(options: argparse.Namespace) -> int:
    from grader.batch.autograde import NoSuchUnit, autograde, crew
    from grader.gradebook.course import NoGradebook, application, gradebook
    from grader.regrading.cell_plan import NotRegraded
    from grader.regrading.regrade import finish, prepare

    unit = options.unit
    check_writable(Path.cwd())
    try:
        app = application(Path.cwd())
        with gradebook(app.coursedir) as book:
            prepared = prepare(app, book, unit, options.by_hand)
        OUT.print(f"The gradebook as it was: {prepared.kept.name}", soft_wrap=True)
        for line in prepared.changes.said:
            OUT.print(line, soft_wrap=True, highlight=False)
        with crew(options.jobs, None) as (workers, jobs):
            counts = autograde(unit, workers, jobs, (), True, OUT)
        if held := counts["skipped"]:
            raise Trouble(
                f"another run is grading {held} of {unit}: when it has ended, continue with "
                f"grader regrade {unit}"
            )
        with gradebook(app.coursedir) as book:
            finish(book, Path(app.coursedir.root), unit, prepared.pending)
    except (NoGradebook, NotRegraded, NoSuchUnit) as error:
        raise Trouble(error) from None
    OUT.print(f"{unit}: {counts['graded']} graded again, {counts['failed']} not graded")
    next_step(f"nbgrader generate_feedback {unit} --force", "or look at them in formgrader.")
    return 1 if counts["failed"] else 0


COMMAND = Command("regrade", "grade again after a test was changed", ABOUT, _run, _add_options)
