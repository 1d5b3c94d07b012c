"""A long run of the conformance procedure: `make soak`. It goes on where it was stopped.

Every misconception must be caught on each of 200 seeds and named on at least 195 of them; no
right variant may fail on any of 1,000 seeds. A seed is one draw of each kind of case, as `check`
has it; the hidden cases are several such draws, and catch what one of them catches.

`SEEDS=50 make soak` is shorter, in proportion, and `python -m tests.long.soak Dense Flatten` is for
some exercises only. What is found is kept in `dist/soak.jsonl`; it says nothing of a check that was
changed since, so remove it then.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import track
from rich.table import Table

from grader.catalogue import CATALOGUE
from grader.examine import examine
from tests.ideas import report_on_idea
from tests.variants import RIGHT

SEEDS = int(os.environ.get("SEEDS", "1000"))
WRONG_SEEDS = max(1, SEEDS // 5)
NAMED = 195 / 200
FIRST = 10_000  # far from the seeds that any test uses
AT_ONCE = 20
KEPT = Path("dist/soak.jsonl")
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
    exercise = CATALOGUE[stretch.exercise]
    good: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for seed in stretch.seeds():
        for idea in exercise.misconceptions if stretch.wrong else ():
            report = report_on_idea(exercise, idea, seed)
            good[idea.name] += not report.passed
            named[idea.name] += report.diagnosis is not None and report.diagnosis.name == idea.name
        for name, variant in () if stretch.wrong else _variants(exercise.name):
            good[name] += examine(variant, exercise, seed=seed, draws=1).passed
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


def kept() -> list[Found]:
    """What earlier runs have found."""
    lines = KEPT.read_text().splitlines() if KEPT.exists() else []
    rows = [json.loads(line) for line in lines]
    return [Found(**{**row, "stretch": Stretch(**row["stretch"])}) for row in rows]


def go_on(todo: Sequence[Stretch]) -> Iterator[Found]:
    """Try these, on all cores, and keep what is found."""
    KEPT.parent.mkdir(exist_ok=True)
    spawn = multiprocessing.get_context("spawn")
    with (
        KEPT.open("a") as out,
        ProcessPoolExecutor(
            len(os.sched_getaffinity(0)), spawn, max_tasks_per_child=_TASKS_OF_A_PROCESS
        ) as pool,
    ):
        for done in as_completed([pool.submit(soak, stretch) for stretch in todo]):
            found = done.result()
            out.write(json.dumps(asdict(found)) + "\n")
            out.flush()
            yield found


def table(founds: Sequence[Found]) -> tuple[Table, int]:
    """The sums over all seeds, and how many of the goals are missed on them."""
    good: Counter[tuple[str, str]] = Counter()
    named: Counter[tuple[str, str]] = Counter()
    seeds: Counter[tuple[str, str]] = Counter()
    for found in founds:
        for what, count in found.good.items():
            key = (found.stretch.exercise, what)
            good[key] += count
            seeds[key] += AT_ONCE
            named[key] += found.named.get(what, 0)
    shown = Table("exercise", "what", "seeds", "caught or passed", "named", title="soak")
    missed = 0
    for key in sorted(seeds, key=lambda key: list(CATALOGUE).index(key[0])):
        right = key[1].startswith("right: ")
        bad = good[key] < seeds[key] or (not right and named[key] < NAMED * seeds[key])
        missed += bad
        row = (str(seeds[key]), str(good[key]), "" if right else str(named[key]))
        shown.add_row(*key, *row, style="red" if bad else None)
    return shown, missed


def main() -> int:
    """Run it all; the exit status is 1 where a goal is missed."""
    todo = stretches(sys.argv[1:] or list(CATALOGUE))
    before = [found for found in kept() if found.stretch in todo]
    left = sorted(set(todo) - {found.stretch for found in before})
    after = list(track(go_on(left), "soak", total=len(left))) if left else []
    shown, missed = table([*before, *after])
    Console(width=120).print(shown)
    print(f"{missed} goals missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
