"""RepeatVector: a vector becomes a sequence of its copies. Students only mend it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one
from grader.exercises.exercise import Case, Exercise, Kind, Misconception

UNIT = "11-recurrent-wrappers"


def _case(draw: Draw) -> Case:
    samples, times, features = draw.sizes(3)
    return Case({"n": times}, draw.normal(samples, features))


def _single(draw: Draw) -> Case:
    """One copy of one feature."""
    return Case({"n": 1}, draw.normal(draw.size(), 1)).with_known_batch()


class _Repeated(keras.layers.Layer):
    def __init__(self, n: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.n = n


class _FeaturesMixed(_Repeated):
    def call(self, inputs: Any) -> Any:
        return ops.reshape(ops.repeat(inputs, self.n, axis=1), (-1, self.n, inputs.shape[1]))


class _SamplesMixed(_Repeated):
    def call(self, inputs: Any) -> Any:
        return ops.reshape(ops.tile(inputs, (self.n, 1)), (-1, self.n, inputs.shape[1]))


class _TimeLast(_Repeated):
    def call(self, inputs: Any) -> Any:
        return ops.repeat(inputs[:, :, None], self.n, axis=2)


class _OneVector(_Repeated):
    def call(self, inputs: Any) -> Any:
        return ops.tile(inputs, (1, self.n))


repeat_vector = Exercise(
    name="RepeatVector",
    unit=UNIT,
    layer="RepeatVector",
    reference=keras.layers.RepeatVector,
    forbid=("keras.layers.RepeatVector",),
    kinds=(
        Kind("some copies", _case),
        Kind("other sizes", _case),
        Kind("one copy", _single, edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 3, "gradient": 1},
    edges={"n: 1": given("n", 1), "inputs: one feature": size_one(-1)},
    misconceptions=(
        Misconception(
            "features mixed by reshape",
            "Your layer repeats each feature by itself, and the reshape mixes them.",
            "Repeat each number of the row (1, 2). In which order does reshape read them?",
            _FeaturesMixed,
        ),
        Misconception(
            "samples mixed by reshape",
            "Your layer repeats the whole batch, and the reshape mixes the samples.",
            "Which sample should the second step of the first sequence come from?",
            _SamplesMixed,
        ),
        Misconception(
            "time axis last",
            "Your layer puts the new axis last.",
            "Which axis of a sequence is time?",
            _TimeLast,
        ),
        Misconception(
            "one long vector",
            "Your layer joins the copies into one long vector.",
            "How many axes does a batch of sequences have?",
            _OneVector,
        ),
    ),
)
