"""Keeps the layers of a zoo, and answers what a test asks of them, in plain data.

At home it stands in the student's process. In grading it stands in a box of its own, where no
student's code ever runs; what a test asks comes there as data (see `grader.grading.zoo_session`).
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

from grader.bench.arrays import plain
from grader.bench.backend import keras, tf
from grader.bench.configs import resolve

_MOST_LAYERS, _MOST_ASKED = 200, 2000
"""Layers that a test may make of one class, and questions that it may put, as its text says."""


class Keeper:
    """Answers questions about the layers that a class makes.

    Arguments by position go to where Keras's layer, `like`, has them: the layer of a wrong idea may
    take them by name only, and that is not what is wrong with it. Arguments that
    are not in `takes`, nor in a call in `calls`, are refused for every layer alike.
    """

    def __init__(
        self,
        made: Callable[..., Any],
        like: type,
        takes: Collection[str],
        calls: Collection[str] = (),
    ) -> None:
        self._class, self._like = made, like
        self._takes, self._calls = takes, calls
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
            _refuse_others(ask["kwargs"], self._calls)
            return plain(layer(*map(_tensors, ask["args"]), **_tensors(ask["kwargs"])))
        if ask["do"] == "build":
            layer.build(ask["shape"])
            return None
        if ask["do"] == "weights":
            return [[plain(weight), bool(weight.trainable)] for weight in layer.weights]
        if ask["do"] == "set":
            layer.set_weights(ask["weights"])
            return None
        raise ValueError("there is no such question")

    def _make(self, ask: Mapping[str, Any]) -> int:
        if len(self._layers) >= _MOST_LAYERS:
            raise ValueError(f"a test may make {_MOST_LAYERS} layers")
        config = self._by_name(ask["args"], ask["kwargs"])
        _refuse_others(config, self._takes)
        self._layers.append(self._class(**config))
        return len(self._layers) - 1

    def _by_name(self, args: Any, kwargs: Any) -> dict[str, Any]:
        signature = inspect.signature(vars(self._like)["__init__"])
        bound = signature.bind(None, *args, **kwargs)
        named = dict(list(bound.arguments.items())[1:])
        return {**named, **named.pop("kwargs", {})}


def _refuse_others(given: Mapping[str, Any], known: Collection[str]) -> None:
    if others := sorted(set(given) - set(known)):
        raise TypeError(f"this exercise is not about {', '.join(others)}")


def _tensors(value: Any) -> Any:
    return keras.tree.map_structure(
        lambda part: tf.convert_to_tensor(part) if hasattr(part, "dtype") else part, value
    )
