"""From an exception on the student's side to a `Fault` that shows them their own line."""

from __future__ import annotations

import linecache
import re
import sysconfig
import traceback
from pathlib import Path

from grader.probe import Fault

_HERE = str(Path(__file__).parent)
_PATHS = sysconfig.get_paths()
_NOT_THEIRS = (_HERE, "<frozen", *{_PATHS[key] for key in ("stdlib", "purelib", "platlib")})
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_WRAPPED = re.compile(r"Exception encountered when calling .*?\n\s*\n(.*)", re.DOTALL)
_LONGEST = 300


def fault_of(error: BaseException) -> Fault:
    """The exception's type, its message in one line, and the student's innermost own line."""
    return Fault(type(error).__name__, _message(error), _where(error))


def _message(error: BaseException) -> str:
    try:
        text = _ANSI.sub("", str(error))
    except Exception:  # a student's exception whose __str__ raises
        text = "(its message cannot be read)"
    wrapped = _WRAPPED.match(text)
    if wrapped:
        text = wrapped.group(1)
    text = text.split("Arguments received by")[0].split("\n\n")[0]
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _where(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not frame.filename.startswith(_NOT_THEIRS)]
    if not own:
        return ""
    last = own[-1]
    source = last.line or linecache.getline(last.filename, last.lineno or 0)
    return f"line {last.lineno}: {source.strip()}"
