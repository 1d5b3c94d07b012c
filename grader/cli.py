"""One command, `grader`. Its words are in `grader.commands`, one file for each."""

from __future__ import annotations

import argparse
import difflib
import errno
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from grader.commands import ALL
from grader.commands.command import Command, Trouble

ABOUT = """\
Build, grade and inspect the course Layer by Layer. Run it in the course's folder, where
nbgrader_config.py is. Stock nbgrader commands also work there, on the same gradebook."""
AFTER = """\
From an assignment to feedback and grades:

  grader new ../layers-2026                           a folder for a class; go there
  grader build                                        notebooks, from solutions/*.py
  nbgrader generate_assignment 01-first-layers        puts the unit into the gradebook
  nbgrader release_assignment 01-first-layers         students get it, and hand in
  nbgrader collect 01-first-layers                    their work is in submitted/
  grader watch 01-first-layers                        meanwhile: a page of aspects for each
  grader autograde 01-first-layers
  grader essays 01-first-layers                       the written answers, in your browser
  nbgrader generate_feedback 01-first-layers          a page for each student
  grader report 01-first-layers                       a page for you, with links to theirs
  nbgrader release_feedback 01-first-layers           or: grader feedback, for Canvas, Moodle
  grader export --to canvas --roster roster.csv       or moodle, or csv

`grader COMMAND --help` tells more about each command."""

_NO_WRITING = (errno.EROFS, errno.EACCES, errno.EPERM, errno.ENOSPC, errno.EDQUOT)
"""The disk's doing, or that of who owns the folder; a traceback would say no more."""
_FORMAT = partial(argparse.RawDescriptionHelpFormatter, max_help_position=32)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 only where all went well."""
    words = sys.argv[1:] if arguments is None else arguments
    parser = _parser()
    if not words:
        parser.print_help(sys.stderr)
        parser.exit(2)
    _refuse_unknown(parser, words[0])
    options = _parse(parser, words)
    try:
        return int(options.run(options))
    except Trouble as trouble:
        print(f"grader: {trouble}", file=sys.stderr)
        return 1
    except OSError as error:
        if error.errno not in _NO_WRITING:
            raise
        print(f"grader: {error.filename or Path.cwd()}: {error.strerror}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("grader: stopped", file=sys.stderr)
        return 130


def _parse(parser: argparse.ArgumentParser, words: Sequence[str]) -> argparse.Namespace:
    """Units may also stand after an option: `grader new FOLDER --course-id ID UNIT`."""
    options, rest = parser.parse_known_args(words)
    units = getattr(options, "unit", None)
    if rest and (not isinstance(units, list) or any(word.startswith("-") for word in rest)):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if isinstance(units, list):
        options.unit = [*units, *rest]
    return options


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grader",
        usage="grader COMMAND ...",
        description="\n".join([ABOUT, "", "commands:", *_list()]),
        epilog=AFTER,
        formatter_class=_FORMAT,
    )
    commands = parser.add_subparsers(
        required=True, metavar="COMMAND", help=argparse.SUPPRESS, prog="grader"
    )
    for command in ALL:
        _add(commands, command)
    return parser


def _list() -> list[str]:
    """argparse's own list breaks the line after a long name."""
    width = max(len(command.name) for command in ALL)
    return [f"  {command.name:<{width}}  {command.help}" for command in ALL]


def _refuse_unknown(parser: argparse.ArgumentParser, word: str) -> None:
    names = [command.name for command in ALL]
    if not word.startswith("-") and word not in names:
        near = difflib.get_close_matches(word, names, n=1)
        meant = f" Did you mean {near[0]}?" if near else ""
        parser.error(f"there is no command {word}.{meant}")


def _add(commands: argparse._SubParsersAction[argparse.ArgumentParser], command: Command) -> None:
    own = commands.add_parser(
        command.name,
        description=command.about,
        formatter_class=_FORMAT,
    )
    command.add_options(own)
    own.set_defaults(run=command.run)


if __name__ == "__main__":
    sys.exit(main())
