"""One call of a layer, with numbers or with symbols."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.bench.arrays import dtype_name
from grader.bench.backend import keras, tf

_MOST_OUTPUTS = 1 << 22


class BadAnswer(TypeError):
    """The student's code gave no layer, or its layer gave no tensor."""


def call_layer(layer: Any, inputs: Any, call: Mapping[str, Any]) -> Any:
    """What the layer gives for these arrays: a tensor, or several of them, nested as it likes.

    Raises `BadAnswer` where that holds nothing, or something that is not a tensor; and whatever the
    student's code raises.
    """
    inputs = keras.tree.map_structure(tf.convert_to_tensor, inputs)
    _refuse_axes(layer, inputs)
    output = layer(*by_position(inputs), **call)
    leaves = keras.tree.flatten(output)
    if output is None or not leaves:
        raise BadAnswer("call() returned None: it must return the output")
    for leaf in leaves:
        if not keras.ops.is_tensor(leaf):
            raise BadAnswer(f"call() returned a {name_of(type(leaf))}, not a tensor")
    return output


def call_symbolic(layer: Any, inputs: Any, call: Mapping[str, Any], *, traced: bool = True) -> Any:
    """Call with symbols for all arrays: masks among the keyword arguments have a batch axis too.

    Where the layer says its output shape itself, Keras does not ask its `call`. A model that is
    trained will: with `traced` it is traced besides, for a batch of any size.
    """
    sources, keywords = _symbols(inputs, call)
    output = layer(*by_position(sources), **keywords)
    if traced and not getattr(layer.compute_output_shape, "__module__", "").startswith("keras."):
        keras.src.backend.compute_output_spec(layer.call, *by_position(sources), **keywords)
    return output


def _symbols(inputs: Any, call: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    def symbol(value: Any) -> Any:
        if not isinstance(value, np.ndarray):
            return value
        return keras.KerasTensor((None, *value.shape[1:]), dtype=dtype_name(value))

    found: tuple[Any, dict[str, Any]] = keras.tree.map_structure(symbol, (inputs, dict(call)))
    return found


def by_position(inputs: Any) -> tuple[Any, ...]:
    """The arguments before the keywords: a tuple holds several, as a cell's inputs and states."""
    return inputs if isinstance(inputs, tuple) else (inputs,)


def _refuse_axes(layer: Any, inputs: Any) -> None:
    """Say briefly that a model wants another number of axes; Keras says it with all the values."""
    if not isinstance(layer, keras.Model) or not keras.ops.is_tensor(inputs):
        return
    takes, got = getattr(layer, "input_shape", None), len(inputs.shape)
    if isinstance(takes, tuple) and len(takes) != got:
        raise ValueError(f"the model takes batches of {len(takes)} axes, and got {got} axes")


def refuse_too_many(outputs: Sequence[Any]) -> None:
    """Before the memory of several such arrays is wanted: no exercise has outputs of this size."""
    count = sum(math.prod(output.shape) for output in outputs)
    if count > _MOST_OUTPUTS:
        raise BadAnswer(f"call() returned {count} numbers: too many to take gradients of")


def method_of(layer: Any, name: str) -> Any:
    """The layer's method of this name; raises `BadAnswer` where it has none."""
    method = getattr(layer, name, None)
    if not callable(method):
        raise BadAnswer(f"{name_of(type(layer))} has no method {name}")
    return method


def name_of(thing: Any) -> str:
    """The name of a function or a class, or of the class of anything else."""
    return getattr(thing, "__name__", type(thing).__name__)
