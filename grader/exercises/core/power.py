"""Lambda: a function as a layer, by `lambda` and by `def`, and what becomes of it in a file."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import short, zeroed

UNIT, UNIT_OF_FILES = "00-your-first-layer", "05-saving"
PACKAGE = "layer_by_layer"
"""Under which Keras knows the functions and classes of this file: no student's stands there."""

_registered = keras.saving.register_keras_serializable(PACKAGE)


@_registered
def _raise(inputs: Any, exponent: float) -> Any:
    return ops.power(inputs, exponent)


def _raise_unknown(inputs: Any, exponent: float) -> Any:
    return ops.power(inputs, exponent)


def _power(exponent: float, function: Callable[..., Any] = _raise) -> keras.layers.Layer:
    return keras.layers.Lambda(function, arguments={"exponent": exponent})


def _case(draw: Draw, exponent: int, rank: int = 2, smallest: int = 2, **facts: Any) -> Case:
    """Whole exponents: numbers below zero have these powers too. No number is near zero."""
    inputs = draw.normal(*draw.sizes(rank, smallest, smallest + 5))
    inputs += 0.3 * np.sign(inputs)
    case = Case({"exponent": exponent}, inputs, facts=facts)
    return case.then(short(case, -1))


def _square_case(draw: Draw) -> Case:
    """Called again with zeros: `_nought` may draw the exponent that makes ones of them."""
    case = _case(draw, 2)
    return case.then(zeroed(case))


def _nought(draw: Draw) -> Case:
    """What is raised to 0 is 1, even 0 itself; a number to the power of 1 stays."""
    case = Case({"exponent": draw.choice((0, 1))}, draw.normal(draw.size(), 1))
    return case.then(zeroed(case)).with_known_batch()


def _by(function: Callable[[Any, float], Any]) -> Callable[[float], keras.layers.Layer]:
    """A layer for each exponent, from a function of both."""
    return lambda exponent: _power(exponent, function)


@_registered
def _multiply(inputs: Any, exponent: float) -> Any:
    return inputs * exponent


@_registered
def _square(inputs: Any, exponent: float) -> Any:
    return ops.square(inputs)


_MULTIPLIES = Misconception(
    "multiplies",
    "Your layer multiplies by the exponent.",
    "What is 3 to the power of 2: 6 or 9?",
    _by(_multiply),
)
_ALWAYS_THE_SQUARE = Misconception(
    "always the square",
    "Your layer always squares and ignores the exponent.",
    "Where does your function use the exponent?",
    _by(_square),
)

power_layer = Exercise(
    name="power_layer",
    unit=UNIT,
    layer="Lambda",
    reference=_power,
    kinds=(
        Kind("the square", _square_case),
        Kind("the cube, rank 3", lambda d: _case(d, 3, rank=3)),
        Kind("an exponent below zero", lambda d: _case(d, d.choice((-1, -2, -3)))),
        Kind("an exponent of 0 or 1", _nought, edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 2},
    edges={
        "exponent: 0 or 1": given("exponent", 0, 1),
        "inputs: one number": size_one(-1),
        "inputs: zero": zeros,
    },
    misconceptions=(
        _MULTIPLIES,
        _ALWAYS_THE_SQUARE,
        Misconception(
            "the other way round",
            "Your layer raises the exponent to the power of the inputs.",
            "In two to the power of x, which one is the base?",
            _by(lambda x, exponent: ops.power(ops.cast(exponent, x.dtype), x)),
        ),
        Misconception(
            "the sign is lost",
            "Your layer takes the power of the absolute value.",
            "What is the cube of -2?",
            _by(lambda x, exponent: ops.power(ops.abs(x), exponent)),
        ),
    ),
)


_MADE_BY: dict[str, Callable[..., Any]] = {
    "lambda": lambda inputs, exponent: inputs**exponent,
    "def": _raise_unknown,
    "registered def": _raise,
}


def _can_load(function: str, safe_mode: bool = True) -> bool:
    saved = keras.saving.serialize_keras_object(_power(2, _MADE_BY[function]))
    try:
        keras.saving.deserialize_keras_object(saved, safe_mode=safe_mode)
    except (TypeError, ValueError):
        return False
    return True


def _asked(function: str, safe_mode: bool) -> Kind:
    case = Case({"function": function, "safe_mode": safe_mode})
    return Kind(f"{function}, {'safe' if safe_mode else 'unsafe'}", lambda draw: case)


can_load = Exercise(
    name="can_load",
    unit=UNIT_OF_FILES,
    layer="Lambda",
    reference=_can_load,
    kinds=tuple(_asked(function, safe) for function in _MADE_BY for safe in (True, False)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "safe mode refuses every function",
            "Your answer says that safe mode refuses registered functions too.",
            "What does the file contain: code, or a name that you registered yourself?",
            lambda function, safe_mode=True: not safe_mode and function != "def",
        ),
        Misconception(
            "a lambda never comes back",
            "Your answer says that a lambda is refused even without safe mode.",
            "The file contains the code of the lambda: what stops Keras from running it?",
            lambda function, safe_mode=True: function == "registered def",
        ),
        Misconception(
            "safe mode does not matter",
            "Your answer says that a lambda is loaded even in safe mode.",
            "If the file came from a stranger, whose code would run?",
            lambda function, safe_mode=True: function != "def",
        ),
        Misconception(
            "a def is enough",
            "Your answer says that Keras finds a def that is not registered.",
            "The file contains only a name: where could Keras look for it?",
            lambda function, safe_mode=True: function != "lambda" or not safe_mode,
        ),
    ),
)


