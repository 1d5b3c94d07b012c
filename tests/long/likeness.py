"""How well copies are found among independent answers: `python -m tests.long.likeness [SEEDS]`.

For some units and seeds a made-up class of 60 is compared, in which ten copied from ten others
(tests/likeness). What it prints is told in docs/instructor.md.
"""

from __future__ import annotations

import sys
import time
from collections import Counter

from rich.console import Console
from rich.table import Table

from grader.likeness.compare import compare
from tests.likeness.copied_class import STUDENTS, handout, made_up, places, works
from tests.likeness.disguises import DISGUISES

UNITS = (
    *("01-first-layers", "02-joining", "03-regularize-normalize", "09-embedding-and-cells"),
    *("12-attention", "13-normalization", "17-backward-and-tests"),
)
"""Those whose exercises have most right ways in tests/variants."""
ON_THE_PAGE, NOWHERE = 20, STUDENTS**2


def main(seeds: int) -> None:
    """Print a row for each unit, and how often each disguise is not among the first ten."""
    table = Table("unit", "all ten on top", "in the top ten", "on the page", "worst place")
    table.add_column("copies above the line")
    table.add_column("others above it")
    below: Counter[str] = Counter()
    began = time.process_time()
    for unit in UNITS:
        rows = [_tried(unit, seed, below) for seed in range(seeds)]
        tops, shown, worsts, aboves, others = zip(*rows, strict=True)
        full = f"{sum(top == len(DISGUISES) for top in tops)} of {seeds}"
        means = [f"{sum(counts) / seeds:.3g}" for counts in (tops, shown)]
        means += [str(max(worsts)), *(f"{sum(counts) / seeds:.3g}" for counts in (aboves, others))]
        table.add_row(unit, full, *means)
    console = Console(width=140)
    console.print(table)
    for how, count in below.most_common():
        console.print(f"below the top ten in {count} of {seeds * len(UNITS)} classes: {how}")
    console.print(f"{time.process_time() - began:.0f} s of processor time")


def _tried(unit: str, seed: int, below: Counter[str]) -> tuple[int, int, int, int, int]:
    """Of one class: how many copies are in the top ten, on the page and above the line, the worst
    place of one, and how many others are above the line."""
    class_ = made_up(unit, seed)
    found = compare(works(class_), handout(unit), most=STUDENTS**2)
    where = places(class_, found)
    below.update(how for how in DISGUISES if where.get(how, NOWHERE) > len(DISGUISES))
    above = sum(place <= found.above for place in where.values())
    top = sum(place <= len(DISGUISES) for place in where.values())
    shown = sum(place <= ON_THE_PAGE for place in where.values())
    worst = max(where.get(how, NOWHERE) for how in DISGUISES)
    return top, shown, worst, above, found.above - above


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
