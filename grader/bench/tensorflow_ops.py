"""Forbidden TensorFlow operations, seen where TensorFlow runs them or puts them into a graph.

TensorFlow calls back for each operation that it dispatches, whatever called for it: `tf.nn`, raw
operations, `tf.compat.v1`, an old copy of Keras. A graph that was made before (a `tf.function`, an
imported GraphDef, a session's) is looked through before it runs, with all that it calls.

Two things are let through. The operations of a gradient: they belong to what was called forwards,
which was looked at itself. And Keras cuts patches out of an image by a convolution with ones and
zeros; anyone who may not use a convolution may still cut patches.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import sys
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from grader.bench.backend import keras, tf
from grader.bench.forbidden import Entry

MARK = "forbidden here: "
_CALLING = frozenset(
    {
        *("PartitionedCall", "StatefulPartitionedCall", "RemoteCall", "SymbolicGradient"),
        *("While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase", "For"),
        *("MapDefun", "XlaLaunch", "XlaLaunchV2"),
    }
)
"""Operations that run functions, which their attributes name."""
_FORWARDS = {
    "Conv2DBackpropInput": "Conv2D",
    "Conv2DBackpropInputV2": "Conv2D",
    "Conv3DBackpropInput": "Conv3D",
    "Conv3DBackpropInputV2": "Conv3D",
    "DepthwiseConv2dNativeBackpropInput": "DepthwiseConv2dNative",
}
"""Operations that compute the gradient of another one. In a graph that was made before, nothing
tells whether one is there for a gradient, but that the other is there too."""
_watching: list[tuple[Entry, ...]] = []
"""The entries that are forbidden now."""
_known: dict[tuple[str | bytes, tuple[Entry, ...]], str] = {}
"""What was found in functions since they were forbidden."""


@contextlib.contextmanager
def looked_at(entries: tuple[Entry, ...]) -> Iterator[Callable[[], bool]]:
    """Make the operations of these entries raise `PermissionError`.

    Gives a function that says whether the watch stands as it was set.
    """
    if not any(entry.operations for entry in entries):
        yield lambda: True
        return
    from tensorflow.python.eager import context
    from tensorflow.python.framework import op_callbacks

    look = functools.partial(_look, entries)
    callbacks = context.context().op_callbacks
    _watching.append(entries)
    _known.clear()
    op_callbacks.add_op_callback(look)
    try:
        yield lambda: look in callbacks
    finally:
        _watching.pop()
        with contextlib.suppress(KeyError):  # the report names anyone who takes it away
            op_callbacks.remove_op_callback(look)


def _look(
    entries: tuple[Entry, ...],
    kind: str | bytes,
    inputs: Sequence[Any],
    attrs: Sequence[Any],
    outputs: Sequence[Any],
    op_name: Any = None,
    graph: Any = None,
) -> None:
    kind = kind.decode() if isinstance(kind, bytes) else kind
    if kind in _CALLING and graph is None:
        for name in _strings(attrs):
            _refuse_function(entries, name, sys._getframe(1))
    elif kind.startswith("__"):
        _refuse_function(entries, kind, sys._getframe(1))
    elif _is_forbidden(entries, kind) and not is_let_through(sys._getframe(1)):
        raise PermissionError(f"{MARK}tensorflow.raw_ops.{kind}")


def refuse_inside(frame: types.FrameType, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether `Context.call_function` may run its function; raises where it may not."""
    name = kwargs.get("name", args[1] if len(args) > 1 else b"")
    for entries in _watching:
        _refuse_function(entries, name, frame)
    return True


def refuse_session(frame: types.FrameType, args: Sequence[Any], kwargs: Mapping[str, Any]) -> bool:
    """Whether a session may run its graph; raises where something forbidden is in there."""
    graph = args[0].graph.as_graph_def()
    for entries in _watching:
        functions = graph.library.function
        for node in (*graph.node, *(node for one in functions for node in one.node_def)):
            if _is_forbidden(entries, node.op):
                raise PermissionError(f"{MARK}tensorflow.raw_ops.{node.op}")
            if maker := _maker(entries, node.name):
                raise PermissionError(f"{MARK}{maker}")
    return True


