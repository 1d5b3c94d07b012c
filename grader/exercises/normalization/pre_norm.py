"""A residual block that normalizes first: inputs + Dense(Dense(norm(inputs))). Only mended.

There is no such layer in Keras: the reference is made of Keras's layers.
"""

from __future__ import annotations

from typing import Any

import keras

from grader.exercises.draw import Draw
from grader.exercises.edges import zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import zeroed
from grader.exercises.normalization.normalizing import UNIT


def _case(draw: Draw, rank: int) -> Case:
    """The block's numbers are of the size of its inputs', so that neither hides the other."""
    shape = draw.sizes(rank, 3, 7)
    return Case({"units": draw.size(8, 12)}, draw.normal(*shape, scale=2.0))


def _constant(draw: Draw) -> Case:
    case = _case(draw, 2)
    return case.then(zeroed(case)).with_known_batch()


class _Block(keras.layers.Layer):
    """The right block; each wrong one puts its parts together in another way."""

    def __init__(self, units: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.norm = keras.layers.LayerNormalization()
        self.widen = keras.layers.Dense(units, activation="relu")

    def build(self, input_shape: Any) -> None:
        self.narrow = keras.layers.Dense(input_shape[-1])
        self.norm.build(input_shape)
        self.widen.build(input_shape)
        self.narrow.build((*input_shape[:-1], self.widen.units))

    def inner(self, inputs: Any) -> Any:
        return self.narrow(self.widen(inputs))

    def call(self, inputs: Any) -> Any:
        return inputs + self.inner(self.norm(inputs))


class _ResidualNormalized(_Block):
    def call(self, inputs: Any) -> Any:
        normal = self.norm(inputs)
        return normal + self.inner(normal)


class _PostNorm(_Block):
    def call(self, inputs: Any) -> Any:
        return self.norm(inputs + self.inner(inputs))


class _InnerNormalized(_Block):
    def call(self, inputs: Any) -> Any:
        return inputs + self.norm(self.inner(inputs))


class _NoResidual(_Block):
    def call(self, inputs: Any) -> Any:
        return self.inner(self.norm(inputs))


class _NotNormalized(_Block):
    def call(self, inputs: Any) -> Any:
        return inputs + self.inner(inputs)


pre_norm = Exercise(
    name="PreNorm",
    unit=UNIT,
    layer="LayerNormalization",
    reference=_Block,
    kinds=(
        Kind("rank 2", lambda d: _case(d, 2)),
        Kind("sequences", lambda d: _case(d, 3)),
        Kind("rank 4", lambda d: _case(d, 4), hidden=True),
        Kind("zeros", _constant, edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 4, "gradient": 1},
    edges={"inputs: zero": zeros},
    misconceptions=(
        Misconception(
            "residual taken after the normalization",
            "Your block adds the normalized inputs. It should add the inputs as they came.",
            "A stack of blocks is a sum: which numbers must reach its end unchanged?",
            _ResidualNormalized,
        ),
        Misconception(
            "normalized after the sum",
            "Your block normalizes the sum: that is post-norm.",
            "What do the Dense layers read here, the inputs or the normalized inputs?",
            _PostNorm,
        ),
        Misconception(
            "output of the Dense layers normalized",
            "Your block normalizes what comes out of the Dense layers, not what goes in.",
            "Does the normalization stand before the Dense layers, or behind them?",
            _InnerNormalized,
        ),
        Misconception(
            "nothing added",
            "Your block gives out what its Dense layers give, and does not add its inputs.",
            "What does the word residual say?",
            _NoResidual,
        ),
        Misconception(
            "not normalized",
            "Your block does not use its normalization.",
            "Which numbers do the Dense layers read?",
            _NotNormalized,
        ),
    ),
)
