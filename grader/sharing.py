"""`sharing`: what checks and hints said, in a file that is handed in with the notebook. It is off
unless a student turns it on.

The file lies beside the notebook, in plain text. It is all that is kept, and all that is sent: no
code, no values, no times. While it is not there, nothing is written anywhere.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from grader.card.report import Report

FILE = "what-i-send.txt"
MOST_LINES, MOST_BYTES = 2000, 200_000
KINDS = ("where to look", "the case", "a question", "the idea")
"""The kinds of hints, in the order in which `hint` gives them."""
HEAD = (
    "# You turned sharing on: this file is handed in with your notebook. Delete it, or call\n"
    '# sharing("off"), and nothing is sent. A line for each check (the headline of its card, and\n'
    "# the idea that it names) and for each hint (its exercise, and which kind of hint).\n"
)
_ON = (
    f"Sharing is on for this unit. From now on each check and each hint adds a line to {FILE},\n"
    "beside your notebook, and the file is handed in with it. It has no code, no values and no\n"
    'times. sharing() shows what is in it, sharing("off") deletes it. Your points do not depend\n'
    "on it: it shows your instructor where the text of the unit can be better."
)
_OFF = "Sharing is off: nothing about your checks is kept, and nothing is sent."


def sharing(turn: str = "") -> None:
    """Show what is sent with the notebook of this folder; `"on"` begins it, `"off"` deletes it.

    Raises `ValueError` for another word, and `OSError` where the folder cannot be written to.
    """
    path = Path(FILE)
    if turn == "on":
        if not path.exists():
            path.write_text(HEAD, encoding="utf-8")
        print(_ON)
    elif turn == "off":
        path.unlink(missing_ok=True)
        print(_OFF)
    elif turn:
        raise ValueError(f'sharing("on"), sharing("off") or sharing(), not {turn!r}')
    elif path.exists():
        print(f"This is sent with your notebook, and nothing else:\n\n{path.read_text('utf-8')}")
    else:
        print(f'{_OFF} sharing("on") turns it on.')


def note_check(report: Report) -> None:
    """Add a check, if sharing is on."""
    found = report.diagnosis
    ideas = [one.name for one in found.parts or (found,)] if found else []
    _add("check", report.headline, *ideas)


def note_hint(exercise: str, aspect: str, kind: str) -> None:
    """Add a hint, if sharing is on."""
    _add("hint", exercise, aspect, kind)


def _add(*parts: str) -> None:
    """One line. It never disturbs the check: where it cannot be written, it is left out."""
    path = Path(FILE)
    with contextlib.suppress(OSError):
        if path.is_symlink() or not path.is_file():
            return
        with path.open("r+b") as file:
            if sum(1 for _ in file) >= MOST_LINES or file.tell() > MOST_BYTES:
                return
            file.seek(0, os.SEEK_END)
            file.write(("\t".join(parts) + "\n").encode())
