"""Has the student's code replaced a part of what answers for it? Then there is no answer.

Whoever owns a process can also deceive this look, so nothing rests on it: what is expected is not
in that process. But nobody replaces these parts by accident, and an instructor wants to know.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

BROKEN = 77
"""Exit status of a process whose answering parts were replaced."""
_PARTS = (
    "grader.backend",
    "grader.fault",
    "grader.guard",
    "grader.inside",
    "grader.probe",
    "grader.sandbox.message",
    "grader.sandbox.runner",
    "grader.sandbox.wire",
    "grader.subject",
    "json",
    "json.decoder",
    "json.encoder",
)


def seal() -> Callable[[], None]:
    """Remember the parts as they are; the function that ends the process if one was replaced.

    It is a closure, so that there is no name under which it could be replaced itself, and it ends
    the process, because words would have to pass through what was replaced.
    """
    walk, leave, absent = _walk, os._exit, object()
    kept = dict(walk())

    def look() -> None:
        now = dict(walk())
        if any(now.get(name, absent) is not thing for name, thing in kept.items()):
            leave(BROKEN)

    return look


def _walk() -> Iterator[tuple[str, Any]]:
    """Each thing that could be replaced, by its dotted name."""
    for part in _PARTS:
        module = sys.modules.get(part)
        yield part, module
        for name, thing in list(vars(module).items()) if module else ():
            yield from _look(f"{part}.{name}", thing, part)


def _look(name: str, thing: Any, part: str) -> Iterator[tuple[str, Any]]:
    own = name.rpartition(".")[2]
    if own == "default" or (own.startswith("__") and own != "__init__"):
        return  # Python's own, and the one part of json that is meant to be replaced
    yield name, thing
    if getattr(thing, "__module__", "") != part:
        return
    if isinstance(thing, types.FunctionType):
        yield f"{name}()", thing.__code__
        yield f"{name}(=)", thing.__defaults__
    if isinstance(thing, type):
        for key, value in list(vars(thing).items()):
            yield from _look(f"{name}.{key}", value, part)
