"""What an exercise forbids, enforced where it counts: at the moment when it is called.

While a student's layer is probed, the forbidden functions and the methods of forbidden layers get
another body, which raises. So it does not matter under which name they were imported, or whether
the layer was returned, subclassed, delegated to or made long before. A class that was loaded once
more from Keras's own file is known by that file.

Keras cuts patches out of an image by a convolution with ones and zeros. Whoever may not use a
convolution may still cut patches, so what Keras's own code calls for that purpose is let through.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.bench.backend import keras, tf

_METHODS = ("__init__", "build", "call")
_MARK = "forbidden here: "


class Forbidden(Exception):
    """The student's code uses what the exercise asks them to build."""


@dataclass(frozen=True, eq=False)
class _Target:
    """A forbidden function, and the body that it gets meanwhile."""

    function: types.FunctionType
    signature: inspect.Signature
    refusing: types.CodeType


@contextlib.contextmanager
def guarded(names: Sequence[str]) -> Iterator[None]:
    """Make the Keras objects of these dotted names raise when they are used."""
    targets = [target for name in names for target in _targets(name)]
    replaced: list[tuple[types.FunctionType, types.CodeType]] = []
    try:
        for target in targets:
            function = target.function
            replaced.append((function, function.__code__))
            # Keras reads the signature before it calls: it must stay as it was.
            function.__signature__ = target.signature  # type: ignore[attr-defined]
            function.__code__ = target.refusing
        yield
    finally:
        for function, code in reversed(replaced):
            function.__code__ = code
            vars(function).pop("__signature__", None)  # one function may go by two names


@contextlib.contextmanager
def watched(names: Sequence[str]) -> Iterator[Callable[[], str]]:
    """Note which of these objects' own code runs, in whatever copy of a function it stands.

    Gives a function that says afterwards what was seen, in the sentence for the student.
    """
    places: dict[str, list[str]] = {}
    for name in names:
        places.setdefault(_file(name), []).append(name)
    seen: list[str] = []

    def look(frame: types.FrameType, event: str, arg: Any) -> None:
        if event != "call" or frame.f_code.co_filename not in places:
            return
        for name in places[frame.f_code.co_filename]:
            if _is_part(frame.f_code, name) and not cuts_patches(frame):
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
    files = {_file(name): name for name in names}
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
def _file(name: str) -> str:
    return inspect.getfile(_find(name))


@functools.cache
def _targets(name: str) -> tuple[_Target, ...]:
    thing = _find(name)
    if inspect.isclass(thing):
        found = [inspect.unwrap(vars(thing)[m]) for m in _METHODS if m in vars(thing)]
    else:
        found = [inspect.unwrap(thing)]
    functions = (function for function in found if isinstance(function, types.FunctionType))
    return tuple(_Target(f, inspect.signature(f), _refusing(name, f)) for f in functions)


@functools.cache
def _find(name: str) -> Any:
    package, *rest = name.split(".")
    thing = keras if package == "keras" else importlib.import_module(package)
    for index, part in enumerate(rest, 2):
        if hasattr(thing, part):
            thing = getattr(thing, part)
        else:  # a module that the package does not show
            thing = importlib.import_module(".".join(name.split(".")[:index]))
    return thing


def cuts_patches(frame: types.FrameType | None) -> bool:
    """Whether it is Keras's own extract_patches that calls this frame, and nothing between."""
    ready, through = _patch_makers()
    while frame is not None and frame.f_code.co_filename.startswith(through):
        frame = frame.f_back
    return frame is not None and frame.f_code in ready


@functools.cache
def _patch_makers() -> tuple[frozenset[types.CodeType], tuple[str, ...]]:
    """The code that cuts patches, and the places that a convolution made for it passes."""
    image = inspect.getmodule(inspect.unwrap(keras.ops.image.extract_patches))
    code = frozenset(
        thing.__code__
        for name, thing in vars(image).items()
        if "extract_patches" in name and isinstance(thing, types.FunctionType)
    )
    tensorflow = str(Path(tf.__file__).parent)
    return code, (tensorflow, inspect.getfile(keras.src.backend.nn), __file__)


def _refusing(name: str, function: types.FunctionType) -> types.CodeType:
    """A body that raises. It has as many free variables as the one that it replaces: Python
    wants that, and they can only be had from a function that stands inside another one."""
    code = function.__code__
    free = [f"free_{index}" for index in range(len(code.co_freevars))]
    lines = ["def outer():", *(f"    {name} = None" for name in free)]
    lines += [
        "    def refuse(*args, **kwargs):",
        "        from sys import _getframe",
        "        let_through = 'let_through'",
        "        spare = 'spare'",
        "        if let_through(_getframe(1)):",
        "            return spare(*args, **kwargs)",
        f"        raise PermissionError({_MARK + name!r})",
    ]
    lines += [f"        {name}" for name in free]
    scope: dict[str, Any] = {}
    # Compiled as if it stood in this file, so that it is never taken for a student's own line.
    exec(compile("\n".join([*lines, "    return refuse"]), __file__, "exec"), scope)
    made: types.CodeType = scope["outer"]().__code__
    # It runs with the names of the function that it replaces, so what it needs must be constants.
    spare = types.FunctionType(
        code, function.__globals__, function.__name__, function.__defaults__, function.__closure__
    )
    spare.__kwdefaults__ = function.__kwdefaults__
    needs = {"let_through": cuts_patches, "spare": spare}
    constants = tuple(
        needs.get(value, value) if isinstance(value, str) else value for value in made.co_consts
    )
    return made.replace(co_consts=constants)
