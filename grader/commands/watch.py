"""`grader watch`: what students hand in is looked at when it arrives."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from grader.commands.command import OUT, Command, Trouble, add_jobs
from grader.gradebook.writable import check_writable

if TYPE_CHECKING:
    from grader.lms.arrival import Inbox
    from grader.watching.event import Event
    from grader.watching.watch import Watch

ABOUT = """\
Look at what students hand in when it arrives, and answer with a page through nbgrader's exchange
(nbgrader fetch_feedback, or Fetch Feedback in the assignment list). It runs until Ctrl-C, and goes
on where it was when it is started again.

  grader watch 01-first-layers                    this unit; without a name, all units
  grader watch 01-first-layers --per-day 5        five looks for each student and day, not three
  grader watch 01-first-layers --once             what is there now, then end: for cron
  grader watch 01-first-layers --folder submitted what lies in submitted/, without an exchange

Until a student's time is over (the due date and their extension), the page says which aspects are
right, on cases that a student can also try at home. It has no points, and nothing hidden is asked:
handing in again tells nothing of the hidden cases. When the time is over, the newest submission is
graded as by `grader autograde`, and the student gets the whole page of feedback, once; what comes
later is graded too, and its whole page is yours to release. --before-due and --after-due change
what pages show. Set the due date in formgrader; without one, students get aspects only.

A submission above the number of looks waits for the next day, and its student is told. What cannot
be read, or fails, is named here and on the student's page. A line is printed for each event, and
with --json an object on a line. With --once the status is 1 if something needs you."""
_SHOWN = ("nothing", "aspects", "full")


def _add_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("unit", nargs="*", help="units to watch (all by default)")
    parser.add_argument(
        "--per-day",
        type=_count,
        default=3,
        metavar="N",
        help="looks for each student and day (default: 3)",
    )
    parser.add_argument(
        "--before-due",
        choices=_SHOWN,
        default="aspects",
        help="what a page shows until the student's time is over (default: aspects)",
    )
    parser.add_argument(
        "--after-due", choices=_SHOWN, default="full", help="and afterwards (default: full, once)"
    )
    parser.add_argument(
        "--folder",
        type=Path,
        metavar="DIR",
        help="look at DIR/<student>/<unit>/ instead of the exchange",
    )
    parser.add_argument(
        "--every", type=_seconds, default=5.0, metavar="S", help="seconds between (default: 5)"
    )
    parser.add_argument("--once", action="store_true", help="look once, and end")
    add_jobs(parser)
    parser.add_argument("--json", action="store_true", help="each event as an object on a line")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of looks: give 1 or more")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0.1 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text} is not a number of seconds: give 0.1 to 3600")
    return seconds


def _run(options: argparse.Namespace) -> int:
    check_writable(Path.cwd())
    from grader.gradebook.course import NoGradebook
    from grader.watching.ledger import BadLedger

    try:
        with _stopped_by_a_signal():
            return _watch(options)
    except (NoGradebook, BadLedger) as error:
        raise Trouble(error) from None


def _watch(options: argparse.Namespace) -> int:
    from grader.batch.autograde import crew
    from grader.batch.workers import load_ahead
    from grader.gradebook.course import application
    from grader.gradebook.lock import Claim
    from grader.gradebook.modes import keep_private
    from grader.watching.plan import Rules
    from grader.watching.watch import Watch

    app = application(Path.cwd())
    inbox, feedback = _places(app, options.folder)
    units = _units(app, options.unit)
    claim, needs_you = Claim(), False
    wanted = _not_watched(app, units, claim)
    if not options.once:  # which may find nothing to do, every minute
        load_ahead()
    keep_private(Path.cwd())
    rules = Rules(options.per_day, options.before_due, options.after_due)

    def tell(event: Event) -> None:
        nonlocal needs_you
        needs_you = needs_you or event.failed
        _print(event, as_json=options.json)

    with crew(options.jobs, None) as (workers, jobs):
        watches = [Watch(unit, inbox, feedback, rules, workers, jobs, tell) for unit in wanted]
        if not options.json:
            _introduce(watches, options)
        _go_round(watches, options.every, once=options.once)
    claim.drop_all()
    return int(needs_you)


def _places(app: Any, folder: Path | None) -> tuple[Inbox, Path | None]:
    """Where submissions arrive, and where pages go."""
    from nbgrader.exchange.default import Exchange as Default

    from grader.lms.arrival import Exchange, Folder

    if folder:
        if not folder.is_dir():
            raise Trouble(f"there is no folder {folder}")
        return Folder(folder), None
    course = Path(Default(coursedir=app.coursedir, parent=app).root, app.coursedir.course_id)
    inbound = course / "inbound"
    if not inbound.is_dir():
        raise Trouble(
            f"there is no folder {inbound}: release a unit first (nbgrader release_assignment "
            "UNIT), or set c.Exchange.root; an exchange that is no folder, such as ngshare, needs "
            "nbgrader collect, then grader watch --once --folder submitted"
        )
    return Exchange(inbound), course / "feedback"


def _units(app: Any, wanted: Sequence[str]) -> list[str]:
    from grader.gradebook.course import gradebook
    from grader.gradebook.no_such_unit import no_such_unit

    with gradebook(app.coursedir) as book:
        known = sorted(str(one.name) for one in book.assignments)
        if missing := [unit for unit in wanted if unit not in known]:
            raise Trouble(no_such_unit(book, missing[0]))
    if not known:
        raise Trouble("the gradebook has no unit: nbgrader generate_assignment UNIT")
    return list(dict.fromkeys(wanted)) or known


def _not_watched(app: Any, units: Sequence[str], claim: Any) -> list[str]:
    """Those that no other watch has; it lets go of them however it ends."""
    course = app.coursedir
    found = []
    for unit in units:
        source = Path(course.format_path(course.source_directory, ".", unit))
        if not source.is_dir():
            print(f"grader: {unit} is left out: there is no {source}", file=sys.stderr)
        elif claim.take(source):
            found.append(unit)
        else:
            print(f"grader: {unit} is left out: another grader watch has it", file=sys.stderr)
    if not found:
        raise Trouble("there is nothing to watch: the line above says why")
    return found


@contextmanager
def _stopped_by_a_signal() -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does: what is begun is put back, and the next start goes on."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _introduce(watches: Sequence[Watch], options: argparse.Namespace) -> None:
    where = options.folder or watches[0].inbox.inbound  # type: ignore[attr-defined]
    names = ", ".join(watch.unit for watch in watches)
    OUT.print(f"Watching {where} for {names}. Ctrl-C ends it.", soft_wrap=True, highlight=False)
    if options.before_due == "full":
        OUT.print(
            "Before the due date pages show hidden verdicts and points: by handing in again, "
            "students can find out about hidden cases.",
            soft_wrap=True,
        )


def _go_round(
    watches: Sequence[Watch],
    every: float,
    *,
    once: bool,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    while True:
        more = any([watch.look_through() for watch in watches])
        if once and not more:
            return
        if not more:
            sleep(every)


def _print(event: Event, *, as_json: bool) -> None:
    """One line, at once: somebody may be reading a pipe."""
    if as_json:
        print(json.dumps(event.to_json(), ensure_ascii=False), flush=True)
    else:
        print(event, flush=True)


COMMAND = Command("watch", "look at what arrives, when it arrives", ABOUT, _run, _add_options)
