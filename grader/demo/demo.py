"""The demonstration: a made-up class, graded through nbgrader itself, and held to its labels."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import nbformat
from rich.box import SIMPLE, SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from grader.authoring.build import build
from grader.class_report.results import Result, losses, results
from grader.demo.sample import Member, read_member, submission

CONFIG = """c = get_config()
load_subconfig("nbgrader_config.py", path={root!r})
c.Exchange.root = {exchange!r}
# A short limit, so that the one who loops for ever does not keep the others waiting.
c.Execute.limits = {{"cell": 8.0, "probe": 8.0}}
"""
TOLD = (
    r"Nothing was graded|is not a notebook|(is|are) missing|not as released|differs from the "
    r"gradebook|more than once|nbgrader's metadata|cannot be graded"
)
"""Lines of nbgrader's log that are shown."""


def demo(root: Path, members: Path, course: Path, out: Console) -> int:
    """Build, fill, release, autograde, give feedback, and compare; the exit status."""
    out.print("[bold]A made-up class[/]: twelve sample submissions, each labelled with its score.")
    for path in build(root):
        out.print(f"built {path.relative_to(root)}")
    new_course(root, course)
    failures = 0
    for folder in sorted(path for path in members.iterdir() if path.is_dir()):
        class_ = [read_member(path) for path in sorted(folder.glob("*.py"))]
        fill(root, course, folder.name, class_)
        grade(course, folder.name, len(class_), out)
        found = results(course, folder.name, [member.name for member in class_])
        out.print(table(folder.name, class_, found))
        out.print(wrong_table(folder.name, class_, found))
        failures += sum(not as_labelled(m, r) for m, r in zip(class_, found, strict=True))
    for line in _next(root, course):
        out.print(line, soft_wrap=True, highlight=False)
    if failures:
        out.print(f"[red]{failures} of the class did not get the score on their label.[/]")
    return 1 if failures else 0


def _next(root: Path, course: Path) -> list[str]:
    """Where to look now."""
    name, programs = os.path.relpath(course, root), os.path.relpath(root / ".venv/bin", course)
    return [
        f"Feedback for the students: {name}/feedback/<student>/",
        f"The gradebook in a browser: [bold]cd {name} && {programs}/jupyter lab[/], then the menu "
        "Nbgrader > Formgrader.",
        f"Next: [bold]cd {name} && {programs}/grader report[/] shows how the class did.",
    ]


def is_free(course: Path) -> bool:
    """Whether the folder may be made again: there is none, or an earlier demonstration's."""
    if not course.exists():
        return True
    config = course / "nbgrader_config.py"
    return config.is_file() and config.read_text().startswith(CONFIG[: CONFIG.index("{")])


def new_course(root: Path, course: Path) -> None:
    """Make an empty course folder again: its configuration, and an exchange of its own."""
    shutil.rmtree(course, ignore_errors=True)
    exchange = course / "exchange"
    exchange.mkdir(parents=True)
    exchange.chmod(0o777)  # nbgrader wants it so: students write there
    config = CONFIG.format(root=str(root.resolve()), exchange=str(exchange.resolve()))
    (course / "nbgrader_config.py").write_text(config)


def fill(root: Path, course: Path, unit: str, class_: Sequence[Member]) -> None:
    """Put a unit and its submissions into a course folder, which is made if need be."""
    if not course.exists():
        new_course(root, course)
    source = root / "solutions" / unit / f"{unit}.ipynb"
    (course / "solutions" / unit).mkdir(parents=True)
    shutil.copy(source, course / "solutions" / unit)
    student = nbformat.read(root / "notebooks" / unit / f"{unit}.ipynb", as_version=4)
    solution = nbformat.read(source, as_version=4)
    for member in class_:
        folder = course / "submitted" / member.name / unit
        folder.mkdir(parents=True)
        (folder / f"{unit}.ipynb").write_text(submission(member, student, solution))


def grade(course: Path, unit: str, count: int, out: Console) -> None:
    """Release, autograde and write feedback with nbgrader's own commands."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=out) as progress:
        for step, pattern in (
            ("generate_assignment", r"Converting notebook"),
            ("autograde", r"Autograding |was not graded"),
            ("generate_feedback", r"Converting notebook"),
        ):
            task = progress.add_task(step, total=1 if step == "generate_assignment" else count)
            for line in _nbgrader(course, step, unit):
                if re.search(pattern, line):
                    progress.advance(task)
                if re.search(TOLD, line):
                    told = escape(line.split("] ", 1)[-1].strip())
                    progress.console.print(f"[yellow]{told}[/]")
            progress.update(task, completed=progress.tasks[task].total)


def _nbgrader(course: Path, step: str, unit: str) -> Iterator[str]:
    """Run the nbgrader command in the course folder and yield the lines of its log."""
    command = [sys.executable, "-m", "nbgrader", step, unit]
    process = subprocess.Popen(
        command,
        cwd=course,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stdin=subprocess.DEVNULL,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert process.stderr is not None
    yield from process.stderr
    process.wait()


def as_labelled(member: Member, result: Result) -> bool:
    """Whether the result is what the member's label says."""
    if member.expected is None or not result.points:
        return member.expected is None and result.points is None
    if not set(member.expected) <= {test.removeprefix("check-") for test in result.points}:
        return False
    for test, points in result.points.items():
        low, high = _label(member, test, result.most)
        if not low - 1e-3 < points < high + 1e-3:
            return False
    return True


def _label(member: Member, test: str, most: Mapping[str, float]) -> tuple[float, float]:
    """The least and the most points that the label allows."""
    default = 0.0 if member.blank else most[test]
    return (member.expected or {}).get(test.removeprefix("check-"), (default, default))


def table(unit: str, class_: Sequence[Member], found: Sequence[Result]) -> Table:
    """Student, points of each exercise, total, and whether it is what the label says."""
    tests = next((list(result.points) for result in found if result.points), [])
    grid = Table(
        title=f"{unit}: points (a made-up class)", box=SIMPLE_HEAD, padding=0, show_edge=False
    )
    grid.add_column("who", no_wrap=True)
    for test in tests:
        grid.add_column(
            test.removeprefix("check-").replace("-", "\n"), justify="right", overflow="fold"
        )
    grid.add_column("total", justify="right")
    grid.add_column("as on\nlabel", no_wrap=True)
    for member, result in zip(class_, found, strict=True):
        label = "yes" if as_labelled(member, result) else "[red]NO[/]"
        points = [f"{result.points[test]:g}" if result.points else "–" for test in tests]
        total = "–" if result.total is None else f"{result.total:g}"
        grid.add_row(member.name, *points, total, label)
    return grid


def wrong_table(unit: str, class_: Sequence[Member], found: Sequence[Result]) -> Table:
    """A row for each exercise in which a student lost points, and what was wrong."""
    grid = Table(title=f"{unit}: what was wrong", box=SIMPLE)
    grid.add_column("student", no_wrap=True)
    grid.add_column("exercise", no_wrap=True)
    grid.add_column("score", justify="right")
    grid.add_column("what was wrong")
    for member, result in zip(class_, found, strict=True):
        if result.points is None:
            grid.add_row(member.name, "all", "–", "not graded: see above")
        elif not any(report["attempted"] for report in result.reports):
            grid.add_row(member.name, "all", "0 %", "handed in untouched")
        else:
            for name, score, why in losses(result):
                grid.add_row(member.name, name, f"{score:.0%}", escape(why))
    return grid
