"""`grader export`: grades for Canvas, for Moodle, or as plain CSV."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from grader.commands.command import OUT, Command, Trouble, add_json, print_json

ABOUT = """\
Write the grades into a file that the gradebook of Canvas or Moodle imports, or into plain CSV.
Students who are not in the class list are left out, and named.

  grader export --to canvas --roster roster.csv                all units
  grader export --to moodle --roster roster.csv 01-first-layers
  grader export --to moodle --roster roster.csv --id "Email address"   as in `grader roster`
  grader export --to csv --output june.csv                     with a row for each question
  grader export --to csv --excel                               to open in Excel

A unit that nobody handed in is left out, unless you name it.
The class list is the export of the same gradebook: it has the ids of the students and of the
assignments. Without --roster, the ids are those that `grader roster` has read.
In Moodle choose the separator comma, and map from Email address or ID number.
In Canvas each question becomes an assignment of its own: use --questions if you want them."""
_NEXT = {
    "canvas": "In Canvas: Grades > Import > Upload.",
    "moodle": "In Moodle: Grades > Import > CSV file.",
}


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", nargs="*", help="units to export (all by default)")
    parser.add_argument(
        "--to", choices=("canvas", "moodle", "csv"), default="csv", help="the format"
    )
    parser.add_argument("--roster", default="", metavar="FILE", help="the class list")
    parser.add_argument("--id", default="", metavar="COLUMN", help="the column with their ids")
    parser.add_argument("--output", default="", metavar="FILE", help="the file to write")
    parser.add_argument(
        "--excel", action="store_true", help="so that Excel shows accents in names correctly"
    )
    parser.add_argument(
        "--questions",
        action=argparse.BooleanOptionalAction,
        help="also a row or a column for each question",
    )
    add_json(parser)


def _run(options: argparse.Namespace) -> int:
    from grader.gradebook.course import NoGradebook, application, gradebook
    from grader.gradebook.marks import NoSuchMarks
    from grader.lms import export
    from grader.lms.roster import BadRoster

    if options.roster and options.to == "csv":
        raise Trouble("plain CSV needs no class list: --roster goes with --to canvas or moodle")
    if options.id and not options.roster:
        raise Trouble("--id names a column of the class list: give the list with --roster")
    exporters = {
        "canvas": export.CanvasExporter,
        "moodle": export.MoodleExporter,
        "csv": export.CsvExporter,
    }
    try:
        app = application(Path.cwd())
        plugin = exporters[options.to](parent=app)
        plugin.to, plugin.assignment = options.output, options.unit
        plugin.excel = options.excel
        if options.questions is not None:
            plugin.questions = options.questions
        if options.roster:
            plugin.roster = options.roster
        if options.id:
            plugin.id_column = options.id
        with gradebook(app.coursedir) as book:
            notes = plugin.write(book)
    except (NoGradebook, NoSuchMarks) as error:
        raise Trouble(error) from None
    except BadRoster as error:
        for line in error.lines[:-1]:
            print(f"grader: {line}", file=sys.stderr)
        raise Trouble(error.lines[-1]) from None
    except OSError as error:
        raise Trouble(f"{options.output or plugin.path}: {error.strerror}") from None
    for note in notes:
        print(f"grader: {note}", file=sys.stderr)
    if options.json:
        print_json({"file": str(plugin.path), "notes": notes})
        return 0
    words = f"Wrote {plugin.path}. {_NEXT.get(options.to, '')}".rstrip()
    OUT.print(words, soft_wrap=True, highlight=False)
    return 0


COMMAND = Command("export", "write the grades for Canvas or Moodle", ABOUT, _run, _add_options)
