"""`grader new`: a folder for a class, beside the installation."""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, next_step

ABOUT = """\
Make a folder for a course: its own units, settings and gradebook. Make one for each class and
term. The commands of a course work in it, and an update of the installation does not change its
texts.

  grader new ../layers-2026                            all units
  grader new ../layers-2026 --course-id layers-2026    its name in nbgrader's exchange
  grader new ../first-weeks 00-your-first-layer 01-first-layers

In it, nbgrader_config.py loads the settings of the installation; yours stand below. The folder can
be read by you only. After it: `cd` there, then `nbgrader generate_assignment UNIT
--force`."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, help="the folder to make")
    parser.add_argument("unit", nargs="*", help="units of the course (all by default)")
    parser.add_argument("--course-id", metavar="ID", help="default: the folder's name")


def _run(options: argparse.Namespace) -> int:
    from grader.authoring.new_course import NotMade, new_course
    from grader.authoring.source import BrokenUnit
    from grader.gradebook.course import NoGradebook

    folder = options.folder.absolute()
    try:
        units = new_course(folder, options.course_id or folder.name, options.unit)
    except (NotMade, BrokenUnit, NoGradebook) as error:
        raise Trouble(error) from None
    OUT.print(f"Made {options.folder}: {', '.join(units)}.", soft_wrap=True, highlight=False)
    next_step(
        f"cd {shlex.quote(str(options.folder))} && nbgrader generate_assignment {units[0]} --force"
    )
    return 0


COMMAND = Command("new", "make a folder for a class", ABOUT, _run, _add_options)
