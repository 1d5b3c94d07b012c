"""Has the student's code replaced a part of what answers for it? Then there is no answer.

The owner of a process can deceive this look, too, so nothing rests on it: what is expected is not
in that process. But nobody replaces these parts by accident, and an instructor wants to know.
"""

from __future__ import annotations

import os
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

BROKEN = 77
"""Exit status of a process whose answering parts were replaced."""
_PARTS = (
    "grader.bench.arrays",
    "grader.bench.backend",
    "grader.bench.bench",
    "grader.bench.black_box",
    "grader.bench.calls",
    "grader.bench.configs",
    "grader.bench.fault",
    "grader.bench.forbidden",
    "grader.bench.guard",
    "grader.bench.inside",
    "grader.bench.operations",
    "grader.bench.operations.calling",
    "grader.bench.operations.judging",
    "grader.bench.operations.learning",
    "grader.bench.operations.models",
    "grader.bench.operations.saving",
    "grader.bench.operations.weights",
    "grader.bench.probe",
    "grader.bench.tensorflow_ops",
    "grader.sandbox.message",
    "grader.sandbox.runner",
    "grader.sandbox.wire",
    "grader.bench.subject",
    "json",
    "json.decoder",
    "json.encoder",
)


def seal() -> Callable[[], None]:
    """Remember the parts as they are; the function that ends the process if one was replaced.

    It is a closure, so that there is no name under which it could be replaced itself, and it ends
    the process, because words would have to pass through what was replaced.
    """
    leave, absent = os._exit, object()
    kept = list(_walk())
    functions = [thing for *_, thing in kept if _is_own_function(thing)]
    codes = [(function, function.__code__, function.__defaults__) for function in functions]

    def look() -> None:
        for space, name, thing in kept:
            if space.get(name, absent) is not thing:
                leave(BROKEN)
        for function, code, defaults in codes:
            if function.__code__ is not code or function.__defaults__ is not defaults:
                leave(BROKEN)

    return look


def _walk() -> Iterator[tuple[Mapping[str, Any], str, Any]]:
    """Each thing that could be replaced: where it stands, its name there, and the thing."""
    for part in _PARTS:
        module = sys.modules.get(part)
        yield sys.modules, part, module
        yield from _look(vars(module), part) if module else ()


def _is_own_function(thing: Any) -> bool:
    return isinstance(thing, types.FunctionType) and thing.__module__ in _PARTS


def _look(space: Mapping[str, Any], part: str) -> Iterator[tuple[Mapping[str, Any], str, Any]]:
    for name, thing in space.items():
        if name == "default" or (name.startswith("__") and name != "__init__"):
            continue  # Python's own, and the one part of json that is meant to be replaced
        yield space, name, thing
        if isinstance(thing, type) and thing.__module__ == part:
            yield from _look(vars(thing), part)
