"""What an exercise forbids, enforced where it counts: at the moment when it is called.

While a student's layer is probed, the forbidden functions and the methods of forbidden layers, in
every copy of Keras that is loaded, get another body, which raises. So it does not matter under
which name they were imported, or whether the layer was returned, subclassed, delegated to or made
long before. A class that was loaded once more from Keras's own file is known by that file. Of
forbidden operations TensorFlow itself tells: see `tensorflow_ops.py`.
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
from grader.bench.forbidden import Entry, entry
from grader.bench.tensorflow_ops import (
    MARK,
    cuts_patches,
    is_let_through,
    looked_at,
    refuse_inside,
    refuse_session,
)

_METHODS = ("__init__", "build", "call", "_merge_function")
_COPIES = ("tensorflow.python.keras.", "tf_keras.")
"""Packages that have Keras's layers once more."""


class Forbidden(Exception):
    """The student's code uses what the exercise asks them to build."""


@dataclass(frozen=True, eq=False)
class _Target:
    """A forbidden function, and the body that it gets meanwhile."""

    function: types.FunctionType
    signature: inspect.Signature
    refusing: types.CodeType


@contextlib.contextmanager
def guarded(names: Sequence[str]) -> Iterator[Callable[[], str]]:
    """Make what these entries forbid (see `forbidden.py`) raise when it is used.

    Gives a function that says whether the watch on operations was turned off: in the sentence for
    the student, else empty.
    """
    entries = {name: entry(name) for name in names}
    targets = [target for name in names for target in _targets(name, _loaded())]
    if any(one.operations for one in entries.values()):
        targets += _ways_to_graphs()
    replaced: list[tuple[types.FunctionType, types.CodeType]] = []
    with looked_at(tuple(entries.values())) as is_whole:
        try:
            for target in targets:
                function = target.function
                replaced.append((function, function.__code__))
                # Keras reads the signature before it calls: it must stay as it was.
                function.__signature__ = target.signature  # type: ignore[attr-defined]
                function.__code__ = target.refusing
            yield lambda: "" if is_whole() else _sentence(_first(names[0]))
        finally:
            for function, code in reversed(replaced):
                function.__code__ = code
                vars(function).pop("__signature__", None)  # one function may go by two names


def _profile_again(before: Any) -> None:
    """Go on with the profile that was on: a function, or what `%prun` uses, which is none."""
    sys.setprofile(before if callable(before) else None)
    if hasattr(before, "enable"):
        before.enable()


@contextlib.contextmanager
def watched(names: Sequence[str]) -> Iterator[Callable[[], str]]:
    """Note which of these entries' own code runs, in whatever copy of a function it stands.

    Gives a function that says afterwards what was seen, in the sentence for the student.
    """
    seen: list[str] = []
    known: dict[types.CodeType, str] = {}

    def look(frame: types.FrameType, event: str, arg: Any) -> None:
        if event != "call":
            return
        code = frame.f_code
        name = known.get(code)
        if name is None:
            name = known[code] = _owner(code, names)
        if name and not cuts_patches(frame):
            seen.append(name)

    before = sys.getprofile()
    if names:
        sys.setprofile(look)
    try:
        yield lambda: _sentence(seen[0]) if seen else ""
    finally:
        if names:
            if sys.getprofile() is not look:  # anyone who turns it off has something to hide
                seen.append(_first(names[0]))
            _profile_again(before)


def refuse_copies(layer: Any, names: Sequence[str]) -> None:
    """Raise `Forbidden` where the layer or a sublayer comes from the file of a forbidden one."""
    for part in layer._flatten_layers():
        for base in type(part).__mro__:
            for method in _METHODS:
                code = getattr(vars(base).get(method), "__code__", None)
                if code is not None and (name := _owner(code, names)):
                    raise Forbidden(_sentence(name))


def _owner(code: types.CodeType, names: Sequence[str]) -> str:
    """The forbidden layer or function to which this code belongs, by its file; else empty."""
    files, classes = _places(tuple(names))
    for part in files.get(code.co_filename, ()):
        if _is_part(code, part):
            return part
    layer = classes.get(code.co_qualname.partition(".")[0], "")
    return layer if layer and _is_a_layers_file(code.co_filename) else ""


