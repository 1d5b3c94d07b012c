"""`grader pack`: the zip for students."""

from __future__ import annotations

import argparse
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, next_step, showing
from grader.gradebook.counted import counted

ABOUT = """\
Make the zip for students who do not use nbgrader's exchange: the notebooks, the data, the checks
for the students' own machines, and a README that says how to begin. It contains no solution, no
hidden test, and none of the images that trained networks are judged on.

  grader pack                            all units, into layer-by-layer.zip
  grader pack 01-first-layers 02-joining --output first-weeks.zip

After it: give it to your students. `grader collect` reads what they hand in on Canvas or Moodle."""


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", nargs="*", help="units to pack (all by default)")
    parser.add_argument(
        "--output", type=Path, default=Path("layer-by-layer.zip"), metavar="FILE", help="the zip"
    )


def _run(options: argparse.Namespace) -> int:
    from grader.authoring.pack import NotPacked, pack
    from grader.authoring.source import BrokenUnit

    root = Path.cwd()
    if not (root / "solutions").is_dir():
        raise Trouble("there is no folder solutions/ here: run this in the course's folder")
    try:
        names = pack(root, options.unit, options.output, showing("building the notebooks"))
    except (NotPacked, BrokenUnit) as error:
        raise Trouble(error) from None
    except OSError as error:
        raise Trouble(f"{options.output}: {error.strerror}") from None
    units = sum(name.endswith(".ipynb") for name in names)
    size = options.output.stat().st_size / 1e6
    said = (
        f"{options.output}: {counted(units, 'unit')}, {counted(len(names), 'file')}, {size:.1f} MB"
    )
    OUT.print(said, soft_wrap=True)
    next_step("nbgrader zip_collect UNIT", "when students have handed in")
    return 0


COMMAND = Command("pack", "make the zip for students", ABOUT, _run, _add_options)
