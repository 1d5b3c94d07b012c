"""The smallest visible case that failed, as a value and as lines that run as they are.

A person who is told that values differ wants to see them come about: the layer, its weights, the
inputs, and what Keras gives. Where these are few, they stand in the lines; else the lines fetch
them with `failing`. No hidden case comes here.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.aspects.aspect import leaves
from grader.bench.black_box import black_box
from grader.bench.configs import fresh, resolve
from grader.bench.probe import Fault, Made, Ref
from grader.examination.attempt import Attempt
from grader.exercises.exercise import TERMS, Exercise

_MOST_NUMBERS = 160
"""So many numbers stand in the lines at most."""
_FIRST = ("output", "prediction", "shape", "gradient", "training", "dropping")


@dataclass(frozen=True, eq=False)
class FailingCase:
    """A case that failed: make the layer with `config`, call it with `arguments` and `call`.

    `weights` are for `layer.set_weights` after a first call, in the order of the layer's own
    weights; None where they do not fit. Where they have names, they are for `layer.load`.
    `expected` is what Keras gives (None where its output is not compared). `kind` names the kind of
    case. Arrays are NumPy's; the first axis of an input is the batch.
    """

    name: str
    kind: str
    config: Mapping[str, Any]
    arguments: tuple[Any, ...]
    call: Mapping[str, Any]
    weights: list[np.ndarray] | Mapping[str, np.ndarray] | None
    expected: Any

    def __repr__(self) -> str:
        return f"<a case of {self.name} that failed: {self.kind}>"


def smallest(attempts: Sequence[Attempt]) -> Attempt | None:
    """The smallest case that failed; one with a wrong output, if there is one."""
    failed = [a for a in attempts if a.failed]
    failed.sort(key=lambda a: (a.expected.edge, a.expected.case.size))
    for name in _FIRST:
        for found in failed:
            if name in found.failed:
                return found
    return failed[0] if failed else None


def as_value(exercise: Exercise, found: Attempt) -> FailingCase:
    """The case with everything that it takes to run it."""
    case = found.expected.case
    if exercise.base.kind == "test":
        member = case.facts["member"]
        layer = black_box(member.here())
        return FailingCase(exercise.name, "a layer", {}, (layer,), {}, None, member.is_right)
    if exercise.base.kind != "implement":
        arguments = tuple(fresh(resolve(dict(case.config))).values())
        return FailingCase(
            exercise.name, found.expected.label, {}, arguments, {}, None, _expected(found)
        )
    arguments = case.inputs if isinstance(case.inputs, tuple) else (case.inputs,)
    return FailingCase(
        exercise.name,
        found.expected.label,
        fresh(resolve(dict(case.config))),
        arguments,
        dict(case.call),
        _weights(found),
        _expected(found),
    )


def as_lines(exercise: Exercise, found: Attempt) -> str:
    """Lines of Python that run the case; empty for an exercise that trains."""
    if exercise.base.kind == "train":
        return ""
    if exercise.base.is_function:
        return _predicted(exercise, found)
    if exercise.base.kind in ("derive", "test"):
        return _derived(exercise)
    named = isinstance(found.expected.values, Mapping)
    short = "" if named else _short(exercise, found)
    if short:
        return short
    name, give = exercise.name, "load" if named else "set_weights"
    return "\n".join(
        (
            "from grader import failing",
            "",
            f"case = failing({name})",
            f"layer = {name}(**case.config)",
            "layer(*case.arguments, **case.call)  # makes the weights",
            "if case.weights is not None:",
            f"    layer.{give}(case.weights)",
            "print(layer(*case.arguments, **case.call))",
            "print(case.expected)  # what Keras gives",
        )
    )


def _predicted(exercise: Exercise, found: Attempt) -> str:
    try:
        arguments = ", ".join(_written(value) for value in found.expected.case.config.values())
        return f"print({exercise.name}({arguments}))\nprint({_written(_expected(found))})  # Keras"
    except _NotWritten:
        name = exercise.name
        return "\n".join(
            (
                "from grader import failing",
                "",
                f"case = failing({name})",
                f"print({name}(*case.arguments))",
                "print(case.expected)",
            )
        )


def _derived(exercise: Exercise) -> str:
    name = exercise.name
    return "\n".join(
        (
            "from grader import failing",
            "",
            f"case = failing({name})",
            f"print({name}(*case.arguments))",
            "print(case.expected)  # what is right",
        )
    )


def _short(exercise: Exercise, found: Attempt) -> str:
    """All in numbers; empty where that is too long."""
    case, weights, expected = found.expected.case, _weights(found), _expected(found)
    arrays = [*leaves(_as_lists(case.inputs)), *leaves(_as_lists(dict(case.call)))]
    arrays += [*(weights or []), *leaves(expected)]
    if sum(np.size(array) for array in arrays) > _MOST_NUMBERS:
        return ""
    try:
        config = ", ".join(f"{key}={_written(value)}" for key, value in case.config.items())
        inputs = _written(case.inputs)
        given = "*inputs" if isinstance(case.inputs, tuple) else "inputs"
        given += "".join(f", {key}={_written(value)}" for key, value in case.call.items())
        lines = ["import keras", "import numpy as np", "", f"inputs = {inputs}"]
        lines += [f"layer = {exercise.name}({config})", f"layer({given})  # makes the weights"]
        if weights:
            lines.append(f"layer.set_weights({_written(weights)})")
        lines.append(f"print(layer({given}))")
        if expected is not None:
            lines.append(f"print({_written(expected)})  # what Keras gives")
    except _NotWritten:
        return ""
    return "\n".join(lines)


class _NotWritten(Exception):
    """A value that cannot be written in a line that runs in any notebook."""


def _written(value: Any) -> str:
    """A value as Python."""
    if isinstance(value, Ref):
        return value.path
    if isinstance(value, Made):
        if not value.path.startswith("keras."):
            raise _NotWritten
        inner = ", ".join(f"{key}={_written(item)}" for key, item in value.config.items())
        return f"{value.path}({inner})"
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key!r}: {_written(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if isinstance(value, tuple):
        return f"({', '.join(map(_written, value))},)"
    if isinstance(value, np.ndarray):
        return _array(value)
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)
    raise _NotWritten


def _array(value: np.ndarray) -> str:
    is_number = value.dtype.kind in "biuf"
    if not (is_number and np.all(np.isfinite(value))) and value.dtype.kind != "U":
        raise _NotWritten
    text = np.array2string(value, separator=", ", threshold=sys.maxsize, precision=9)
    kind = f', "{value.dtype}"' if is_number else ""
    return f"np.array({text}{kind})"


def _weights(found: Attempt) -> list[np.ndarray] | Mapping[str, np.ndarray] | None:
    """What the student's weights were given; None where one of them fits nothing."""
    if isinstance(found.expected.values, Mapping):
        return found.expected.values
    way = found.trial.assignment
    if any(part is None for part in way):
        return None
    return [part.take(found.expected.values) for part in way if part is not None]


def _expected(found: Attempt) -> Any:
    for name in ("output", "prediction", "distribution", "text", *TERMS):
        for answer in found.expected.answers.get(name, ())[:1]:
            if not isinstance(answer.fault, Fault):
                return answer.value["tokens"] if name == "text" else answer.value
    return None


def _as_lists(value: Any) -> Any:
    """Tuples as lists, for `leaves`."""
    if isinstance(value, Mapping):
        return [_as_lists(item) for item in value.values()]
    if isinstance(value, list | tuple):
        return [_as_lists(item) for item in value]
    return value
