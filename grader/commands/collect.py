"""`grader collect`: what students handed in, from Canvas, Moodle or the exchange."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, next_step

ABOUT = """\
Collect what students handed in for a unit: from the zip of submissions that Canvas or Moodle gives
you, and from nbgrader's exchange, if there is one. What you changed in submitted/ stays.

  grader collect 01-first-layers submissions.zip   a download, wherever it is
  grader collect 01-first-layers                   what is in downloaded/01-first-layers/archive/
  grader collect 01-first-layers submissions.zip --groups groups.csv
                                                   groups of Canvas hand in together: each member
                                                   gets what one of them handed in

Runs `nbgrader zip_collect UNIT --force` and `nbgrader collect UNIT --update`. If something goes
wrong, a line names the student; all others are collected, and the status is 1.
After it: `grader autograde UNIT` grades what is new."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", help="the unit")
    parser.add_argument("download", nargs="*", type=Path, help="zips of Canvas or Moodle")
    parser.add_argument(
        "--groups",
        type=Path,
        metavar="FILE",
        help="the list of a group set of Canvas (People, tab of the group set, course roster)",
    )


def _run(options: argparse.Namespace) -> int:
    from grader.gradebook.course import NoGradebook
    from grader.lms.take_in import NothingThere, take_in

    try:
        done = take_in(Path.cwd(), options.unit, options.download, options.groups)
    except (NoGradebook, NothingThere) as error:
        raise Trouble(error) from None
    except OSError as error:
        raise Trouble(f"{error.filename}: {error.strerror}") from None
    OUT.print(
        f"{options.unit}: {len(done.new)} new, {len(done.changed)} changed, "
        f"{len(done.as_before)} unchanged"
    )
    if done.status:
        OUT.print("Something was left out: the lines above say what and why")
    next_step(f"grader autograde {options.unit}", "grades what is new")
    return int(bool(done.status))


COMMAND = Command("collect", "collect what students handed in", ABOUT, _run, _add_options)
