"""`grader archive`: the end of a term."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, next_step
from grader.gradebook.counted import counted

ABOUT = """\
Write all of a class into one file: gradebook, seeds, submissions, feedback, reports, units and
settings. Only you can read it. It is written as a whole or not at all.

  grader archive                          archive/<course id>-<date>.tar.gz
  grader archive ../2026.tar.gz --clear   then remove this class's work and gradebook

--clear makes the folder ready for the next class: units and settings stay. It removes nothing
before the file is written and read back. Without it, nothing is removed."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", nargs="?", type=Path, help="the file to write")
    parser.add_argument("--clear", action="store_true", help="remove the class's work afterwards")


def _run(options: argparse.Namespace) -> int:
    from grader.gradebook.archive import NotArchived, archive
    from grader.gradebook.course import NoGradebook, course_directory

    course = Path.cwd()
    try:
        name = f"{course_directory(course).course_id}-{date.today()}.tar.gz"
        output = options.file or course / "archive" / name
        count, removed = archive(course, output.absolute(), clear=options.clear)
        size = output.stat().st_size / 1e6
        OUT.print(
            f"Wrote {output}: {counted(count, 'file')}, {size:.1f} MB.",
            soft_wrap=True,
            highlight=False,
        )
        if options.clear:
            OUT.print(f"Removed {', '.join(removed)}.", soft_wrap=True, highlight=False)
    except (NotArchived, NoGradebook) as error:
        raise Trouble(error) from None
    if options.clear:
        next_step("nbgrader generate_assignment UNIT --force", "puts a unit into a new gradebook")
    return 0


COMMAND = Command("archive", "write a class into one file, at the end", ABOUT, _run, _add_options)
