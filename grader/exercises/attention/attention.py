"""Attention: every query takes a weighted mean of the values, weighed by how the keys suit it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.attention.attending import (
    ASPECTS,
    EDGES,
    KINDS,
    UNIT,
    attending,
    switched,
    usual_ideas,
)
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception

_Attention: Any = attending(keras.layers.Attention)


class _RootOfWidth(_Attention):
    def scores(self, query: Any, key: Any) -> Any:
        return super().scores(query, key) / query.shape[-1] ** 0.5


class _DividedByScale(_Attention):
    def scores(self, query: Any, key: Any) -> Any:
        scores = ops.matmul(query, ops.swapaxes(key, -2, -1))
        return scores if self.scale is None else scores / self.scale


class _NoScale(_Attention):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "use_scale": False})


class _ScalePerFeature(_Attention):
    def build(self, input_shape: Any) -> None:
        self.scale = None
        if self.use_scale:
            self.scale = self.add_weight(name="scale", shape=(input_shape[0][-1],))

    def scores(self, query: Any, key: Any) -> Any:
        scaled = query if self.scale is None else query * self.scale
        return ops.matmul(scaled, ops.swapaxes(key, -2, -1))


attention = Exercise(
    name="Attention",
    unit=UNIT,
    layer="Attention",
    reference=keras.layers.Attention,
    forbid=("Attention",),
    kinds=(*KINDS, Kind("use_scale", lambda d: switched(d, use_scale=True))),
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "scaled by the root of the width",
            "Your scores are divided by the square root of the width, as in later models.",
            "Does the formula of this layer scale anything when use_scale is False?",
            _RootOfWidth,
        ),
        Misconception(
            "divided by the scale",
            "Your scores are divided by the scale that your layer learns.",
            "In the formula, does a larger scale make the scores larger or smaller?",
            _DividedByScale,
        ),
        Misconception(
            "use_scale ignored",
            "Your layer never learns a scale, although use_scale is True.",
            "How many numbers does this layer learn with use_scale=True?",
            _NoScale,
        ),
        Misconception(
            "a scale for each feature",
            "Your scale has a number for each feature, as in AdditiveAttention.",
            "How many numbers does this layer learn with use_scale=True?",
            _ScalePerFeature,
        ),
        *usual_ideas(_Attention),
    ),
)


def _shapes(query_shape: Any, value_shape: Any) -> Any:
    layer = keras.layers.Attention()
    key_shape = (*value_shape[:2], query_shape[2])
    inputs = [keras.KerasTensor(tuple(s)) for s in (query_shape, value_shape, key_shape)]
    return [tuple(part.shape) for part in layer(inputs, return_attention_scores=True)]


def _arguments(draw: Draw, batch: bool) -> Case:
    samples, queries, places, width, wide = draw.sizes(5, 2, 12)
    first = samples if batch else None
    return Case({"query_shape": (first, queries, width), "value_shape": (first, places, wide)})


attention_shapes = Exercise(
    name="attention_shapes",
    unit=UNIT,
    layer="Attention",
    reference=_shapes,
    kinds=(
        Kind("a batch", lambda d: _arguments(d, True)),
        Kind("an unknown batch", lambda d: _arguments(d, False)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "output as wide as the query",
            "Your output has the width of the query.",
            "Each output is a weighted mean. Of which vectors?",
            lambda query_shape, value_shape: [
                tuple(query_shape),
                (*query_shape[:2], value_shape[1]),
            ],
        ),
        Misconception(
            "output as long as the value",
            "Your output has a place for each place of the value.",
            "Which of the inputs asks, and gets one answer for each of its places?",
            lambda query_shape, value_shape: [
                tuple(value_shape),
                (*query_shape[:2], value_shape[1]),
            ],
        ),
        Misconception(
            "scores transposed",
            "Your scores have the places first, and the queries second.",
            "One row of the scores is the attention of one query: how long is a row?",
            lambda query_shape, value_shape: [
                (*query_shape[:2], value_shape[2]),
                (value_shape[0], value_shape[1], query_shape[1]),
            ],
        ),
        Misconception(
            "scores as an output",
            "Your scores have the shape of the output.",
            "With how many places is each query compared?",
            lambda query_shape, value_shape: [(*query_shape[:2], value_shape[2])] * 2,
        ),
        Misconception(
            "scores without the batch",
            "Your scores have no batch axis.",
            "Do two samples share their attention?",
            lambda query_shape, value_shape: [
                (*query_shape[:2], value_shape[2]),
                (query_shape[1], value_shape[1]),
            ],
        ),
    ),
)
