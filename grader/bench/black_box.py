"""A layer class whose code is elsewhere: a test can make it, call it and set its weights.

    the student's process                 elsewhere (at home: the same process)
    black_box(ask) -- plain questions --> the layer itself
                   <------- arrays ------

So a test that a student writes can judge a layer by what it does and by nothing else: there is no
source, no name and no base class to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from grader.bench.arrays import plain
from grader.bench.backend import keras, tf
from grader.bench.probe import Ref

Ask = Callable[[dict[str, Any]], Any]
"""Puts one question, as plain data, to the layers that are elsewhere; gives plain data."""


class LayerRaised(Exception):
    """The layer under test raised an exception; its own words stay where it is."""


class Weight:
    """A weight of such a layer: its shape and its value."""

    def __init__(self, layer: Layer, index: int, value: np.ndarray) -> None:
        self.shape, self.dtype = value.shape, str(value.dtype)
        self._layer, self._index = layer, index

    def numpy(self) -> np.ndarray:
        """Its value."""
        return self._layer.get_weights()[self._index]

    def __array__(self, dtype: Any = None, copy: Any = None) -> np.ndarray:
        return np.asarray(self.numpy(), dtype)

    def assign(self, value: Any) -> None:
        """Give it another value."""
        values = self._layer.get_weights()
        values[self._index] = value
        self._layer.set_weights(values)


class Layer:
    """The layer under test. It takes arrays and tensors, and gives tensors."""

    _ask: Ask

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        config = {"args": _sent(list(args)), "kwargs": _sent(kwargs)}
        self._number = type(self)._ask({"do": "make", **config})

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return _received(self._put("call", args=_sent(list(args)), kwargs=_sent(kwargs)))

    def build(self, input_shape: Any) -> None:
        """Make the weights for inputs of this shape."""
        self._put("build", shape=_sent(input_shape))

    def get_weights(self) -> list[np.ndarray]:
        """The values of the weights; none before the first call."""
        return [np.array(value) for value, _ in self._put("weights")]

    def set_weights(self, weights: Sequence[Any]) -> None:
        """Give all weights other values, in their order."""
        self._put("set", weights=[np.asarray(plain(weight)) for weight in weights])

    @property
    def weights(self) -> list[Weight]:
        """The weights, in their order."""
        return [Weight(self, n, value) for n, (value, _) in enumerate(self._put("weights"))]

    @property
    def trainable_weights(self) -> list[Weight]:
        """Those that training changes."""
        trained = [row[1] for row in self._put("weights")]
        return [one for one, is_trained in zip(self.weights, trained, strict=True) if is_trained]

    def count_params(self) -> int:
        """The number of numbers in all weights."""
        return sum(value.size for value in self.get_weights())

    def _put(self, what: str, **more: Any) -> Any:
        return type(self)._ask({"do": what, "layer": self._number, **more})


def black_box(ask: Ask) -> type[Layer]:
    """A class for the layer to which these questions go. All such classes look the same."""
    return type("Layer", (Layer,), {"_ask": staticmethod(ask), "__module__": __name__})


def _sent(value: Any) -> Any:
    """The value as plain data; a function of Keras by its name."""
    if callable(value) and hasattr(keras.activations, name := getattr(value, "__name__", "")):
        return Ref(f"keras.activations.{name}")
    if isinstance(value, Mapping):
        return {str(key): _sent(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_sent(item) for item in value)
    if isinstance(value, np.generic):
        return value.item()
    return plain(value)


def _received(value: Any) -> Any:
    """What a call gives: tensors, nested as the layer nests them."""
    if isinstance(value, list):
        return [_received(item) for item in value]
    if isinstance(value, dict):
        return {key: _received(item) for key, item in value.items()}
    return value if value is None else tf.convert_to_tensor(value)
