"""From an exception on the student's side to a `Fault` that shows them their own line."""

from __future__ import annotations

import linecache
import os
import re
import sysconfig
import traceback
from pathlib import Path

from grader.bench.guard import is_forbidden
from grader.bench.probe import Fault

_PATHS = sysconfig.get_paths()
_PACKAGE = str(Path(__file__).parent.parent)
_LIBRARIES = {_PACKAGE, *map(_PATHS.get, ("stdlib", "purelib", "platlib"))}
_NOT_THEIRS = ("<frozen", *(f"{folder}{os.sep}" for folder in _LIBRARIES))
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_WRAPPED = re.compile(
    r"(?:Exception encountered when calling.*?\n\s*\n"
    r"|Could not automatically infer the output shape.*?\n\s*\n"
    r"|in user code:.*?\n\n\s+[\w.]+: )(.*)",  # under @tf.function
    re.DOTALL,
)
_TRACED = re.compile(r'File "([^"\n]+)", line (\d+), in [^\n]*\n +([^\n]+)')
_NOISE = re.compile(r"\{\{function_node [^}]*\}\} | \[Op:\w+\](?: name: ?\S*)?| for '\{\{node .*")
_LONGEST = 300


def fault_of(error: BaseException) -> Fault:
    """The exception's type, its message in one line, and the student's innermost own line."""
    text = _text(error)
    return Fault(_type(error), _message(text), _where(error, text))


def _type(error: BaseException) -> str:
    return "Forbidden" if is_forbidden(error) else type(error).__name__


def _text(error: BaseException) -> str:
    before = error.__context__
    if isinstance(error, OSError) and error.errno is None and isinstance(before, OSError):
        error = before  # Keras wraps it, and keeps the number alone
    try:
        return is_forbidden(error) or _ANSI.sub("", str(error))
    except BaseException:  # a student's exception whose __str__ raises
        return "(its message cannot be read)"


def _message(text: str) -> str:
    while wrapped := _WRAPPED.match(text):
        text = wrapped.group(1)
    text = text.split("Arguments received by")[0].split("\n\n")[0]
    line = _NOISE.sub("", " ".join(text.split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _where(error: BaseException, text: str) -> str:
    if "in user code:" in text:  # the frames are those of a file that TensorFlow wrote
        traced = [found for found in _TRACED.findall(text) if not found[0].startswith(_NOT_THEIRS)]
        if traced:
            return f"line {traced[-1][1]}: {traced[-1][2]}"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if _is_own(frame.filename)]
    if not own:
        return ""
    last = own[-1]
    source = last.line or linecache.getline(last.filename, last.lineno or 0)
    return f"line {last.lineno}: {source.strip()}"


def _is_own(filename: str) -> bool:
    """Whether it is a file of theirs, or a cell. Compiled libraries name their sources by a path
    that begins in the library, such as numpy/random/mtrand.pyx."""
    is_place = os.path.isabs(filename) or filename.startswith("<") or os.path.exists(filename)
    return is_place and not filename.startswith(_NOT_THEIRS)
