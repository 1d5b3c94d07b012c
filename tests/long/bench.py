"""How long it takes: `make bench`. A class against stock nbgrader, and a check in a notebook.

(a) ours against stock nbgrader, (b) ours against the bare cells, (c) a submission's cost as the
class grows, (d) one worker against several, (e) `check` for each exercise, (f) Validate for each
unit, (g) a right and a wrong submission of each unit, (h) `grader watch`. It takes an hour and a
half.
`BENCH=short make bench` takes the smallest sizes: it shows that all works, its figures say little.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from grader.examination.examine import examine
from grader.exercises.catalogue import WRITTEN
from tests.long.bench_class import against, build_unit, growing
from tests.long.bench_units import by_unit
from tests.long.bench_validate import validating
from tests.long.bench_watch import waiting
from tests.long.measure import machine
from tests.variants import RIGHT

SHORT = {
    "students": 2,
    "runs": 1,
    "sizes": [2, 4],
    "calls": 3,
    "units": ["01-first-layers"],
    "at_once": 3,
}
OUT = Console(width=100)


def milliseconds(action: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - began)


def checks(calls: int, out: Console) -> None:
    """Print (e). The first call draws the cases and asks the reference; the later ones are what a
    student waits for while they mend a layer."""
    table = Table("exercise", "first call, ms", "later calls, ms", "slowest, ms")
    table.title = f"(e) check, median of {calls} calls"
    medians = []
    for exercise in WRITTEN.values():
        variant = RIGHT[exercise.name][0]
        first = milliseconds(lambda e=exercise, v=variant: examine(v, e))
        later = [milliseconds(lambda e=exercise, v=variant: examine(v, e)) for _ in range(calls)]
        medians.append(statistics.median(later))
        table.add_row(exercise.name, f"{first:.0f}", f"{medians[-1]:.0f}", f"{max(later):.0f}")
    out.print(table)
    slow = sum(median > 150 for median in medians)
    out.print(f"(e) slowest median {max(medians):.0f} ms; {slow} of {len(medians)} over 150 ms")


def main() -> None:
    """Print the tables."""
    options = _parser().parse_args()
    OUT.print(f"measured on {machine()}")
    build_unit()
    if "class" in options.part:
        against(options.students, options.runs, OUT)
    if "growth" in options.part:
        growing(options.sizes, options.runs, options.once, OUT)
    if "check" in options.part:
        checks(options.calls, OUT)
    if "validate" in options.part:
        validating(options.units, OUT)
    if "units" in options.part:
        by_unit(options.units, OUT)
    if "watch" in options.part:
        waiting(options.at_once, options.runs, OUT)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parts = ["class", "growth", "check", "validate", "units", "watch"]
    parser.add_argument("part", nargs="*", default=parts, help=", ".join(parts) + " (all)")
    parser.add_argument("--students", type=int, default=20, help="for (a) and (b)")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 100, 1000], help="for (c)")
    parser.add_argument("--once", type=int, default=1000, help="classes that are graded once only")
    parser.add_argument("--calls", type=int, default=15, help="for (e)")
    parser.add_argument("--at-once", type=int, default=100, help="for (h)")
    parser.add_argument("--units", nargs="*", default=[], help="for (f) and (g) (all)")
    if os.environ.get("BENCH") == "short":
        parser.set_defaults(**SHORT)
    return parser


if __name__ == "__main__":
    main()
