"""`grader release-solution`: the model answers, for students."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, add_json, next_step, print_json

ABOUT = """\
Write a unit with its model answers, to give to students after grading: code, written answers,
and the sentences of the mark scheme. It contains no hidden test and no seed, and it cannot be
handed in: nbgrader finds no cell of the unit in it.

  grader release-solution 01-first-layers       model-answers/01-first-layers.ipynb
  grader release-solution 01-first-layers --output first.ipynb

The command only writes the file. Give it to the students when nobody can hand in any more."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", help="the unit")
    parser.add_argument("--output", type=Path, metavar="FILE", help="the notebook to write")
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from grader.authoring.build import units
    from grader.authoring.model_answers import NotReleased, release
    from grader.authoring.source import BrokenUnit
    from grader.exercises.catalogue import CATALOGUE

    root, unit = Path.cwd(), options.unit
    if not (root / "solutions").is_dir():
        raise Trouble("there is no folder solutions/ here: run this in the course's folder")
    if unit not in (known := units(root)):
        raise Trouble(f"there is no unit {unit}: {', '.join(known)}")
    output = options.output or Path("model-answers") / f"{unit}.ipynb"
    try:
        release(root, unit, output, frozenset(CATALOGUE))
    except (NotReleased, BrokenUnit) as error:
        raise Trouble(error) from None
    except OSError as error:
        raise Trouble(f"{output}: {error.strerror}") from None
    if options.json:
        print_json({"unit": unit, "file": str(output)})
        return 0
    OUT.print(f"Wrote {output}.", soft_wrap=True, highlight=False)
    next_step(f"grader report {unit}", "shows whether everybody is graded.")
    return 0


COMMAND = Command(
    "release-solution", "write the model answers, for students", ABOUT, _run, _add_options
)
