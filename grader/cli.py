"""One command, `grader`: each of its words is a small function here, the work is elsewhere."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

OUT = Console()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; the exit status is 0 only where all went well."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except KeyboardInterrupt:
        print("grader: stopped", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="grader", description="Build, grade and inspect the course Layer by Layer."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    build = commands.add_parser("build", help="make the notebooks from solutions/*.py")
    build.add_argument("unit", nargs="*", help="units to build (all by default)")
    build.add_argument("--check", action="store_true", help="fail where a notebook had to change")
    build.set_defaults(run=_build)
    grading = commands.add_parser("autograde", help="grade what was handed in, several at once")
    grading.add_argument("unit", nargs="*", help="units to grade (all by default)")
    grading.add_argument("--jobs", type=_count, default=0, help="workers (default: the cores)")
    grading.add_argument(
        "--cluster", metavar="ADDRESS", help="a Dask scheduler, or local:N for N workers here"
    )
    grading.add_argument("--student", action="append", default=[], help="only this one; repeatable")
    grading.add_argument("--force", action="store_true", help="grade again what was graded")
    grading.set_defaults(run=_autograde)
    listing = commands.add_parser("exercises", help="list the exercises")
    listing.add_argument("--json", action="store_true", help="for a script to read")
    listing.set_defaults(run=_exercises)
    demo = commands.add_parser("demo", help="grade a made-up class, from nothing to feedback")
    demo.add_argument("--course", default="demo", help="folder for the course (default: demo)")
    demo.set_defaults(run=_demo)
    doctor = commands.add_parser("doctor", help="say whether this machine can confine submissions")
    doctor.set_defaults(run=_doctor)
    return parser


def _fail(message: object) -> int:
    print(f"grader: {message}", file=sys.stderr)
    return 1


def _build(options: argparse.Namespace) -> int:
    from grader.pipeline.build import build
    from grader.pipeline.source import BrokenUnit

    root = Path.cwd()
    if not (root / "solutions").is_dir():
        return _fail("there is no folder solutions/ here: run this from the course's folder")
    try:
        changed = build(root, options.unit)
    except BrokenUnit as error:
        return _fail(error)
    for path in changed:
        print(f"changed  {path.relative_to(root)}")
    released = [path for path in changed if "notebooks" in path.relative_to(root).parts]
    if options.check and released:
        return _fail("notebooks/ was not what solutions/ gives: commit the rebuilt notebooks")
    if not changed:
        print("nothing changed: the notebooks are what solutions/ gives")
    return 0


def _autograde(options: argparse.Namespace) -> int:
    from grader.pipeline.autograde import NoSuchUnit, autograde, crew, units
    from grader.pipeline.cluster import NoCluster

    wanted = options.unit or units(Path.cwd())
    if not wanted:
        return _fail("there is no folder submitted/<student>/<unit>/ here: nothing to grade")
    failed = 0
    try:
        with crew(options.jobs, options.cluster) as (workers, jobs):
            for unit in wanted:
                counts = autograde(unit, workers, jobs, options.student, options.force, OUT)
                failed += counts["failed"]
                OUT.print(_graded(unit, counts))
    except (NoSuchUnit, NoCluster) as error:
        return _fail(error)
    OUT.print(f"Next: [bold]nbgrader generate_feedback {wanted[0]}[/], or formgrader to look.")
    return 1 if failed else 0


def _graded(unit: str, counts: Mapping[str, int]) -> str:
    before = f", {counts['skipped']} were graded before" if counts["skipped"] else ""
    return f"{unit}: {counts['graded']} graded{before}, {counts['failed']} not graded"


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no number of workers: give 1 or more")
    return int(text)


def _exercises(options: argparse.Namespace) -> int:
    from grader.catalogue import CATALOGUE

    rows = [exercise.to_json() for exercise in CATALOGUE.values()]
    if options.json:
        print(json.dumps(rows, indent=1))
        return 0
    table = Table(title="What each exercise judges, and what each aspect is worth")
    for heading in ("exercise", "unit", "kind"):
        table.add_column(heading, no_wrap=True)
    table.add_column("aspects")
    table.add_column("wrong ideas", justify="right")
    for row in rows:
        aspects = ", ".join(f"{name} {worth:g}" for name, worth in row["aspects"].items())
        ideas = str(len(row["misconceptions"]))
        table.add_row(row["name"], row["unit"], row["kind"], aspects, ideas)
    OUT.print(table)
    return 0


def _doctor(options: argparse.Namespace) -> int:
    from grader.sandbox.selftest import self_test

    claims = self_test()
    for claim in claims:
        mark = "[green]yes[/]" if claim.holds else "[red]NO[/] "
        OUT.print(f"{mark}  {claim.what}  [dim]{claim.why}[/]")
    if all(claim.holds for claim in claims):
        OUT.print("Submissions are confined on this machine.")
        return 0
    return _fail(
        "submissions cannot be confined here, and grading will refuse; grade on a Linux machine "
        "where all of the above holds, or see c.Execute.grade_unconfined in nbgrader_config.py"
    )


def _demo(options: argparse.Namespace) -> int:
    from grader.pipeline.demo import demo

    root = Path.cwd()
    members = root / "tests" / "sample_class"
    if not members.is_dir():
        return _fail("the sample class is not here: run this from the project's own folder")
    return demo(root, members, root / options.course, OUT)


if __name__ == "__main__":
    sys.exit(main())
