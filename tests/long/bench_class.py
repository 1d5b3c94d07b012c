"""How long a class takes, a part of `make bench`: against stock nbgrader, against the bare cells,
as the class grows, and with one worker against several.

The class is the sample class of unit 01, again and again, without the one who loops for ever and
the one who hands in half a file. All sides take turns in one run, so that a machine that is busy
for a while is so for all of them.
"""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import nbformat
from rich.console import Console
from rich.table import Table

from grader.authoring.build import build
from grader.demo.demo import fill
from grader.demo.sample import Member, read_member
from grader.grading.code_cells import cells
from tests.long.bare import LAID_OUT
from tests.long.measure import ROOT, Cost, cores, cost, median, peak

UNIT = "01-first-layers"
FEW = 4
"""Submissions by which memory is measured: it does not depend on how many there are."""
LEFT_OUT = ("jo", "lee")
STOCK = """import os, sysconfig
os.environ["PATH"] = sysconfig.get_path("scripts") + os.pathsep + os.environ["PATH"]
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.Execute.timeout = 300
"""


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
    lay_out(folder)
    return folder


def lay_out(folder: Path) -> None:
    """Write down the cells of all submissions, for the bare run."""
    solution = nbformat.read(folder / "solutions" / UNIT / f"{UNIT}.ipynb", as_version=4)
    sources = {
        cell.metadata["nbgrader"]["grade_id"]: cell.source
        for cell in solution.cells
        if cell.metadata.get("nbgrader", {}).get("locked")
    }
    paths = sorted((folder / "submitted").glob(f"*/{UNIT}/{UNIT}.ipynb"))
    found = [cells(nbformat.read(path, as_version=4), sources) for path in paths]
    (folder / LAID_OUT).write_bytes(pickle.dumps(found))


def ours(jobs: int) -> list[str]:
    """`grader autograde`, from the start of the command to its end."""
    return [sys.executable, "-m", "grader.cli", "autograde", UNIT, "--jobs", str(jobs)]


STOCK_COMMAND = [sys.executable, "-m", "nbgrader", "autograde", UNIT]
"""nbgrader as it comes, in a course with a configuration of its own."""
BARE = [sys.executable, "-m", "tests.long.bare", "."]
"""The same cells and the same examination, bare in one process."""


def fresh(measure: Callable[[Sequence[str], Path], Cost | float], command: list[str], at: Path):
    """Measure the grading of a class that was not graded before, and see that all of it was."""
    shutil.rmtree(at / "autograded", ignore_errors=True)
    found = measure(command, at)
    graded = len(list(at.glob(f"autograded/*/{UNIT}/{UNIT}.ipynb")))
    handed_in = len(list(at.glob("submitted/*")))
    if command != BARE and graded != handed_in:
        raise RuntimeError(f"{' '.join(command)} graded {graded} of {handed_in}")
    return found


@contextmanager
def _courses(students: int) -> Iterator[Path]:
    """A folder with the same class in a course of ours and in one of stock nbgrader's."""
    with tempfile.TemporaryDirectory() as place:
        course(Path(place) / "ours", students)
        course(Path(place) / "stock", students, stock=True)
        yield Path(place)


def against(students: int, runs: int, out: Console) -> None:
    """Print (a) and (b): ours, stock nbgrader and the bare cells on the same class."""
    sides = {
        f"grader autograde --jobs {cores()}": (ours(cores()), "ours"),
        "grader autograde --jobs 1": (ours(1), "ours"),
        "bare cells, one warm process": (BARE, "ours"),
        "stock nbgrader autograde": (STOCK_COMMAND, "stock"),
    }
    costs: dict[str, list[Cost]] = {name: [] for name in sides}
    with _courses(students) as at:
        for _ in range(runs):
            for name, (command, whose) in sides.items():
                costs[name].append(fresh(cost, command, at / whose))
    with _courses(min(students, FEW)) as at:
        memory = {
            name: fresh(peak, command, at / whose) for name, (command, whose) in sides.items()
        }
    found = {name: median(each) for name, each in costs.items()}
    table = Table("", "wall, s", "cores, s", "peak memory, MiB")
    table.title = f"{students} submissions of {UNIT}, median of {runs}"
    for name, each in found.items():
        table.add_row(name, f"{each.wall:.1f}", f"{each.cores:.1f}", f"{memory[name]:.0f}")
    out.print(table)
    us, one, bare, stock = found.values()
    us_memory, _, _, stock_memory = memory.values()
    out.print(
        f"(a) stock / ours: wall {stock.wall / us.wall:.1f}, "
        f"cores {stock.cores / us.cores:.1f}, memory {stock_memory / us_memory:.2f}\n"
        f"(b) ours / bare: wall {us.wall / bare.wall:.2f}, cores {us.cores / bare.cores:.2f}\n"
        f"    ours with one worker / bare: wall {one.wall / bare.wall:.2f}, "
        f"cores {one.cores / bare.cores:.2f}"
    )


def growing(sizes: Sequence[int], runs: int, once: int, out: Console) -> None:
    """Print (c), what a submission costs as the class grows, and (d), what a second worker gains.

    From the size `once` on, one run. (d) is the largest class below it, with one worker on the same
    cores, which has the others help it, and with one worker that has one core.
    """
    table = Table("submissions", "runs", "wall, s", "wall for one, s", "for each more, s")
    table.title = f"(c) grader autograde --jobs {cores()}, as the class grows"
    walls: dict[int, float] = {}
    alone: dict[int, tuple[float, float]] = {}
    for size in sorted(sizes):
        with tempfile.TemporaryDirectory() as place:
            folder = course(Path(place) / "class", size)
            times = 1 if size >= once else runs
            walls[size] = _wall(folder, cores(), times)
            if size == max((other for other in sizes if other < once), default=0):
                alone[size] = _wall(folder, 1, times), _wall(folder, 1, times, most_cores=1)
    before = 0
    for size, wall in walls.items():
        more = (wall - walls[before]) / (size - before) if before else 0.0
        each = f"{more:.2f}" if before else ""
        times = 1 if size >= once else runs
        table.add_row(str(size), str(times), f"{wall:.1f}", f"{wall / size:.2f}", each)
        before = size
    out.print(table)
    for size, (one, with_a_core) in alone.items():
        out.print(
            f"(d) {size} submissions, one worker / {cores()}: "
            f"{one:.1f} s / {walls[size]:.1f} s = {one / walls[size]:.2f}\n"
            f"    one worker on one core / {cores()} on {cores()}: "
            f"{with_a_core:.1f} s / {walls[size]:.1f} s = {with_a_core / walls[size]:.2f}"
        )


def _wall(folder: Path, jobs: int, runs: int, most_cores: int | None = None) -> float:
    """Median seconds of `grader autograde` on the class in this folder."""
    measure = partial(cost, most_cores=most_cores)
    return median([fresh(measure, ours(jobs), folder) for _ in range(runs)]).wall


def build_unit() -> None:
    """Make the instructor's notebook of the unit, which is not committed."""
    build(ROOT, [UNIT])