def _refuse_function(entries: tuple[Entry, ...], name: str | bytes, frame: types.FrameType) -> None:
    found = _known.get((name, entries))
    if found is None:
        found = _known[name, entries] = _inside(entries, name, set())
    if found and not is_let_through(frame):
        raise PermissionError(f"{MARK}{found}")


def _inside(entries: tuple[Entry, ...], name: str | bytes, seen: set[bytes]) -> str:
    """What is forbidden in a function that TensorFlow knows, or in those that it calls: the dotted
    name of an operation, or of what has made a node."""
    from tensorflow.python.eager import context

    name = name.encode() if isinstance(name, str) else name
    if name in seen:
        return ""
    seen.add(name)
    try:
        definition = context.context().get_function_def(name)
    except Exception:  # there is no function of this name
        return ""
    kinds = {node.op for node in definition.node_def}
    for node in definition.node_def:
        if _is_forbidden(entries, node.op) and _FORWARDS.get(node.op) not in kinds:
            if _cut_patches(name, node.name):
                continue
            return f"tensorflow.raw_ops.{node.op}"
        if maker := _maker(entries, node.name):
            return maker
        called = [value.func.name for value in node.attr.values() if value.HasField("func")]
        called += [one.name for value in node.attr.values() for one in value.list.func]
        for inner in (*called, node.op):
            if found := _inside(entries, inner, seen):
                return found
    return ""


def _is_forbidden(entries: tuple[Entry, ...], kind: str) -> bool:
    return any(entry.computes(kind) for entry in entries)


def _maker(entries: tuple[Entry, ...], node: str) -> str:
    """The forbidden function that puts nodes of such a name into graphs; else empty."""
    return next((entry.layers[0] for entry in entries if entry.puts(node)), "")


def _strings(values: Any) -> Iterator[str | bytes]:
    if isinstance(values, str | bytes):
        yield values
    elif isinstance(values, list | tuple):
        for value in values:
            yield from _strings(value)
    elif hasattr(values, "name") and isinstance(values.name, str):
        yield values.name


def is_let_through(frame: types.FrameType | None, *rest: Any) -> bool:
    """Whether what calls this frame may use anything: a gradient, or patches that are cut out."""
    return _takes_a_gradient(frame) or cuts_patches(frame)


def _takes_a_gradient(frame: types.FrameType | None) -> bool:
    """Whether TensorFlow runs this to take a gradient, and no code of the student's between."""
    libraries, gradients = _gradient_makers()
    while frame is not None and frame.f_code.co_filename.startswith(libraries):
        if frame.f_code.co_filename in gradients:
            return True
        frame = frame.f_back
    return False


@functools.cache
def _gradient_makers() -> tuple[tuple[str, ...], frozenset[str]]:
    """Where the libraries stand, and TensorFlow's files that walk backwards through a graph."""
    tensorflow = Path(tf.__file__).parent
    files = ("eager/imperative_grad.py", "ops/gradients_util.py")
    libraries = (str(tensorflow), str(Path(keras.__file__).parent), str(Path(__file__).parent))
    return libraries, frozenset(str(tensorflow / "python" / file) for file in files)


def cuts_patches(frame: types.FrameType | None, *rest: Any) -> bool:
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
    here = str(Path(__file__).parent)
    return code, (tensorflow, inspect.getfile(keras.src.backend.nn), here)


def _cut_patches(function: bytes, node: str) -> bool:
    """Whether a node of a graph was made by Keras's own extract_patches: the graph remembers."""
    from tensorflow.python.eager import context

    ready, through = _patch_makers()
    debug = context.context().get_graph_debug_info(function)
    trace = (
        debug.traces_by_id[debug.name_to_trace_id[node]] if node in debug.name_to_trace_id else ()
    )
    frames = [debug.frames_by_id[number] for number in getattr(trace, "frame_id", ())]
    makers = {(code.co_filename, code.co_name) for code in ready}
    for frame in reversed(frames):
        file = debug.files[frame.file_index]
        if not file.startswith(through):
            return (file, frame.func) in makers
    return False
