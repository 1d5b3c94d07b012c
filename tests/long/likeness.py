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
from tests.likeness.copied_class import handout, made_up, places, works
from tests.likeness.disguises import DISGUISES

UNITS = (
    *("01-first-layers", "02-joining", "03-regularize-normalize", "09-embedding-and-cells"),
    *("12-attention", "13-normalization", "17-backward-and-tests"),
)
"""Those whose exercises have most right ways in tests/variants."""


def main(seeds: int) -> None:
    """Print a row for each unit, and how often each disguise is among the first ten."""
    table = Table("unit", "classes", "all ten on top", "copies in the top ten", "worst place")
    table.add_column("above the line: copies")
    table.add_column("others")
    hidden: Counter[str] = Counter()
    classes, began = 0, time.process_time()
    for unit in UNITS:
        rows = []
        for seed in range(seeds):
            class_ = made_up(unit, seed)
            found = compare(works(class_), handout(unit), most=2000)
            where = places(class_, found)
            above = sum(place <= found.above for place in where.values())
            top = [how for how, place in where.items() if place <= len(DISGUISES)]
            hidden.update(DISGUISES.keys() - set(top))
            worst = max(where.values()) if len(where) == len(DISGUISES) else 9999
            rows.append((len(top), worst, above, found.above - above))
            classes += 1
        tops, worsts, aboves, others = zip(*rows, strict=True)
        full = f"{sum(top == len(DISGUISES) for top in tops)} of {seeds}"
        cells = (sum(tops) / seeds, max(worsts), sum(aboves) / seeds, sum(others) / seeds)
        table.add_row(unit, str(seeds), full, *(f"{number:.3g}" for number in cells))
    console = Console(width=120)
    console.print(table)
    for how, count in hidden.most_common():
        console.print(f"below the top ten in {count} of {classes} classes: {how}")
    console.print(f"{time.process_time() - began:.0f} s of processor time")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 8)
