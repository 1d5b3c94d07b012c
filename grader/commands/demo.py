"""`grader demo`: a made-up class, from nothing to feedback."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console

from grader.commands.command import Command, Trouble

ABOUT = """\
Make a course in a folder of its own, let twelve made-up students hand in, grade them with
nbgrader itself, write their feedback, and compare each score with the expected one.

  grader demo                    in demo/, which is deleted and made again
  grader demo --course /tmp/try  elsewhere

Then look around in that course as if it were yours: nothing else uses it."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--course", default="demo", help="folder for the course (default: demo)")


def _run(options: argparse.Namespace) -> int:
    from grader.demo.demo import demo, is_free

    root = Path.cwd()
    members = root / "tests" / "sample_class"
    if not members.is_dir():
        raise Trouble("the sample class is not here: run this in the project's own folder")
    course = root / options.course
    if not is_free(course):
        raise Trouble(f"{options.course} exists and is not a demo course: choose another folder")
    return demo(root, members, course, Console())


COMMAND = Command(
    "demo", "grade a made-up class, from the start to feedback", ABOUT, _run, _add_options
)
