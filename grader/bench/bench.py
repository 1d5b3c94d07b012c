"""The student's layer under test, and what makes further ones of the same config."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from grader.bench.backend import keras
from grader.bench.calls import BadAnswer, name_of
from grader.bench.configs import fresh


class Bench:
    """A candidate, and the config that its layers are made with."""

    def __init__(
        self,
        candidate: Callable[..., Any],
        config: Mapping[str, Any],
        ask: Callable[[dict[str, Any]], Any] | None = None,
    ) -> None:
        self.candidate = candidate
        self.config = config
        self.ask = ask or _nobody
        """Puts a question to the keeper of the layers that the candidate judges."""
        self.to_save: tuple[Any, Any] | None = None
        """A model with the layer, and the layer: all forms of saving share it."""

    @functools.cached_property
    def layer(self) -> Any:
        """The layer under test."""
        return self.make()

    def make(self) -> Any:
        """A new layer of this config."""
        layer = self.candidate(**fresh(self.config))
        if not isinstance(layer, keras.layers.Layer):
            raise BadAnswer(
                f"{name_of(self.candidate)} gave a {name_of(type(layer))}, not a keras.Layer"
            )
        return layer


def _nobody(question: dict[str, Any]) -> Any:
    raise BadAnswer("nobody is there to be asked about a layer")
