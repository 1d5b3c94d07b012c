"""SoftCap: logits that cannot leave a range, and are nearly as they were near 0. Only mended.

Keras has it as `logit_soft_cap` of ReversibleEmbedding; a test holds the reference against that.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.decoder.parts import UNIT
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, zeroed


class SoftCap(keras.layers.Layer):
    """cap * tanh(logits / cap), as in Gemma 2 (Gemma Team, 2024)."""

    def __init__(self, cap: float = 30.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cap = cap

    def call(self, inputs: Any) -> Any:
        """Logits between -cap and cap."""
        return self.cap * ops.tanh(inputs / self.cap)


def _case(draw: Draw, rank: int, cap: float) -> Case:
    case = Case({"cap": cap}, draw.normal(*draw.sizes(rank, 3, 7), scale=cap))
    return case.then(zeroed(case), enlarged(case, 5))


class _NotDivided(SoftCap):
    def call(self, inputs: Any) -> Any:
        return self.cap * ops.tanh(inputs)


class _NotMultiplied(SoftCap):
    def call(self, inputs: Any) -> Any:
        return ops.tanh(inputs / self.cap)


class _Clipped(SoftCap):
    def call(self, inputs: Any) -> Any:
        return ops.clip(inputs, -self.cap, self.cap)


class _Sigmoid(SoftCap):
    def call(self, inputs: Any) -> Any:
        return self.cap * ops.sigmoid(inputs / self.cap)


class _OtherWayRound(SoftCap):
    def call(self, inputs: Any) -> Any:
        return ops.tanh(inputs * self.cap) / self.cap


soft_cap = Exercise(
    name="SoftCap",
    unit=UNIT,
    layer="ReversibleEmbedding",
    reference=SoftCap,
    kinds=(
        Kind("a cap of 3", lambda d: _case(d, 2, 3.0)),
        Kind("a small cap", lambda d: _case(d, 3, 0.4)),
        Kind("cap left out", lambda d: Case({}, d.normal(*d.sizes(2), scale=30)), once=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 4, "gradient": 1},
    misconceptions=(
        Misconception(
            "not divided before tanh",
            "Your layer takes tanh of the logits as they are, and then multiplies by the cap.",
            "If the cap is 3, a logit of 0.1 should come out as nearly 0.1: what comes out?",
            _NotDivided,
        ),
        Misconception(
            "not multiplied after tanh",
            "Your layer divides by the cap before tanh, and does not multiply by it afterwards.",
            "Between which numbers does tanh lie, and between which should the logits lie?",
            _NotMultiplied,
        ),
        Misconception(
            "clipped",
            "Your layer cuts off what is beyond the cap.",
            "What is the gradient of a logit that was cut off?",
            _Clipped,
        ),
        Misconception(
            "sigmoid for tanh",
            "Your layer uses sigmoid in the place of tanh.",
            "Where should a logit of 0 go?",
            _Sigmoid,
        ),
        Misconception(
            "multiplied first, divided after",
            "Your layer multiplies by the cap before tanh, and divides by it afterwards.",
            "Should large logits get closer together before tanh, or further apart?",
            _OtherWayRound,
        ),
    ),
)
