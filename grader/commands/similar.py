"""`grader similar`: which answers are alike."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.progress import track

from grader.commands.command import ERRORS, OUT, Command, Trouble, add_json, next_step, print_json
from grader.gradebook.counted import counted

if TYPE_CHECKING:
    from grader.likeness.compare import Comparison, Pair

ABOUT = """\
Write a page with the pairs of students whose answers are more alike than others: that share what
few in the class have. What was handed out, the model solution and what half of the class has do
not count; names, comments, line breaks and the order of independent statements do not hide a copy.
The page shows the answers side by side and says what its numbers mean. It accuses nobody.

  grader similar 01-first-layers                            reports/01-first-layers-similar.html
  grader similar 01-first-layers --against ../layers-2025   also with last term's course folder
  grader similar 01-first-layers --against ../2025.tar.gz   or with a file of `grader archive`
  grader similar 01-first-layers --json                     the same as data, for a script

--against also takes a folder like submitted/, and may be given several times. Two earlier students
are not compared with each other. Answers are read, and never executed. Code that a student wrote
into cells of their own is compared, too; experiments are not."""
_FEWEST, _MOST = 1, 200


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", help="the unit")
    parser.add_argument(
        "--against", type=Path, action="append", default=[], metavar="FOLDER", help="earlier terms"
    )
    parser.add_argument("--to", default="reports", help="folder for the page (default: reports)")
    parser.add_argument("--top", type=_top, default=20, metavar="N", help="pairs (default: 20)")
    add_json(parser)


def _top(text: str) -> int:
    if not text.isdigit() or not _FEWEST <= int(text) <= _MOST:
        raise argparse.ArgumentTypeError(f"{text} is not a number of pairs: give 1 to {_MOST}")
    return int(text)


def _run(options: argparse.Namespace) -> int:
    from grader.likeness.compare import compare

    works, handout = _read(options.unit, options.against)
    through = partial(
        track,
        description=options.unit,
        total=len(works),
        console=ERRORS,
        transient=True,
        disable=not ERRORS.is_terminal,
    )
    found = compare(works, handout, options.top, through)
    if not found.rarity and not options.json:
        OUT.print(_too_few(options.unit, len(works)), soft_wrap=True)
        return 0
    if options.json:
        print_json(_data(found, options.unit))
        return 0
    path = _write(found, options.unit, Path(options.to))
    OUT.print(
        f"{path}  {counted(len(works), 'student')}, {counted(found.compared, 'pair')}, "
        f"{found.above} above the line",
        soft_wrap=True,
        highlight=False,
    )
    if found.told:
        who = len({student for student, _ in found.told})
        OUT.print(f"Of {who} something was not compared: the end of the page says what and why.")
    next_step(f"open {path}", "and read both answers before you conclude anything.")
    return 0


def _read(unit: str, against: list[Path]) -> tuple[Any, Any]:
    from grader.gradebook.course import NoGradebook, course_directory
    from grader.likeness.handed_in import NotRead
    from grader.likeness.sources import read_class

    try:
        return read_class(course_directory(Path.cwd()), unit, against)
    except (NotRead, NoGradebook) as error:
        raise Trouble(error) from None
    except OSError as error:
        raise Trouble(f"{error.filename} cannot be read: {error.strerror}") from None


def _too_few(unit: str, students: int) -> str:
    from grader.likeness.compare import FEWEST

    return (
        f"{students} handed in {unit}. No exercise has {FEWEST} answers that go beyond what was "
        "handed out and the model solution: with fewer, rare and usual cannot be told apart. "
        "Nothing was written."
    )


def _write(found: Comparison, unit: str, folder: Path) -> Path:
    from grader.class_report.write_page import make_folder, write_page
    from grader.likeness.page import page

    path = folder / f"{unit}-similar.html"
    try:
        make_folder(folder, Path.cwd())
        write_page(path, page(found, unit), Path.cwd())
    except FileExistsError:
        raise Trouble(f"{folder} is not a folder") from None
    except OSError as error:
        raise Trouble(f"{path} cannot be written: {error.strerror}") from None
    return path


def _data(found: Comparison, unit: str) -> dict[str, Any]:
    def plain(pair: Pair) -> dict[str, Any]:
        works = [found.works[place] for place in (pair.first, pair.second)]
        return {
            "students": [work.student for work in works],
            "terms": [work.term for work in works],
            "number": round(pair.bits, 2),
            "exercises": [
                {
                    "cell": one.cell,
                    "number": round(one.bits, 2),
                    "share": round(one.share, 3),
                    "worth": round(one.worth, 1),
                }
                for one in pair.exercises
            ],
        }

    return {
        "unit": unit,
        "students": len(found.works),
        "compared": found.compared,
        "median": round(found.usual, 2),
        "line": round(found.line, 2),
        "above": found.above,
        "pairs": [plain(pair) for pair in found.pairs],
        "single": [plain(pair) for pair in found.single],
        "left_out": [{"student": who, "why": why} for who, why in found.told],
    }


COMMAND = Command("similar", "find answers that are alike", ABOUT, _run, _add_options)
