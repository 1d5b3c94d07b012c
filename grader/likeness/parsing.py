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
    lines = source.expandtabs().split("\n")
    left_out = 0
    for _ in range(_TRIES):
        try:
            return Parsed(_tree("\n".join(lines)), _told(left_out))
        except SyntaxError as error:
            place = min(max(error.lineno or 1, 1), len(lines)) - 1
            magic = _MAGIC.sub(r"\1pass", lines[place])
            if magic == lines[place]:
                left_out += 1
            if lines[place].strip() == "pass":
                lines[place] = ""  # it is not this line, but where it stands
            else:
                lines[place] = magic if magic != lines[place] else _indented_pass(lines[place])
        except (ValueError, RecursionError, MemoryError):
            return Parsed(None, "it cannot be parsed: not compared")
    return Parsed(None, "it has too many syntax errors: not compared")


def _tree(source: str) -> ast.Module:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a student wrote, such as "\d"
        return ast.parse(source)


def _told(left_out: int) -> str:
    lines = "line" if left_out == 1 else "lines"
    return f"a syntax error: {left_out} {lines} left out" if left_out else ""


def _indented_pass(line: str) -> str:
    return line[: len(line) - len(line.lstrip())] + "pass"
