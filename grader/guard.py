"""What an exercise forbids, enforced where it counts: at the moment when it is called.

While a student's layer is probed, the forbidden functions and the methods of forbidden layers get
another body, which raises. So it does not matter under which name they were imported, or whether
the layer was returned, subclassed, delegated to or made long before. A class that was loaded once
more from Keras's own file is known by that file.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import inspect
import re
import sys
import types
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from grader.backend import keras

_METHODS = ("__init__", "build", "call")
_MARK = "forbidden here: "


class Forbidden(Exception):
    """The student's code uses what the exercise asks them to build."""


@contextlib.contextmanager
def guarded(names: Sequence[str]) -> Iterator[None]:
    """Make the Keras objects of these dotted names raise when they are used."""
    replaced: list[tuple[types.FunctionType, types.CodeType]] = []
    try:
        for name in names:
            for function in _functions(name):
                code = function.__code__
                replaced.append((function, code))
                # Keras reads the signature before it calls: it must stay as it was.
                function.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
                function.__code__ = _refusing(name, code)
        yield
    finally:
        for function, code in reversed(replaced):
            function.__code__ = code
            del function.__signature__  # type: ignore[attr-defined]


@contextlib.contextmanager
def watched(names: Sequence[str]) -> Iterator[Callable[[], str]]:
    """Note which of these objects' own code runs, in whatever copy of a function it stands.

    Gives a function that says afterwards what was seen, in the sentence for the student.
    """
    places = {inspect.getfile(_find(name)): name for name in names}
    seen: list[str] = []

    def look(frame: types.FrameType, event: str, arg: Any) -> None:
        name = places.get(frame.f_code.co_filename)
        if name and event == "call" and _is_part(frame.f_code, name):
            seen.append(name)

    before = sys.getprofile()
    if names:
        sys.setprofile(look)
    try:
        yield lambda: _sentence(seen[0]) if seen else ""
    finally:
        if names:
            if sys.getprofile() is not look:  # whoever turns it off has something to hide
                seen.append(names[0])
            sys.setprofile(before)


def _is_part(code: types.CodeType, name: str) -> bool:
    own = name.rpartition(".")[2]
    return code.co_qualname == own or code.co_qualname.startswith(f"{own}.")


def refuse_copies(layer: Any, names: Sequence[str]) -> None:
    """Raise `Forbidden` where the layer or a sublayer comes from the file of a forbidden one."""
    files = {inspect.getfile(_find(name)): name for name in names}
    for part in layer._flatten_layers():
        for base in type(part).__mro__:
            for method in _METHODS:
                code = getattr(vars(base).get(method), "__code__", None)
                if code is not None and code.co_filename in files:
                    raise Forbidden(_sentence(files[code.co_filename]))


def is_forbidden(error: BaseException) -> str:
    """The sentence for the student, if the error says that something forbidden was used."""
    if isinstance(error, Forbidden):
        return str(error)
    try:
        named = re.search(_MARK + r"([\w.]+)", str(error))  # Keras may have wrapped it
    except BaseException:  # a student's exception whose __str__ raises
        return ""
    return _sentence(named.group(1)) if named else ""


def _sentence(name: str) -> str:
    return f"your code uses {name}: the exercise is to build that yourself"


@functools.cache
def _functions(name: str) -> tuple[types.FunctionType, ...]:
    thing = _find(name)
    if inspect.isclass(thing):
        found = [inspect.unwrap(vars(thing)[m]) for m in _METHODS if m in vars(thing)]
    else:
        found = [inspect.unwrap(thing)]
    return tuple(function for function in found if isinstance(function, types.FunctionType))


@functools.cache
def _find(name: str) -> Any:
    package, *rest = name.split(".")
    start = keras if package == "keras" else importlib.import_module(package)
    return functools.reduce(getattr, rest, start)


@functools.cache
def _refusing(name: str, code: types.CodeType) -> types.CodeType:
    """A body that raises. It has as many free variables as the one that it replaces: Python
    wants that, and they can only be had from a function that stands inside another one."""
    free = [f"free_{index}" for index in range(len(code.co_freevars))]
    lines = ["def outer():", *(f"    {name} = None" for name in free)]
    lines += [
        "    def refuse(*args, **kwargs):",
        f"        raise PermissionError({_MARK + name!r})",
    ]
    lines += [f"        {name}" for name in free]
    scope: dict[str, Any] = {}
    # Compiled as if it stood in this file, so that it is never taken for a student's own line.
    exec(compile("\n".join([*lines, "    return refuse"]), __file__, "exec"), scope)
    made: types.CodeType = scope["outer"]().__code__
    return made
