"""Rescaling: each number times a scale, plus an offset. Students only mend it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras

from grader.exercises.draw import Draw
from grader.exercises.edges import zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import zeroed

UNIT = "00-your-first-layer"


def _case(draw: Draw, rank: int = 2, **config: Any) -> Case:
    scale = draw.choice((0.25, 3.0, -1.5))
    return Case({"scale": scale, **config}, draw.normal(*draw.sizes(rank)))


def _shifted(draw: Draw, rank: int = 2) -> Case:
    return _case(draw, rank, offset=draw.choice((0.75, 2.5, -4.0)))


def _nothing(draw: Draw) -> Case:
    case = _shifted(draw)
    return case.then(zeroed(case)).with_known_batch()


class _OffsetFirst(keras.layers.Rescaling):
    def call(self, inputs: Any) -> Any:
        return (inputs + self.offset) * self.scale


class _Divides(keras.layers.Rescaling):
    def call(self, inputs: Any) -> Any:
        return inputs / self.scale + self.offset


class _ForgetsOffset(keras.layers.Layer):
    """Not a Rescaling of Keras's, whose from_config asks for an offset."""

    def __init__(self, scale: float, offset: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.scale, self.offset = scale, offset

    def call(self, inputs: Any) -> Any:
        return inputs * self.scale + self.offset

    def get_config(self) -> dict[str, Any]:
        return {**super().get_config(), "scale": self.scale}


class _NoOffset(keras.layers.Rescaling):
    def call(self, inputs: Any) -> Any:
        return inputs * self.scale


rescaling = Exercise(
    name="Rescaling",
    unit=UNIT,
    layer="Rescaling",
    reference=keras.layers.Rescaling,
    forbid=("keras.layers.Rescaling",),
    kinds=(
        Kind("scale and offset", _shifted),
        Kind("no offset", _case),
        Kind("rank 4", lambda d: _shifted(d, 4)),
        Kind("zeros", _nothing, edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 3, "gradient": 1},
    edges={"inputs: zero": zeros},
    misconceptions=(
        Misconception(
            "offset before the scale",
            "Your layer adds the offset first, so the offset is scaled too.",
            "What should the layer give for an input of 0?",
            _OffsetFirst,
        ),
        Misconception(
            "divides by the scale",
            "Your layer divides by the scale.",
            "What does a scale of 1/255 do to the number 255?",
            _Divides,
        ),
        Misconception(
            "offset left out",
            "Your layer does not add the offset.",
            "What should the layer give for an input of 0?",
            _NoOffset,
        ),
    ),
)

kept_rescaling = replace(
    rescaling,
    name="Rescaling from its config",
    unit="05-saving",
    aspects={**rescaling.aspects, "config": 2},
    misconceptions=(
        Misconception(
            "offset not in config",
            "Your get_config() forgets the offset.",
            "Which arguments does __init__ need to make the same layer again?",
            _ForgetsOffset,
        ),
        *rescaling.misconceptions,
    ),
)