def _lambda(exponent: float) -> keras.layers.Layer:
    return keras.layers.Lambda(lambda inputs: inputs**exponent)


def _registered_inside(exponent: float) -> keras.layers.Layer:
    def inside(inputs: Any) -> Any:
        return ops.power(inputs, exponent)

    return keras.layers.Lambda(_registered(inside))


def _bound(exponent: float) -> keras.layers.Layer:
    return keras.layers.Lambda(functools.partial(_raise, exponent=exponent))


@_registered
class _Forgets(keras.layers.Layer):
    """A layer of its own, whose config does not hold the exponent."""

    def __init__(self, exponent: float = 2, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.exponent = exponent

    def call(self, inputs: Any) -> Any:
        return ops.power(inputs, self.exponent)

    def get_config(self) -> dict[str, Any]:
        config = super().get_config()
        config.pop("exponent", None)
        return dict(config)


_FILES: dict[str, Any] = {"another": {"exponent": 5}, "told": False, "forms": (".keras", ".h5")}
"""Another layer is made between saving and loading: what is in the file must be enough."""

lasting_power = Exercise(
    name="lasting_power",
    unit=UNIT_OF_FILES,
    layer="Lambda",
    reference=_power,
    kinds=(
        Kind("the square", _square_case),
        Kind("an exponent below zero", lambda d: _case(d, d.choice((-1, -2, -3)))),
        Kind("an exponent of 0 or 1", _nought, edge=True),
        Kind("the cube, rank 3", lambda d: _case(d, 3, 3, 4, **_FILES), also=("saving",)),
    ),
    aspects={"output": 1, "saving": 3},
    edges={
        "exponent: 0 or 1": given("exponent", 0, 1),
        "inputs: one number": size_one(-1),
        "inputs: zero": zeros,
    },
    misconceptions=(
        _MULTIPLIES,
        _ALWAYS_THE_SQUARE,
        Misconception(
            "an anonymous function",
            "Your layer holds a lambda: it is saved as code, and safe mode refuses code.",
            "What could the file contain instead of code, so that Keras can look it up?",
            _lambda,
        ),
        Misconception(
            "not registered",
            "Your function has a name, but Keras does not know it when it loads the file.",
            "Which decorator registers a function with Keras?",
            _by(_raise_unknown),
        ),
        Misconception(
            "registered inside",
            "Your function is made and registered again in each call, always under the same name: "
            "a loaded layer gets the exponent of the layer that was made last.",
            "What in your file says which exponent the layer had? Look at the arguments of Lambda.",
            _registered_inside,
        ),
        Misconception(
            "functools.partial",
            "Your layer holds a functools.partial, which cannot be saved.",
            "Your function needs more than the inputs: which argument of Lambda passes it on?",
            _bound,
        ),
        Misconception(
            "exponent not in the config",
            "Your layer comes back with its default exponent: the config does not contain the "
            "exponent.",
            "Which arguments does __init__ need to make the same layer again?",
            _Forgets,
        ),
    ),
)
