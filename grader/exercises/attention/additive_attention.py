"""AdditiveAttention: query and key are added, bent by tanh, and weighed feature by feature."""

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

_Additive: Any = attending(keras.layers.AdditiveAttention)


def _weight(layer: Any) -> Any:
    return 1.0 if layer.scale is None else layer.scale


class _NoTanh(_Additive):
    def scores(self, query: Any, key: Any) -> Any:
        return ops.sum(_weight(self) * (query[:, :, None] + key[:, None]), axis=-1)


class _TanhOfEach(_Additive):
    def scores(self, query: Any, key: Any) -> Any:
        return ops.sum(_weight(self) * (ops.tanh(query)[:, :, None] + ops.tanh(key)[:, None]), -1)


class _ScaleInside(_Additive):
    def scores(self, query: Any, key: Any) -> Any:
        return ops.sum(ops.tanh(_weight(self) * (query[:, :, None] + key[:, None])), axis=-1)


class _DividedByScale(_Additive):
    def scores(self, query: Any, key: Any) -> Any:
        return ops.sum(ops.tanh(query[:, :, None] + key[:, None]) / _weight(self), axis=-1)


class _Mean(_Additive):
    def scores(self, query: Any, key: Any) -> Any:
        return super().scores(query, key) / query.shape[-1]


class _Product(_Additive):
    def scores(self, query: Any, key: Any) -> Any:
        return ops.matmul(query * _weight(self), ops.swapaxes(key, -2, -1))


class _NoScale(_Additive):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "use_scale": False})


class _AlwaysScale(_Additive):
    def __init__(self, *args: Any, use_scale: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, use_scale=True, **kwargs)


class _OneScale(_Additive):
    def build(self, input_shape: Any) -> None:
        self.scale = self.add_weight(name="scale", shape=()) if self.use_scale else None


class _Concatenated(_Additive):
    """The paper's other way: both side by side, so twice as many numbers."""

    def build(self, input_shape: Any) -> None:
        shape = (2 * input_shape[0][-1],)
        self.scale = self.add_weight(name="scale", shape=shape) if self.use_scale else None

    def scores(self, query: Any, key: Any) -> Any:
        spread = ops.zeros_like(query[:, :, None] + key[:, None])
        both = ops.concatenate([query[:, :, None] + spread, key[:, None] + spread], axis=-1)
        return ops.sum(_weight(self) * ops.tanh(both), axis=-1)


additive_attention = Exercise(
    name="AdditiveAttention",
    unit=UNIT,
    layer="AdditiveAttention",
    reference=keras.layers.AdditiveAttention,
    forbid=("AdditiveAttention",),
    kinds=(*KINDS, Kind("no scale", lambda d: switched(d, use_scale=False))),
    aspects=ASPECTS,
    edges=EDGES,
    misconceptions=(
        Misconception(
            "tanh missing",
            "Your scores are plain sums: they do not go through tanh.",
            "Without a nonlinear function, can the query change the order of the keys' scores?",
            _NoTanh,
        ),
        Misconception(
            "tanh before the sum",
            "Your layer applies tanh to the query and to the key separately, and adds them "
            "afterwards.",
            "What goes into tanh: one vector, or a sum of two?",
            _TanhOfEach,
        ),
        Misconception(
            "scale inside tanh",
            "Your layer multiplies by the scale before tanh.",
            "Should the scale weigh the results of tanh, or make tanh steeper?",
            _ScaleInside,
        ),
        Misconception(
            "divided by the scale",
            "Your layer divides by the scale, feature by feature.",
            "A feature with a larger scale: should it count for more or for less?",
            _DividedByScale,
        ),
        Misconception(
            "mean for sum",
            "Your score is the mean over the features.",
            "How do the weighted features become a single score?",
            _Mean,
        ),
        Misconception(
            "product for sum",
            "Your scores are products, as in Attention.",
            "The layer's name says what it does with query and key: what is it?",
            _Product,
        ),
        Misconception(
            "concatenation for addition",
            "Your layer concatenates query and key.",
            "How long is the weight vector? The vector that it multiplies has the same length.",
            _Concatenated,
        ),
        Misconception(
            "no scale",
            "Your layer never learns a scale, although use_scale is True by default.",
            "How many numbers does this layer learn?",
            _NoScale,
        ),
        Misconception(
            "use_scale ignored",
            "Your layer learns a scale even with use_scale=False.",
            "Where does build() use the argument?",
            _AlwaysScale,
        ),
        Misconception(
            "a single scale",
            "Your scale is a single number, as in Attention.",
            "Are all features equally important?",
            _OneScale,
        ),
        *usual_ideas(_Additive),
    ),
)


def _count(dim: int, use_scale: bool = True) -> int:
    layer = keras.layers.AdditiveAttention(use_scale=use_scale)
    shape = (None, 3, dim)
    layer([keras.KerasTensor(shape), keras.KerasTensor(shape)])
    return int(layer.count_params())


def _dim(draw: Draw, **more: Any) -> Case:
    return Case({"dim": draw.size(3, 60), **more})


additive_attention_params = Exercise(
    name="additive_attention_params",
    unit=UNIT,
    layer="AdditiveAttention",
    reference=_count,
    kinds=(
        Kind("with a scale", _dim),
        Kind("with a scale, another width", _dim),
        Kind("without a scale", lambda d: _dim(d, use_scale=False)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "a single number",
            "Your count has a single number as the scale, for all features.",
            "Which of the two attention layers has a scale of one number?",
            lambda dim, use_scale=True: int(use_scale),
        ),
        Misconception(
            "use_scale ignored",
            "Your count has a scale even when use_scale is False.",
            "What is left of the formula without a scale?",
            lambda dim, use_scale=True: dim,
        ),
        Misconception(
            "one vector for each of the two",
            "Your count has a vector for the query and one for the key.",
            "After query and key are added, how many vectors are left to weigh?",
            lambda dim, use_scale=True: 2 * dim * use_scale,
        ),
        Misconception(
            "a matrix",
            "Your count has a whole matrix.",
            "Does Keras's layer multiply query and key by kernels, as the paper did?",
            lambda dim, use_scale=True: dim * dim * use_scale,
        ),
        Misconception(
            "a bias",
            "Your count adds a bias.",
            "What does the formula contain besides the sum, tanh and the scale?",
            lambda dim, use_scale=True: (dim + 1) * use_scale,
        ),
    ),
)
