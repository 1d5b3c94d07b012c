"""`grader extend`: more time for a student."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, add_json, next_step, print_json
from grader.gradebook.counted import counted

ABOUT = """\
Give a student more time. It counts from the unit's due date, replaces any earlier extension,
and stays when a unit is graded again. nbgrader keeps it in the gradebook.

  grader extend --student ada --days 3 01-first-layers
  grader extend --student ada --days 7                  in all units
  grader extend --student ada --days 0 01-first-layers  takes it back
  grader extend                                         lists who has more time

It matters if late work costs points: c.AssignLatePenalties in nbgrader_config.py. Work that is
already graded must be graded again: grader autograde UNIT --student ada --force."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", nargs="*", help="units (all by default)")
    parser.add_argument("--student", default="", metavar="ID", help="who")
    parser.add_argument("--days", type=_days, metavar="N", help="days beyond the due date")
    add_json(parser)


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = -1
    if not 0 <= days <= 3650:
        raise argparse.ArgumentTypeError(f"{text} is not a number of days: give 0 to 3650")
    return days


def _run(options: argparse.Namespace) -> int:
    from grader.gradebook.course import NoGradebook, application, gradebook
    from grader.gradebook.extensions import NotExtended, extend, extensions

    if bool(options.student) != (options.days is not None):
        raise Trouble("--student and --days go together: who, and how many days")
    try:
        with gradebook(application(Path.cwd()).coursedir) as book:
            if options.student:
                found = extend(book, options.student, options.days, options.unit)
            else:
                found = extensions(book)
    except (NoGradebook, NotExtended) as error:
        raise Trouble(error) from None
    shown = [one for one in found if not options.unit or one.unit in options.unit]
    if options.json:
        print_json(
            [
                {"unit": one.unit, "student": one.student, "days": one.more.total_seconds() / 86400}
                for one in shown
            ]
        )
        return 0
    for one in shown:
        until = f", until {one.due + one.more:%Y-%m-%d %H:%M} UTC" if one.due else ", no due date"
        days = counted(one.more.total_seconds() / 86400, "day")
        OUT.print(f"{one.unit}: {one.student} has {days} more{until}", soft_wrap=True)
    if not shown:
        OUT.print("Nobody has more time.")
    elif options.student:
        next_step(
            f"grader autograde --student {options.student} --force", "if it was graded before."
        )
    return 0


COMMAND = Command("extend", "give a student more time", ABOUT, _run, _add_options)
