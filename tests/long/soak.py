"""A long run of the conformance procedure: `make soak`, with a table at the end.

Every misconception must be caught on each of 200 seeds and named on at least 195 of them; no
right variant may fail on any of 1,000 seeds. `SEEDS=50 make soak` is shorter, in proportion, and
`python -m tests.long.soak Dense Flatten` is for some exercises only.
"""

from __future__ import annotations

import os
import sys
from collections import Counter

from rich.console import Console
from rich.progress import track
from rich.table import Table

from grader.catalogue import CATALOGUE
from grader.examine import examine
from grader.exercise import Exercise
from tests.ideas import report_on_idea
from tests.variants import RIGHT

SEEDS = int(os.environ.get("SEEDS", "1000"))
WRONG_SEEDS = max(1, SEEDS // 5)
NAMED = 195 / 200
FIRST = 10_000  # far from the seeds that any test uses


def soak_ideas(exercise: Exercise) -> dict[str, tuple[int, int]]:
    """For each wrong idea, on how many seeds it is caught, and on how many it is named.

    Seed by seed, so that what each idea does on a case is kept while all are held against it.
    """
    caught: Counter[str] = Counter()
    named: Counter[str] = Counter()
    for seed in track(range(FIRST, FIRST + WRONG_SEEDS), f"wrong ideas: {exercise.name}"):
        for idea in exercise.misconceptions:
            report = report_on_idea(exercise, idea, seed)
            caught[idea.name] += not report.passed
            named[idea.name] += bool(report.diagnosis) and report.diagnosis.name == idea.name
    return {idea.name: (caught[idea.name], named[idea.name]) for idea in exercise.misconceptions}


def soak_variant(exercise: Exercise, variant: object) -> int:
    """On how many seeds a right variant passes."""
    seeds = range(FIRST, FIRST + SEEDS)
    return sum(examine(variant, exercise, seed=seed, draws=1).passed for seed in seeds)


def main() -> int:
    """Run it all; the exit status is 1 where a goal is missed."""
    table = Table("exercise", "what", "seeds", "caught or passed", "named", title="soak")
    missed = 0
    wanted = [CATALOGUE[name] for name in sys.argv[1:]] or list(CATALOGUE.values())
    for exercise in wanted:
        for idea, (caught, named) in soak_ideas(exercise).items():
            bad = caught < WRONG_SEEDS or named < NAMED * WRONG_SEEDS
            missed += bad
            row = (exercise.name, idea, str(WRONG_SEEDS), str(caught), str(named))
            table.add_row(*row, style="red" if bad else None)
    pairs = [(exercise, variant) for exercise in wanted for variant in RIGHT[exercise.name]]
    for exercise, variant in track(pairs, "right variants"):
        passed = soak_variant(exercise, variant)
        missed += passed < SEEDS
        what = f"right: {getattr(variant, '__name__', variant)}"
        style = "red" if passed < SEEDS else None
        table.add_row(exercise.name, what, str(SEEDS), str(passed), "", style=style)
    Console(width=120).print(table)
    print(f"{missed} goals missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
