"""A long run of the conformance procedure: `make soak`, with a table at the end.

Every misconception must be caught on each of 200 seeds and named on at least 195 of them; no
right variant may fail on any of 1,000 seeds. `SEEDS=50 make soak` is shorter, in proportion.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from rich.console import Console
from rich.progress import track
from rich.table import Table

from grader.catalogue import CATALOGUE
from grader.examine import examine
from grader.exercise import Exercise, Misconception
from grader.subject import LocalSubject
from tests.variants import RIGHT

SEEDS = int(os.environ.get("SEEDS", "1000"))
WRONG_SEEDS = max(1, SEEDS // 5)
NAMED = 195 / 200
FIRST = 10_000  # far from the seeds that any test uses


def ideas() -> Iterator[tuple[Exercise, Misconception]]:
    """Every misconception of the catalogue, with its exercise."""
    for exercise in CATALOGUE.values():
        for idea in exercise.misconceptions:
            yield exercise, idea


def soak_idea(exercise: Exercise, idea: Misconception) -> tuple[int, int]:
    """On how many seeds the wrong idea is caught, and on how many it is named."""
    caught = named = 0
    for seed in range(FIRST, FIRST + WRONG_SEEDS):
        report = examine(LocalSubject(idea.wrong), exercise, seed=seed, draws=1)
        caught += not report.passed
        named += bool(report.diagnosis) and report.diagnosis.name == idea.name
    return caught, named


def soak_variant(exercise: Exercise, variant: object) -> int:
    """On how many seeds a right variant passes."""
    seeds = range(FIRST, FIRST + SEEDS)
    return sum(examine(variant, exercise, seed=seed, draws=1).passed for seed in seeds)


def main() -> int:
    """Run it all; the exit status is 1 where a goal is missed."""
    table = Table("exercise", "what", "seeds", "caught or passed", "named", title="soak")
    missed = 0
    for exercise, idea in track(list(ideas()), "wrong ideas"):
        caught, named = soak_idea(exercise, idea)
        bad = caught < WRONG_SEEDS or named < NAMED * WRONG_SEEDS
        missed += bad
        row = (exercise.name, idea.name, str(WRONG_SEEDS), str(caught), str(named))
        table.add_row(*row, style="red" if bad else None)
    pairs = [(CATALOGUE[name], variant) for name in RIGHT for variant in RIGHT[name]]
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
