"""From an exception on the student's side to a `Fault` that shows them their own line."""

from __future__ import annotations

import linecache
import os
import re
import sysconfig
import traceback
from pathlib import Path

from grader.guard import is_forbidden
from grader.probe import Fault

_PATHS = sysconfig.get_paths()
_LIBRARIES = {str(Path(__file__).parent), *map(_PATHS.get, ("stdlib", "purelib", "platlib"))}
_NOT_THEIRS = ("<frozen", *(f"{folder}{os.sep}" for folder in _LIBRARIES))
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_WRAPPED = re.compile(
    r"(?:Exception encountered when calling|Could not automatically infer the output shape)"
    r".*?\n\s*\n(.*)",
    re.DOTALL,
)
_NOISE = re.compile(r"\{\{function_node [^}]*\}\} | \[Op:\w+\](?: name: ?\S*)?| for '\{\{node .*")
_LONGEST = 300


def fault_of(error: BaseException) -> Fault:
    """The exception's type, its message in one line, and the student's innermost own line."""
    return Fault(_type(error), _message(error), _where(error))


def _type(error: BaseException) -> str:
    return "Forbidden" if is_forbidden(error) else type(error).__name__


def _message(error: BaseException) -> str:
    try:
        text = _ANSI.sub("", str(error))
    except Exception:  # a student's exception whose __str__ raises
        text = "(its message cannot be read)"
    text = is_forbidden(error) or text
    while wrapped := _WRAPPED.match(text):
        text = wrapped.group(1)
    text = text.split("Arguments received by")[0].split("\n\n")[0]
    line = _NOISE.sub("", " ".join(text.split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(_NOT_THEIRS)]
    if not own:
        return ""
    last = own[-1]
    source = last.line or linecache.getline(last.filename, last.lineno or 0)
    return f"line {last.lineno}: {source.strip()}"
