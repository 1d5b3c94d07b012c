"""How long a class takes: `make bench-class`. Both sides in one run, as ratios.

(a) ours against stock nbgrader, (b) ours against the floor, (c) cost of one submission as the class
grows, (d) one worker against two. The class is the sample class of unit 01, again and again,
without the one who loops for ever and the one who hands in half a file.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from grader.pipeline.build import build
from grader.pipeline.demo import fill
from grader.pipeline.sample import Member, read_member

ROOT = Path(__file__).resolve().parent.parent.parent
UNIT = "01-first-layers"
LEFT_OUT = ("jo", "lee")
STOCK = """import os, sysconfig
os.environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.Execute.timeout = 300
"""
OUT = Console(width=110)


@dataclass(frozen=True)
class Cost:
    """Of one command with all that it started: seconds, seconds of the cores, MiB at the peak."""

    wall: float
    cpu: float
    memory: float


def measure(command: Sequence[str], folder: Path) -> Cost:
    """Run the command to its end, looking at it ten times a second."""
    peak, cpu = 0.0, {}
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    began = time.perf_counter()
    with (folder / "bench.log").open("ab") as log:
        process = psutil.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log)
        while process.poll() is None:
            now = 0.0
            for one in [process, *_children(process)]:
                try:
                    times = one.cpu_times()
                    now += one.memory_full_info().pss
                except psutil.Error:
                    continue
                cpu[one.pid, one.create_time()] = times.user + times.system
            peak = max(peak, now)
            time.sleep(0.1)
    return Cost(time.perf_counter() - began, sum(cpu.values()), peak / 2**20)


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def course(folder: Path, count: int, *, stock: bool = False) -> Path:
    """A course with a class of this size, released and ready to be graded."""
    members = [
        read_member(path)
        for path in sorted((ROOT / "tests" / "sample_class" / UNIT).glob("*.py"))
        if path.stem not in LEFT_OUT
    ]
    class_: list[Member] = [
        replace(members[i % len(members)], name=f"{i:04d}") for i in range(count)
    ]
    fill(ROOT, folder, UNIT, class_)
    if stock:
        (folder / "nbgrader_config.py").write_text(STOCK)
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", UNIT]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder


def ours(folder: Path, jobs: int) -> Cost:
    """Grade the class with `grader autograde`, from the start of the command to its end."""
    shutil.rmtree(folder / "autograded", ignore_errors=True)
    words = ["autograde", UNIT, "--jobs", str(jobs)]
    return measure([sys.executable, "-m", "grader.cli", *words], folder)


def stock(folder: Path) -> Cost:
    """Grade the class with nbgrader as it comes."""
    shutil.rmtree(folder / "autograded", ignore_errors=True)
    return measure([sys.executable, "-m", "nbgrader", "autograde", UNIT], folder)


def floor(folder: Path) -> Cost:
    """The same cells run bare, one notebook after the other, in one warm process."""
    return measure([sys.executable, "-m", "tests.long.bare", str(folder), UNIT], folder)


def median(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        statistics.median(cost.memory for cost in costs),
    )


def main() -> None:
    """Print the tables."""
    options = _parser().parse_args()
    cores = len(os.sched_getaffinity(0))
    build(ROOT, [UNIT])
    with tempfile.TemporaryDirectory() as place:
        folder = course(Path(place) / "ours", options.students)
        theirs = course(Path(place) / "stock", options.students, stock=True)
        runs = range(options.runs)
        pairs = [(ours(folder, cores), ours(folder, 1), floor(folder)) for _ in runs]
        many, one, bare = (median(costs) for costs in zip(*pairs, strict=True))
        plain = stock(theirs)
        _compare(options.students, options.runs, cores, many, one, bare, plain)
        _grow(Path(place), options.sizes, cores)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--students", type=int, default=10)
    parser.add_argument("--runs", type=int, default=3, help="of ours and of the floor")
    parser.add_argument("--sizes", type=int, nargs="*", default=[10, 100])
    return parser


def _compare(
    students: int, runs: int, cores: int, many: Cost, one: Cost, bare: Cost, plain: Cost
) -> None:
    table = Table("", "wall, s", "cores, s", "peak, MiB", "wall, times ours")
    table.title = f"{students} submissions of {UNIT}, {cores} cores, median of {runs} (stock: once)"
    for name, cost in (
        (f"grader autograde --jobs {cores}", many),
        ("grader autograde --jobs 1", one),
        ("bare cells in one warm process", bare),
        ("stock nbgrader autograde", plain),
    ):
        figures = (f"{cost.wall:.1f}", f"{cost.cpu:.1f}", f"{cost.memory:.0f}")
        table.add_row(name, *figures, f"{cost.wall / many.wall:.2f}")
    OUT.print(table)
    OUT.print(
        f"(a) stock / ours: wall {plain.wall / many.wall:.1f}, cores {plain.cpu / many.cpu:.1f}, "
        f"memory {plain.memory / many.memory:.2f}\n"
        f"(b) ours with one worker / bare: {one.wall / bare.wall:.2f}\n"
        f"(d) one worker / {cores}: {one.wall / many.wall:.2f}"
    )


def _grow(place: Path, sizes: Sequence[int], cores: int) -> None:
    table = Table("submissions", "wall, s", "wall for one, s", "peak, MiB")
    table.title = "(c) as the class grows"
    for size in sizes:
        cost = ours(course(place / f"of-{size}", size), cores)
        row = (f"{cost.wall:.1f}", f"{cost.wall / size:.2f}", f"{cost.memory:.0f}")
        table.add_row(str(size), *row)
    OUT.print(table)


if __name__ == "__main__":
    main()
