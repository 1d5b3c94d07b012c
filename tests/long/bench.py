"""How long a check takes in a notebook, for each exercise: `make bench`.

The first call draws the cases and asks the reference; the later ones are what a student waits for
while they mend a layer. The floor is one eager call and one symbolic call of the reference itself.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable

from rich.console import Console
from rich.table import Table

from grader.catalogue import CATALOGUE
from grader.examine import examine
from tests.variants import RIGHT

CALLS = 15


def milliseconds(action: Callable[[], object]) -> float:
    """Wall time of one call."""
    began = time.perf_counter()
    action()
    return 1000 * (time.perf_counter() - began)


def main() -> None:
    """Print the table."""
    table = Table("exercise", "first call, ms", "later calls, ms", "slowest, ms")
    table.title = f"check, median of {CALLS} calls, {os.cpu_count()} cores"
    for exercise in CATALOGUE.values():
        variant = RIGHT[exercise.name][0]
        first = milliseconds(lambda e=exercise, v=variant: examine(v, e))
        later = [milliseconds(lambda e=exercise, v=variant: examine(v, e)) for _ in range(CALLS)]
        median, slowest = statistics.median(later), max(later)
        table.add_row(exercise.name, f"{first:.0f}", f"{median:.0f}", f"{slowest:.0f}")
    Console(width=100).print(table)


if __name__ == "__main__":
    main()
