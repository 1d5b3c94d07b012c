"""RMSNormalization: each vector divided by the root of its mean square; no mean is taken away."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import axes, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import short, zeroed
from grader.exercises.normalization.normalizing import (
    EPSILONS,
    UNIT,
    EpsilonOmitted,
    EpsilonOutside,
    RootOmitted,
    small,
)


def _case(draw: Draw, rank: int) -> Case:
    return Case({"epsilon": draw.choice(EPSILONS)}, small(draw, *draw.sizes(rank, 3, 8)))


def _films(draw: Draw) -> Case:
    """Pictures in a row: the text says any rank."""
    config = {"epsilon": draw.choice(EPSILONS)}
    return Case(config, small(draw, *draw.sizes(5, 2, 6))).with_known_batch()


def _steps(draw: Draw) -> Case:
    """Called again with sequences of one step."""
    case = _case(draw, 3)
    return case.then(short(case, 1))


def _tiny(draw: Draw) -> Case:
    """Numbers so small that the epsilon that is not given matters."""
    return Case({}, 0.03 * small(draw, *draw.sizes(3, 3, 8)))


def _constant(draw: Draw) -> Case:
    case = _case(draw, 2)
    return case.then(zeroed(case)).with_known_batch()


def _single(draw: Draw) -> Case:
    """Vectors of one number: of each, hardly more than its sign is left."""
    return Case({"epsilon": draw.choice(EPSILONS)}, small(draw, draw.size(3, 5), 1))


class _Rms(keras.layers.Layer):
    """A right layer in small steps, so that each wrong one can go astray in one of them."""

    starts = "ones"

    def __init__(self, epsilon: float = 1e-6, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon

    def build(self, input_shape: Any) -> None:
        shape = (input_shape[-1],)
        self.scale = self.add_weight(name="scale", shape=shape, initializer=self.starts)

    def call(self, inputs: Any) -> Any:
        inputs = self.moved(inputs)
        squares = self.squares(ops.square(inputs))
        return self.scaled(inputs / self.divisor(squares))

    def moved(self, inputs: Any) -> Any:
        return inputs

    def squares(self, squares: Any) -> Any:
        return ops.mean(squares, axis=-1, keepdims=True)

    def divisor(self, squares: Any) -> Any:
        return ops.sqrt(squares + self.epsilon)

    def scaled(self, normal: Any) -> Any:
        return self.scale * normal


class _MeanTaken(_Rms):
    def moved(self, inputs: Any) -> Any:
        return inputs - ops.mean(inputs, axis=-1, keepdims=True)


class _ByDeviation(_Rms):
    def call(self, inputs: Any) -> Any:
        variance = ops.var(inputs, axis=-1, keepdims=True)
        return self.scaled(inputs / self.divisor(variance))


class _ByLength(_Rms):
    def squares(self, squares: Any) -> Any:
        return ops.sum(squares, axis=-1, keepdims=True)


class _WholeSample(_Rms):
    def squares(self, squares: Any) -> Any:
        return ops.mean(squares, axis=tuple(range(1, len(squares.shape))), keepdims=True)


class _OverTheBatch(_Rms):
    def squares(self, squares: Any) -> Any:
        return ops.mean(squares, axis=tuple(range(len(squares.shape) - 1)), keepdims=True)


class _NoRoot(RootOmitted, _Rms):
    pass


class _EpsilonOutside(EpsilonOutside, _Rms):
    pass


class _EpsilonFixed(_Rms):
    def divisor(self, squares: Any) -> Any:
        return ops.sqrt(squares + 1e-6)


class _EpsilonOmitted(EpsilonOmitted, _Rms):
    pass


class _DefaultOfOthers(_Rms):
    def __init__(self, epsilon: float = 0.001, **kwargs: Any) -> None:
        super().__init__(epsilon, **kwargs)


class _OnePlus(_Rms):
    starts = "zeros"

    def scaled(self, normal: Any) -> Any:
        return (1.0 + self.scale) * normal


class _NotApplied(_Rms):
    def scaled(self, normal: Any) -> Any:
        return normal


class _LeftOut(_NotApplied):
    def build(self, input_shape: Any) -> None:
        pass


class _WithBeta(_Rms):
    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        self.beta = self.add_weight(name="beta", shape=(input_shape[-1],), initializer="zeros")

    def scaled(self, normal: Any) -> Any:
        return super().scaled(normal) + self.beta


class _CutOff(_Rms):
    def divisor(self, squares: Any) -> Any:
        return ops.stop_gradient(super().divisor(squares))


class _RandomStart(_Rms):
    starts = "glorot_uniform"


rms_normalization = Exercise(
    name="RMSNormalization",
    unit=UNIT,
    layer="RMSNormalization",
    reference=keras.layers.RMSNormalization,
    forbid=("RMSNormalization",),
    kinds=(
        Kind("rank 2", lambda d: _case(d, 2)),
        Kind("sequences, also of one step", _steps),
        Kind("rank 4", lambda d: _case(d, 4)),
        Kind("tiny numbers, nothing given", _tiny),
        Kind("zeros", _constant, edge=True),
        Kind("vectors of one number", _single, edge=True),
        Kind("films, rank 5", _films, edge=True, hidden=True),
    ),
    edges={
        "inputs: zero": zeros,
        "inputs: one step": lambda case: np.ndim(case.inputs) == 3 and size_one(1)(case),
        "inputs: five axes": axes(5),
        "inputs: one feature": size_one(-1),
    },
    aspects={"shape": 1, "parameters": 1, "output": 4, "gradient": 1, "start": 1},
    misconceptions=(
        Misconception(
            "mean taken away",
            "Your layer takes the mean away first, as LayerNormalization does.",
            "In the formula, from what is anything subtracted?",
            _MeanTaken,
        ),
        Misconception(
            "divided by the standard deviation",
            "Your layer divides by the standard deviation. In its squares the mean is taken away.",
            "For a vector of four ones, what is the root mean square, and what is the standard "
            "deviation?",
            _ByDeviation,
        ),
        Misconception(
            "divided by the length",
            "Your layer divides by the length of the vector: the root of the sum of the squares, "
            "not of their mean.",
            "For a vector of four ones, what is the root of the mean square, and what is the "
            "length?",
            _ByLength,
        ),
        Misconception(
            "mean square of the whole sample",
            "Your layer takes one mean square for all of a sample, not one for each vector.",
            "How many vectors along the last axis has a sample of shape (3, 4)?",
            _WholeSample,
        ),
        Misconception(
            "mean square over the batch",
            "Your layer takes the mean square over the samples.",
            "Which numbers of the batch may the output for one vector depend on?",
            _OverTheBatch,
        ),
        Misconception(
            "root omitted",
            "Your layer divides by the mean square, not by its root.",
            "If the inputs are twice as large, how much larger is their mean square?",
            _NoRoot,
        ),
        Misconception(
            "epsilon outside the root",
            "Your layer adds epsilon after the root.",
            "Where does epsilon stand in the formula, under the root or beside it?",
            _EpsilonOutside,
        ),
        Misconception(
            "epsilon of 1e-6",
            "Your layer always uses 1e-6 as epsilon.",
            "Where does your layer store the epsilon that __init__ gets?",
            _EpsilonFixed,
        ),
        Misconception(
            "epsilon omitted",
            "Your layer does not use epsilon.",
            "What is the mean square of a vector of zeros?",
            _EpsilonOmitted,
        ),
        Misconception(
            "default epsilon of the other layers",
            "If epsilon is not given, your layer uses 0.001, as LayerNormalization does.",
            "Does every layer of Keras have the same default? Look at help() for this one.",
            _DefaultOfOthers,
        ),
        Misconception(
            "1 + scale",
            "Your layer multiplies by 1 + scale. Some language models do so; Keras does not.",
            "With a scale of 0, what are the outputs of your layer, and what does the formula say?",
            _OnePlus,
        ),
        Misconception(
            "scale left out",
            "Your layer has no scale, so it has nothing to train.",
            "Which letter in the formula is a weight?",
            _LeftOut,
        ),
        Misconception(
            "scale not applied",
            "Your layer makes its scale, but never uses it.",
            "After the division, what happens to a number next?",
            _NotApplied,
        ),
        Misconception(
            "a beta too many",
            "Your layer adds a beta. It should have a scale and no shift.",
            "How many weights are in the formula?",
            _WithBeta,
        ),
        Misconception(
            "gradient cut off",
            "Your gradients do not pass through the mean square.",
            "If you change one input a little, what else changes besides its own output?",
            _CutOff,
        ),
        Misconception(
            "random start",
            "Your scale starts from random values, so a new layer distorts its inputs.",
            "By what must a number be multiplied to stay as it is?",
            _RandomStart,
        ),
    ),
)


def _length(features: int, scale: float) -> float:
    """The length of what the live layer makes of some vector."""
    layer = keras.layers.RMSNormalization()
    layer.build((None, features))
    layer.scale.assign(np.full(features, scale))
    vector = np.random.default_rng(features).normal(size=(1, features))
    return round(float(np.linalg.norm(layer(vector.astype("float32") * 10))), 3)


def _arguments(draw: Draw, *roots: int) -> Case:
    """A square number of features, so that every way of taking its root is exact."""
    return Case({"features": draw.choice(roots) ** 2, "scale": draw.choice((0.5, 1.5, 2.5))})


rms_length = Exercise(
    name="rms_length",
    unit=UNIT,
    layer="RMSNormalization",
    reference=_length,
    kinds=(
        Kind("a few features", lambda d: _arguments(d, 2, 3)),
        Kind("more features", lambda d: _arguments(d, 5, 7, 8)),
        Kind("many features", lambda d: _arguments(d, 16, 20, 32)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "length of 1",
            "You say that a normalized vector has a length of 1.",
            "If the mean of the squares is 1, what is their sum?",
            lambda features, scale: scale,
        ),
        Misconception(
            "root forgotten",
            "You give the sum of the squares, and not its root.",
            "How long is a vector of four ones?",
            lambda features, scale: scale * features,
        ),
        Misconception(
            "scale forgotten",
            "Your answer does not depend on the scale.",
            "If every number is doubled, what happens to the length?",
            lambda features, scale: features**0.5,
        ),
        Misconception(
            "scale under the root",
            "You multiply by the root of the scale.",
            "If every number is doubled, is the length doubled, or does it grow by the root of 2?",
            lambda features, scale: (scale * features) ** 0.5,
        ),
        Misconception(
            "divided by the root",
            "In your answer the length falls with the number of features.",
            "Every number is of about the same size: which is longer, a vector of 4 or one of 400?",
            lambda features, scale: scale / features**0.5,
        ),
    ),
)
