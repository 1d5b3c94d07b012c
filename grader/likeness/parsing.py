"""A student's source as a syntax tree, with as much of it as can be parsed."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

MOST = 50_000
"""Characters of an answer that is compared."""
_TRIES = 25
_MAGIC = re.compile(r"^([ \t]*)[%!?].*$", re.MULTILINE)
"""What IPython understands, and Python does not."""


@dataclass(frozen=True)
class Parsed:
    """The tree, or None where there is none to be had; and what is to be told of it."""

    tree: ast.Module | None
    trouble: str = ""


def parsed(source: str) -> Parsed:
    """The tree of a source. A line with an error is left out, and the lines are as before."""
    if len(source) > MOST:
        return Parsed(None, f"it has more than {MOST:,} characters: not compared")
    lines = source.replace("\0", " ").expandtabs().split("\n")
    left_out: set[int] = set()
    for _ in range(_TRIES):
        try:
            return Parsed(_tree("\n".join(lines)), _told(len(left_out)))
        except SyntaxError as error:
            place = min(max(error.lineno or 1, 1), len(lines)) - 1
            if _MAGIC.match(lines[place]):
                lines[place] = _MAGIC.sub(r"\1pass", lines[place])
            else:
                left_out.add(_leave_out(lines, place, error))
        except (ValueError, RecursionError, MemoryError):
            return Parsed(None, "it cannot be parsed: not compared")
    return Parsed(None, "it has too many syntax errors: not compared")


def _leave_out(lines: list[str], place: int, error: SyntaxError) -> int:
    """Put something in the place of what is wrong; the line that it was."""
    if "expected an indented block" in error.msg:
        while place and not lines[place - 1].split("#")[0].strip():
            place -= 1
        lines[place - 1] = lines[place - 1].split("#")[0] + " pass"
        return place - 1
    line = lines[place]
    useless = isinstance(error, IndentationError) or line.strip() == "pass"
    lines[place] = "" if useless else line[: len(line) - len(line.lstrip())] + "pass"
    return place


def _tree(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a student wrote, such as "\d"
        return ast.parse(source)


def _told(left_out: int) -> str:
    lines = "line" if left_out == 1 else "lines"
    return f"a syntax error: {left_out} {lines} left out" if left_out else ""
