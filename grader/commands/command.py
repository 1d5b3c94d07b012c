"""What a command is, and how it speaks: results on stdout, trouble in one line on stderr."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import track

OUT = Console(markup=False)
"""Paths are printed as they are: `a[b].csv` has no markup in it."""
ERRORS = Console(stderr=True)
"""For progress while stdout is kept for a script."""


class Trouble(Exception):
    """What went wrong and what to do about it, in one line. It ends the command with status 1."""


def _no_options(parser: argparse.ArgumentParser) -> None:
    """Most commands have some."""


@dataclass(frozen=True)
class Command:
    """A word of the command line.

    `help` is its line in the list of commands, `about` teaches it: what it does, an example, and
    what comes after it. `run` gives the exit status and may raise `Trouble`.
    """

    name: str
    help: str
    about: str
    run: Callable[[argparse.Namespace], int]
    add_options: Callable[[argparse.ArgumentParser], None] = _no_options


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """The option that says how many grade at once; 0 stands for the cores."""
    parser.add_argument("--jobs", type=_count, default=0, help="workers (default: the cores)")


def _count(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a number of workers: give 1 or more")
    return int(text)


def add_json(parser: argparse.ArgumentParser) -> None:
    """The option with which a script asks."""
    parser.add_argument("--json", action="store_true", help="for a script to read")


def showing(what: str) -> Callable[[Sequence[str]], Iterable[str]]:
    """Gives the same names, and shows in a terminal how far through them it is."""
    unseen = not ERRORS.is_terminal
    return partial(track, description=what, console=ERRORS, transient=True, disable=unseen)


def print_json(value: Any) -> None:
    """Plain data on stdout."""
    print(json.dumps(value, indent=1, ensure_ascii=False))


def next_step(command: str, why: str = "") -> None:
    """Name the command that comes after this one, on a line that can be copied."""
    said = f" {escape(why)}" if why else ""
    OUT.print(
        f"Next: [bold]{escape(command)}[/]{said}", soft_wrap=True, highlight=False, markup=True
    )
