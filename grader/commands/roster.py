"""`grader roster`: a class list into nbgrader's students."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, add_json, next_step, print_json
from grader.gradebook.counted import counted

ABOUT = """\
Read a class list into nbgrader's list of students: id, names, email, and their id in Canvas or
Moodle. FILE is the CSV file that the gradebook of Canvas or Moodle exports. A student's id in
nbgrader is the column SIS Login ID (Canvas), or Username, ID number or Email address (Moodle).

  grader roster roster.csv
  grader roster roster.csv --id "ID number"   their ids are in this column

If a row is bad, nothing is written. Students who are not in the list stay in the gradebook.
After it: `nbgrader zip_collect UNIT` collects the zip that you downloaded from Canvas or Moodle."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, help="the class list, a CSV file")
    parser.add_argument(
        "--id", default="", metavar="COLUMN", help="the column with the students' ids"
    )
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from grader.gradebook.course import NoGradebook, course_directory, gradebook
    from grader.lms.roster import BadRoster, enrol, read_roster

    try:
        roster = read_roster(options.file, options.id)
        with gradebook(course_directory(Path.cwd()), create=True) as book:
            done = enrol(roster, book)
    except NoGradebook as error:
        raise Trouble(error) from None
    except BadRoster as error:
        for line in error.lines[:-1]:
            print(f"grader: {line}", file=sys.stderr)
        raise Trouble(f"{error.lines[-1]}. Nothing was written") from None
    if options.json:
        print_json({"kind": roster.kind, "added": done.added, "changed": done.changed})
        return 0
    OUT.print(
        f"{counted(len(roster.people), 'student')} of {roster.kind}: {len(done.added)} new, "
        f"{len(done.changed)} changed",
        soft_wrap=True,
    )
    if done.not_listed:
        OUT.print(
            f"In the gradebook and not in the list: {', '.join(done.not_listed)}", soft_wrap=True
        )
    next_step("nbgrader zip_collect UNIT", "collects the zip of submissions that you downloaded")
    return 0


COMMAND = Command("roster", "read a class list of Canvas or Moodle", ABOUT, _run, _add_options)
