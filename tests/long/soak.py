"""A long run of the conformance procedure: `make soak`. It goes on where it was stopped.

Every misconception must be caught on each of 200 seeds and named on at least 195 of them; no
right variant may fail on any of 1,000 seeds. A seed is one draw of each kind of case, as `check`
has it; the hidden cases are several such draws, and catch what one of them catches.

`SEEDS=50 make soak` is shorter, in proportion, and `python -m tests.long.soak Dense Flatten` is for
some exercises only. All of it takes most of a day, so what is found is kept in
[`soak.json`](soak.json), for the code with which it was found: where an exercise, its variants or
the examination was changed since, its seeds are tried anew.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from grader.examination.examine import examine
from grader.exercises.catalogue import WRITTEN
from tests.ideas import report_on_idea
from tests.long.fingerprint import code_of
from tests.variants import RIGHT

SEEDS = int(os.environ.get("SEEDS", "1000"))
WRONG_SEEDS = max(1, SEEDS // 5)
NAMED = 195 / 200
FIRST = 10_000  # far from the seeds that any test uses
AT_ONCE = 20
KEPT = Path(__file__).with_name("soak.json")
_TASKS_OF_A_PROCESS = 20  # TensorFlow keeps every graph that was traced


@dataclass(frozen=True, order=True)
class Stretch:
    """Some seeds of one exercise, for its wrong ideas or for its right variants."""

    first: int
    exercise: str
    wrong: bool

    def seeds(self) -> range:
        """The seeds."""
        return range(self.first, self.first + AT_ONCE)


@dataclass(frozen=True)
class Found:
    """On how many seeds each wrong idea was caught, and named, or each right variant passed."""

    stretch: Stretch
    good: dict[str, int]
    named: dict[str, int]


def soak(stretch: Stretch) -> Found:
    """Seed by seed, so that what is asked of a case is asked once for all ideas or variants."""
    exercise = WRITTEN[stretch.exercise]
    good: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for seed in stretch.seeds():
        for idea in exercise.misconceptions if stretch.wrong else ():
            report = report_on_idea(exercise, idea, seed)
            good[idea.name] += not report.passed
            named[idea.name] += report.diagnosis is not None and report.diagnosis.name == idea.name
        for name, variant in () if stretch.wrong else _variants(exercise.name):
            good[name] += examine(variant, exercise, seed=seed, draws=1, hidden=True).passed
    return Found(stretch, dict(good), dict(named))


def _variants(exercise: str) -> list[tuple[str, object]]:
    return [
        (f"right: {getattr(variant, '__name__', index)}", variant)
        for index, variant in enumerate(RIGHT[exercise])
    ]


def stretches(wanted: Sequence[str]) -> list[Stretch]:
    """All that is to be tried, the first seeds of every exercise before the later ones of any."""
    return sorted(
        Stretch(first, name, wrong)
        for name in wanted
        for wrong, seeds in ((True, WRONG_SEEDS), (False, SEEDS))
        for first in range(FIRST, FIRST + seeds, AT_ONCE)
    )


@dataclass
class Record:
    """All that was found of one exercise, with its wrong ideas or with its right variants."""

    code: str
    firsts: list[int] = field(default_factory=list)
    good: dict[str, int] = field(default_factory=dict)
    named: dict[str, int] = field(default_factory=dict)

    def add(self, found: Found) -> None:
        """Take in a further stretch."""
        self.firsts = sorted([*self.firsts, found.stretch.first])
        self.good = dict(Counter(self.good) + Counter(found.good))
        self.named = dict(Counter(self.named) + Counter(found.named))


Records = dict[str, Record]


def key(exercise: str, wrong: bool) -> str:
    """The name of a record."""
    return f"{exercise}, {'wrong ideas' if wrong else 'right variants'}"


def kept() -> Records:
    """What earlier runs have found with the code as it is now."""
    rows = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    records = {}
    for exercise in WRITTEN:
        code = code_of(exercise)
        for name in (key(exercise, True), key(exercise, False)):
            found = Record(**rows[name]) if name in rows else Record(code)
            records[name] = found if found.code == code else Record(code)
    return records


def keep(records: Records) -> None:
    """Write it down, whole or not at all."""
    rows = {name: asdict(record) for name, record in records.items() if record.firsts}
    lines = [f"{json.dumps(name)}: {json.dumps(row)}" for name, row in rows.items()]
    beside = KEPT.with_suffix(".new")
    beside.write_text("{\n" + ",\n".join(lines) + "\n}\n")
    beside.replace(KEPT)


def go_on(todo: Sequence[Stretch]) -> Iterator[Found]:
    """Try these, on all cores.

    Not with `concurrent.futures`: in Python 3.11 its pool may wait for ever once its workers have
    done as many tasks as they may.
    """
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(len(os.sched_getaffinity(0)), maxtasksperchild=_TASKS_OF_A_PROCESS) as pool:
        yield from pool.imap_unordered(soak, todo)


def table(records: Records, wanted: Sequence[str]) -> tuple[Table, int]:
    """The sums over all seeds, and how many of the goals are missed on them."""
    shown = Table("exercise", "what", "seeds", "caught or passed", "named", title="soak")
    missed = 0
    for exercise in wanted:
        for wrong in (True, False):
            record = records[key(exercise, wrong)]
            seeds = AT_ONCE * len(record.firsts)
            for what, times in _of(exercise, wrong).items() if seeds else ():
                good, named = record.good.get(what, 0), record.named.get(what, 0)
                bad = good < times * seeds or (wrong and named < NAMED * seeds)
                missed += bad
                row = (str(seeds), str(good), str(named) if wrong else "")
                shown.add_row(exercise, what, *row, style="red" if bad else None)
    return shown, missed


def _of(exercise: str, wrong: bool) -> Counter[str]:
    """Names of what is tried, and how many bear each: variants may be classes of one name."""
    if wrong:
        return Counter(idea.name for idea in WRITTEN[exercise].misconceptions)
    return Counter(name for name, _ in _variants(exercise))


def main() -> int:
    """Run it all; the exit status is 1 where a goal is missed."""
    wanted = sys.argv[1:] or list(WRITTEN)
    records = kept()
    left = [
        stretch
        for stretch in stretches(wanted)
        if stretch.first not in records[key(stretch.exercise, stretch.wrong)].firsts
    ]
    for found in track(go_on(left), "soak", total=len(left)) if left else ():
        records[key(found.stretch.exercise, found.stretch.wrong)].add(found)
        keep(records)
    shown, missed = table(records, wanted)
    Console(width=120).print(shown)
    print(f"{missed} goals missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
