"""Where the time of a graded submission goes, from end to end: `make profile`.

One process grades the sample class, one submission after the other, with the pipeline of `grader
autograde`: the writer's work and a worker's in turns. A clock is stopped at the seams between the
parts. What is inside of a part counts for it only if it has no name of its own, so that the parts
add up to the whole.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from importlib import import_module
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any

from nbgrader import preprocessors
from rich.console import Console
from rich.table import Table

from grader.batch import engine
from grader.batch.autograde import autograde
from grader.batch.crew import Crew
from grader.gradebook import save
from grader.grading import run
from grader.sandbox.child import Child
from grader.sandbox.session import Session
from grader.sandbox.start import Warm, _Server
from grader.submissions import restore_cells, sanitize_metadata, submission
from tests.long.bench_class import UNIT, build_unit, course
from tests.long.measure import ROOT, machine

STARTS = {
    "the interpreter, empty": "pass",
    "what writes: nbgrader": "import grader.batch.autograde, grader.submissions.submission",
    "what judges: TensorFlow, Keras, the exercises": "import grader.grading.run",
}
WARM = "the warm process, confined, until a fork of it has run an op"
CELLS, PROBES = "student's cells", "probes: the student's layers, and the wire"
JUDGING = "comparing, aspect by aspect, and the cards"
WRITING = "notebooks read, checked and written (nbconvert)"
GRADEBOOK = "gradebook (nbgrader, SQLAlchemy)"
EXAMINE = import_module("grader.examination.examine")
SEAMS: list[tuple[Any, str, str]] = [
    (_Server, "__init__", WARM),
    (Warm, "_fork_works", WARM),
    (Warm, "start", "forks of it: start and end of a submission's processes"),
    (Session, "_drop", "forks of it: start and end of a submission's processes"),
    (EXAMINE, "expect", "reference: cases drawn, and what Keras answers"),
    (EXAMINE, "diagnose", "a name for a wrong idea"),
    (EXAMINE, "wrong_term", "a name for a wrong idea"),
    (run, "_run", JUDGING),
    (submission, "_begin", GRADEBOOK),
    (sanitize_metadata.MendMetadata, "preprocess", GRADEBOOK),
    (restore_cells.RestoreCells, "preprocess", GRADEBOOK),
    (save.SaveAllGrades, "preprocess", GRADEBOOK),
    (preprocessors.AssignLatePenalties, "preprocess", GRADEBOOK),
    (preprocessors.OverwriteKernelspec, "preprocess", GRADEBOOK),
]
"""A function, by its owner and its name, and the part of the work that it is."""


class Clock:
    """Seconds by part. A part that is begun inside another one stops the other one's clock."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._open: list[str] = []
        self._since = 0.0

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        """Meanwhile the time is this part's."""
        self._turn()
        self._open.append(name)
        try:
            yield
        finally:
            self._turn()
            self._open.pop()

    def _turn(self) -> None:
        now = time.perf_counter()
        if self._open:
            self.seconds[self._open[-1]] += now - self._since
        self._since = now

    def watch(self, owner: Any, name: str, part: str | Callable[..., str]) -> None:
        """Have a function's time counted for a part; its arguments may say for which."""
        function = getattr(owner, name)

        def timed(*words: Any, **more: Any) -> Any:
            with self.part(part if isinstance(part, str) else part(*words)):
                return function(*words, **more)

        setattr(owner, name, timed)


class Here(Executor):
    """Does a task in this process, at once; notes what the clock shows before each."""

    def __init__(self, clock: Clock, seen: list[Counter[str]]) -> None:
        self._clock, self._seen = clock, seen

    def submit(self, function: Callable[..., Any], /, *words: Any, **more: Any) -> Future[Any]:
        """The task, done."""
        self._clock._turn()
        self._seen.append(self._clock.seconds.copy())
        future: Future[Any] = Future()
        future.set_result(function(*words, **more))
        return future


def graded(folder: Path, unit: str = UNIT) -> list[Counter[str]]:
    """Grade the class; the seconds of each submission, by part."""
    clock, seen = Clock(), list[Counter[str]]()
    for owner, name, part in SEAMS:
        clock.watch(owner, name, part)
    clock.watch(Child, "ask", lambda _, request, *rest: CELLS if request["do"] == "run" else PROBES)
    engine.AHEAD = 1  # one submission after the other
    os.chdir(folder)
    with clock.part(WRITING), Crew(lambda: Here(clock, seen)) as crew:
        counts = autograde(unit, crew, 1, (), False, Console(file=StringIO()))
    if counts["failed"] or len(seen) < 3:
        raise RuntimeError(f"the class was not graded: {counts}")
    seen.append(clock.seconds.copy())
    return [after - before for before, after in pairwise(seen)]


def start_seconds(code: str, runs: int) -> float:
    """How long a fresh process takes for it."""
    command = [sys.executable, "-c", code]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        subprocess.run(command, check=True, env=environment)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--students", type=int, default=20)
    parser.add_argument("--runs", type=int, default=3, help="of what is started once")
    words = {"nargs": 2, "metavar": ("FOLDER", "UNIT")}
    parser.add_argument("--only", **words, help="grade this class, print the parts as JSON")
    options = parser.parse_args()
    if options.only:
        folder, unit = options.only
        print(json.dumps(graded(Path(folder), unit)))
        return
    out = Console(width=100)
    out.print(f"measured on {machine()}")
    build_unit()
    starts = {name: start_seconds(code, options.runs) for name, code in STARTS.items()}
    with tempfile.TemporaryDirectory() as place:
        first, *later = graded(course(Path(place) / "class", options.students))
    table = Table("once for a command", "s", title="before the first submission")
    for name, seconds in {**starts, WARM: first.pop(WARM, 0.0)}.items():
        table.add_row(name, f"{seconds:.2f}")
    out.print(table)
    # The mean: students differ in what is wrong, and means add up to the whole.
    parts = {part for each in (first, *later) for part in each}
    means = {part: statistics.mean(each[part] for each in later) for part in parts}
    whole = sum(means.values())
    table = Table("", "first, ms", "later, ms", "share", title=f"a submission of {UNIT}, mean")
    for part, seconds in sorted(means.items(), key=lambda row: -row[1]):
        milliseconds = (f"{1000 * first[part]:.0f}", f"{1000 * seconds:.0f}")
        table.add_row(part, *milliseconds, f"{seconds / whole:.0%}")
    table.add_row("all", f"{1000 * first.total():.0f}", f"{1000 * whole:.0f}", "")
    out.print(table)


if __name__ == "__main__":
    main()
