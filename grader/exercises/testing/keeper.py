"""Keeps the layers of a zoo, and answers what a test asks of them, in plain data.

At home it stands in the student's process. In grading it stands in a box of its own, where no
student's code ever runs; what a test asks comes there as data (see `grader.grading.zoo_session`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from grader.bench.arrays import plain
from grader.bench.backend import keras, tf
from grader.bench.configs import resolve

_MOST_LAYERS, _MOST_ASKED = 200, 2000
"""Layers that a test may make of one class, and questions that it may put, as its text says."""


class Keeper:
    """Answers questions about the layers that a class makes."""

    def __init__(self, made: Callable[..., Any]) -> None:
        self._class = made
        self._layers: list[Any] = []
        self._asked = 0

    def __call__(self, ask: Mapping[str, Any]) -> Any:
        """The answer to one question; raises whatever the layer raises, and `ValueError` for a
        question that there is not."""
        self._asked += 1
        if self._asked > _MOST_ASKED:
            raise ValueError(f"a test may put {_MOST_ASKED} questions")
        ask = resolve(dict(ask))
        if ask["do"] == "make":
            return self._make(ask)
        layer = self._layers[ask["layer"]]
        if ask["do"] == "call":
            return plain(layer(*map(_tensors, ask["args"]), **_tensors(ask["kwargs"])))
        if ask["do"] == "build":
            layer.build(ask["shape"])
            return None
        if ask["do"] == "weights":
            return [[w.name, plain(w), bool(w.trainable)] for w in layer.weights]
        if ask["do"] == "set":
            layer.set_weights(ask["weights"])
            return None
        raise ValueError("there is no such question")

    def _make(self, ask: Mapping[str, Any]) -> int:
        if len(self._layers) >= _MOST_LAYERS:
            raise ValueError(f"a test may make {_MOST_LAYERS} layers")
        self._layers.append(self._class(*ask["args"], **ask["kwargs"]))
        return len(self._layers) - 1


def _tensors(value: Any) -> Any:
    return keras.tree.map_structure(
        lambda part: tf.convert_to_tensor(part) if hasattr(part, "dtype") else part, value
    )
