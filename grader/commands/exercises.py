"""`grader exercises`: what can be checked, and what it is judged on."""

from __future__ import annotations

import argparse

from rich.table import Table

from grader.commands.command import OUT, Command, add_json, next_step, print_json

ABOUT = """\
List the exercises: unit, kind (write a layer, predict a number, train a network, mend a layer that
has a fault), the aspects and what each is worth, and how many wrong ideas are known. A mended layer
earns all its points or none.

  grader exercises          a table
  grader exercises --json   all about each exercise, with the names of the wrong ideas"""


def _run(options: argparse.Namespace) -> int:
    from grader.exercises.catalogue import CATALOGUE

    rows = [exercise.to_json() for exercise in CATALOGUE.values()]
    if options.json:
        print_json(rows)
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
    next_step("grader exercises --json", "also names the wrong ideas.")
    return 0


COMMAND = Command("exercises", "list the exercises", ABOUT, _run, add_json)