@functools.lru_cache(maxsize=64)
def _places(names: tuple[str, ...]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """What stands in which file, and the layers by the names of their classes."""
    files: dict[str, list[str]] = {}
    classes: dict[str, str] = {}
    for one in map(entry, names):
        for part in (*one.layers, *one.functions):
            if (thing := _find(part)) is not None:
                files.setdefault(inspect.getfile(thing), []).append(part)
        classes.update({layer.rpartition(".")[2]: layer for layer in one.layers})
    return files, classes


def _is_part(code: types.CodeType, name: str) -> bool:
    own = name.rpartition(".")[2]
    return code.co_qualname == own or code.co_qualname.startswith(f"{own}.")


@functools.cache
def _is_a_layers_file(file: str) -> bool:
    """Whether a file of Keras, or of a copy of it, holds layers."""
    tensorflow = Path(tf.__file__).parent
    places = (
        Path(keras.__file__).parent / "src" / "layers",
        tensorflow / "python" / "keras",
        tensorflow.parent / "tf_keras",
    )
    return Path(file).suffix == ".py" and any(Path(file).is_relative_to(one) for one in places)


def _first(name: str) -> str:
    """A layer or function of an entry, to speak of where nothing nearer is known."""
    one = entry(name)
    return (*one.layers, *one.functions, name)[0]


def is_forbidden(error: BaseException) -> str:
    """The sentence for the student, if the error says that something forbidden was used."""
    if isinstance(error, Forbidden):
        return str(error)
    try:
        named = re.search(MARK + r"([\w.]+)", str(error))  # Keras may have wrapped it
    except BaseException:  # a student's exception whose __str__ raises
        return ""
    return _sentence(named.group(1)) if named else ""


def _sentence(name: str) -> str:
    return f"your code uses {name}: the exercise asks you to build that yourself"


def _loaded() -> int:
    """Copies of Keras may be loaded later, by the student's code: then there are more modules."""
    return len(sys.modules)


@functools.lru_cache(maxsize=512)
def _targets(name: str, loaded: int) -> tuple[_Target, ...]:
    """What gets another body for an entry, with so many modules loaded."""
    one = entry(name)
    named = [(part, _find(part)) for part in (*one.layers, *one.functions)]
    named += [(part, copy) for part in one.layers for copy in _copies(part, loaded)]
    named += [(part, inner) for part in one.functions for inner in _inner(part)]
    named += [(f"tensorflow.raw_ops.{kind}", f) for kind, f in _kernels(one)]
    return tuple(_target(part, function) for part, thing in named for function in _functions(thing))


def _inner(name: str) -> tuple[Any, ...]:
    """What a function of `keras.ops` hands its work to, which can be called without it."""
    if not name.startswith("keras.ops."):
        return ()
    own = name.rpartition(".")[2]
    there = (keras.src.ops.nn, f"_{own}"), (keras.src.backend.nn, own)
    return tuple(getattr(module, inner, None) for module, inner in there)


@functools.lru_cache(maxsize=4096)
def _target(
    name: str, function: types.FunctionType, look: Callable[..., bool] = is_let_through
) -> _Target:
    return _Target(function, inspect.signature(function), _refusing(name, function, look))


def _functions(thing: Any) -> list[types.FunctionType]:
    """The function, and the one that it wraps; of a class its own methods."""
    if inspect.isclass(thing):
        found = [inspect.unwrap(vars(thing)[m]) for m in _METHODS if m in vars(thing)]
    else:
        found = [] if thing is None else [inspect.unwrap(thing)]
    return [function for function in found if isinstance(function, types.FunctionType)]


@functools.lru_cache(maxsize=512)
def _copies(name: str, loaded: int) -> tuple[type, ...]:
    """The classes of this layer's name in the copies of Keras that are loaded."""
    own = name.rpartition(".")[2]
    found = [
        vars(module).get(own)
        for module in _copied_modules(loaded)
        if isinstance(module, types.ModuleType)
    ]
    real = (thing for thing in found if inspect.isclass(thing))
    return tuple(dict.fromkeys(thing for thing in real if thing.__module__.startswith(_COPIES)))


@functools.lru_cache(maxsize=4)
def _copied_modules(loaded: int) -> tuple[Any, ...]:
    modules = tuple(sys.modules.items())
    return tuple(m for name, m in modules if name.startswith(_COPIES) and "layers" in name)


@functools.lru_cache(maxsize=64)
def _kernels(one: Entry) -> tuple[tuple[str, Any], ...]:
    """The Python functions that run the operations of an entry; others see them in any thread."""
    if not one.operations:
        return ()
    found: list[tuple[str, Any]] = []
    for kind in dir(tf.raw_ops):
        if kind[0].isupper() and "Quantized" not in kind and one.computes(kind):
            raw = getattr(tf.raw_ops, kind)
            found += [(kind, raw), (kind, vars(sys.modules[raw.__module__]).get(raw.__name__))]
    return tuple(found)


@functools.cache
def _ways_to_graphs() -> list[_Target]:
    """What runs a graph that was made before; it goes on where nothing forbidden is in there."""
    from tensorflow.python.client.session import BaseSession
    from tensorflow.python.eager.context import Context

    found = ((Context.call_function, refuse_inside), (BaseSession.run, refuse_session))
    return [_target("a graph", function, look) for function, look in found]


def _find(name: str) -> Any:
    """What the name stands for; None for what is not there, or in a copy of Keras not loaded."""
    if name.startswith(_COPIES):
        module, _, own = name.rpartition(".")
        return getattr(sys.modules.get(module), own, None)
    return _found(name) if "." in name else getattr(keras.layers, name, None)


@functools.cache
def _found(name: str) -> Any:
    package, *rest = name.split(".")
    thing = keras if package == "keras" else importlib.import_module(package)
    for index, part in enumerate(rest, 2):
        if hasattr(thing, part):
            thing = getattr(thing, part)
        else:  # a module that the package does not show
            thing = importlib.import_module(".".join(name.split(".")[:index]))
    return thing


def _refusing(name: str, function: types.FunctionType, look: Callable[..., bool]) -> types.CodeType:
    """A body that raises, unless a `look` at who calls it lets it through.

    It has as many free variables as the one that it replaces: Python wants that, and they can only
    be had from a function that stands inside another one.
    """
    code = function.__code__
    free = [f"free_{index}" for index in range(len(code.co_freevars))]
    lines = ["def outer():", *(f"    {name} = None" for name in free)]
    lines += [
        "    def refuse(*args, **kwargs):",
        "        from sys import _getframe",
        "        let_through = 'let_through'",
        "        spare = 'spare'",
        "        if let_through(_getframe(1), args, kwargs):",
        "            return spare(*args, **kwargs)",
        f"        raise PermissionError({MARK + name!r})",
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
    needs = {"let_through": look, "spare": spare}
    constants = tuple(
        needs.get(value, value) if isinstance(value, str) else value for value in made.co_consts
    )
    return made.replace(co_consts=constants)
