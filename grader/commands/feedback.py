"""`grader feedback`: the pages of a unit in one zip, for Canvas or Moodle to give out."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, add_json, print_json, showing
from grader.gradebook.counted import counted

ABOUT = """\
Put the feedback on a unit into one zip, which Canvas or Moodle gives out: each student gets their
own page. It is made from feedback/, so run `nbgrader generate_feedback UNIT` first.

  grader feedback 01-first-layers --to moodle
  grader feedback 01-first-layers --to moodle --worksheet grades.csv
  grader feedback 01-first-layers --to canvas --output first.zip

The names in the zip say whose a page is. They come from the files that `grader collect` took from
Canvas or Moodle. Moodle also knows those who handed in another way: its grading worksheet has a
number for everybody (Download grading worksheet). Anybody who is left out is named, with the
reason, and the status is 1."""
_NEXT = {
    "moodle": "In Moodle: the assignment > Submissions > Upload multiple feedback files in a zip. "
    "The feedback type Feedback files must be on.",
    "canvas": "In Canvas: the assignment > Upload Submissions. Canvas shows each page under the "
    "name of the file that was handed in: students save it with the ending .html.",
}


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", help="the unit")
    parser.add_argument(
        "--to", choices=("canvas", "moodle"), required=True, help="who gives the feedback out"
    )
    parser.add_argument(
        "--worksheet", type=Path, metavar="FILE", help="Moodle's grading worksheet, a CSV file"
    )
    parser.add_argument("--output", type=Path, metavar="FILE", help="the zip to write")
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from grader.gradebook.course import NoGradebook, application, gradebook
    from grader.gradebook.no_such_unit import no_such_unit
    from grader.lms.feedback_zip import NothingToPack, pack_feedback
    from grader.lms.grading_worksheet import BadWorksheet, read_worksheet

    unit, to = options.unit, options.to
    if options.worksheet and to != "moodle":
        raise Trouble("--worksheet is a file of Moodle: it goes with --to moodle")
    output = options.output or Path(f"{unit}-feedback-{to}.zip")
    try:
        app = application(Path.cwd())
        with gradebook(app.coursedir) as book:
            if unit not in {one.name for one in book.assignments}:
                raise Trouble(no_such_unit(book, unit))
            sheet = read_worksheet(options.worksheet, book.students) if options.worksheet else {}
        packed = pack_feedback(app, unit, to, output, sheet, showing(unit))
    except (NoGradebook, BadWorksheet, NothingToPack) as error:
        raise Trouble(error) from None
    except OSError as error:
        raise Trouble(f"{output}: {error.strerror}") from None
    for note in packed.notes:
        print(f"grader: {note}", file=sys.stderr)
    for student, why in packed.left_out.items():
        print(f"grader: {student} is left out: {why}", file=sys.stderr)
    if options.json:
        told = {"file": str(output), "students": packed.students, "left_out": packed.left_out}
        print_json(told)
    else:
        pages = counted(len(packed.students), "student")
        OUT.print(f"Wrote {output}, with {pages}. {_NEXT[to]}", soft_wrap=True, highlight=False)
    return int(bool(packed.left_out))


COMMAND = Command(
    "feedback", "put feedback into a zip for Canvas or Moodle", ABOUT, _run, _add_options
)
