"""`grader build`: the notebooks, from the text of the units."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commands.command import Command, Trouble, next_step

ABOUT = """\
Make the notebooks of each unit from its text, solutions/<unit>.py: the instructor's notebook, which
nbgrader uses as the source of the assignment, and the students' notebook in notebooks/.

  grader build                   all units
  grader build 01-first-layers   one of them

After it: `nbgrader generate_assignment UNIT --force` puts the unit into the gradebook."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", nargs="*", help="units to build (all by default)")
    parser.add_argument("--check", action="store_true", help="fail if a notebook had to change")


def _run(options: argparse.Namespace) -> int:
    from grader.authoring.build import build
    from grader.authoring.source import BrokenUnit

    root = Path.cwd()
    if not (root / "solutions").is_dir():
        raise Trouble("there is no folder solutions/ here: run this in the course's folder")
    try:
        changed = build(root, options.unit)
    except BrokenUnit as error:
        raise Trouble(error) from None
    for path in changed:
        print(f"changed  {path.relative_to(root)}")
    released = [path for path in changed if "notebooks" in path.relative_to(root).parts]
    if options.check and released:
        raise Trouble("notebooks/ did not match solutions/: commit the rebuilt notebooks")
    if not changed:
        print("nothing changed: the notebooks match solutions/")
    if not options.check:
        unit = options.unit[0] if options.unit else "UNIT"
        next_step(f"nbgrader generate_assignment {unit} --force", "puts it into the gradebook")
    return 0


COMMAND = Command("build", "make the notebooks from solutions/*.py", ABOUT, _run, _add_options)
