"""`grader demo`: a made-up class, from nothing to feedback."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble

ABOUT = """\
Make a course in a folder of its own, let twelve made-up students hand in, grade them through
nbgrader itself, write their feedback, and compare each score with the one that it should be.

  grader demo                    in demo/, which is made anew
  grader demo --course /tmp/try  elsewhere

Then look around in that course as if it were yours: it is not used for anything else."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--course", default="demo", help="folder for the course (default: demo)")


def _run(options: argparse.Namespace) -> int:
    from grader.demo.demo import demo, is_free

    root = Path.cwd()
    members = root / "tests" / "sample_class"
    if not members.is_dir():
        raise Trouble("the sample class is not here: run this from the project's own folder")
    course = root / options.course
    if not is_free(course):
        raise Trouble(f"{options.course} is there, and is no demo course: name another folder")
    return demo(root, members, course, OUT)


COMMAND = Command(
    "demo", "grade a made-up class, from nothing to feedback", ABOUT, _run, _add_options
)
