"""LayerNormalization: each vector along the last axis to mean 0 and variance 1."""

from __future__ import annotations

from collections.abc import Sequence
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
    Normalizing,
    RootOmitted,
    small,
    unbiased,
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


def _constant(draw: Draw) -> Case:
    case = _case(draw, 2)
    return case.then(zeroed(case)).with_known_batch()


def _single(draw: Draw) -> Case:
    """Vectors of one number, which are their own mean."""
    return Case({"epsilon": draw.choice(EPSILONS)}, small(draw, draw.size(3, 5), 1))


class _OverTheBatch(Normalizing):
    def axes(self, inputs: Any) -> Any:
        return tuple(range(len(inputs.shape) - 1))


class _WholeSample(Normalizing):
    def axes(self, inputs: Any) -> Any:
        return tuple(range(1, len(inputs.shape)))


class _Kept(Normalizing):
    """As BatchNormalization does, outside of training."""

    def build(self, input_shape: Any) -> None:
        super().build(input_shape)
        shape = (input_shape[-1],)
        self.mean = self.add_weight(name="mean", shape=shape, trainable=False)
        self.variance = self.add_weight(
            name="variance", shape=shape, initializer="ones", trainable=False
        )

    def statistics(self, inputs: Any, axes: Any) -> tuple[Any, Any]:
        return self.mean, self.variance


class _Unbiased(Normalizing):
    def statistics(self, inputs: Any, axes: Any) -> tuple[Any, Any]:
        mean, variance = super().statistics(inputs, axes)
        return mean, unbiased(inputs, mean, variance)


class _MeanKept(Normalizing):
    def statistics(self, inputs: Any, axes: Any) -> tuple[Any, Any]:
        return 0.0, ops.mean(ops.square(inputs), axis=axes, keepdims=True)


class _NoRoot(RootOmitted, Normalizing):
    pass


class _EpsilonOutside(EpsilonOutside, Normalizing):
    pass


class _EpsilonFixed(Normalizing):
    def divisor(self, variance: Any) -> Any:
        return ops.sqrt(variance + 1e-5)


class _DefaultAlways(Normalizing):
    def divisor(self, variance: Any) -> Any:
        return ops.sqrt(variance + 0.001)


class _EpsilonOmitted(EpsilonOmitted, Normalizing):
    pass


class _NotApplied(Normalizing):
    def scaled(self, normal: Any) -> Any:
        return normal


class _LeftOut(_NotApplied):
    def build(self, input_shape: Any) -> None:
        pass


class _BetaFirst(Normalizing):
    def scaled(self, normal: Any) -> Any:
        return self.gamma * (normal + self.beta)


class _NoBeta(Normalizing):
    def build(self, input_shape: Any) -> None:
        shape = (input_shape[-1],)
        self.gamma = self.add_weight(name="gamma", shape=shape, initializer="ones")

    def scaled(self, normal: Any) -> Any:
        return self.gamma * normal


class _ForEachStep(Normalizing):
    def weight_shape(self, input_shape: Any) -> tuple[int, ...]:
        return tuple(input_shape[1:])


class _CutOff(Normalizing):
    def statistics(self, inputs: Any, axes: Any) -> tuple[Any, Any]:
        mean, variance = super().statistics(inputs, axes)
        return ops.stop_gradient(mean), ops.stop_gradient(variance)


class _RandomStart(Normalizing):
    starts = ("glorot_uniform", "glorot_uniform")


layer_normalization = Exercise(
    name="LayerNormalization",
    unit=UNIT,
    layer="LayerNormalization",
    reference=keras.layers.LayerNormalization,
    forbid=("LayerNormalization",),
    kinds=(
        Kind("rank 2", lambda d: _case(d, 2)),
        Kind("sequences, also of one step", _steps),
        Kind("rank 4", lambda d: _case(d, 4)),
        Kind("nothing given", lambda d: Case({}, small(d, *d.sizes(3, 3, 8)))),
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
    aspects={
        "shape": 1,
        "parameters": 2,
        "output": 4,
        "gradient": 1,
        "start": 1,
        "config": 1,
    },
    misconceptions=(
        Misconception(
            "statistics over the batch",
            "Your layer takes mean and variance over the samples, as BatchNormalization does.",
            "Which numbers of the batch may the mean of one vector depend on?",
            _OverTheBatch,
        ),
        Misconception(
            "statistics of the whole sample",
            "Your layer takes one mean for all of a sample, not one for each of its vectors.",
            "How many vectors along the last axis has a sample of shape (3, 4)?",
            _WholeSample,
        ),
        Misconception(
            "statistics kept between calls",
            "Your layer keeps a mean and a variance as weights and normalizes by them. This layer "
            "takes them anew from each vector, in training and at inference.",
            "If a vector brings its own mean with it, what is there to keep?",
            _Kept,
        ),
        Misconception(
            "unbiased variance",
            "Your variance divides by n - 1; Keras divides by n.",
            "Is the variance here an estimate for more data, or simply the mean of the squared "
            "differences?",
            _Unbiased,
        ),
        Misconception(
            "mean not taken away",
            "Your layer does not take the mean away from the inputs.",
            "What is the mean of your outputs, before gamma and beta?",
            _MeanKept,
        ),
        Misconception(
            "root omitted",
            "Your layer divides by the variance, not by its root.",
            "Which of the two is measured in the same unit as the inputs?",
            _NoRoot,
        ),
        Misconception(
            "epsilon outside the root",
            "Your layer adds epsilon after the root.",
            "Where does epsilon stand in the formula, under the root or beside it?",
            _EpsilonOutside,
        ),
        Misconception(
            "epsilon of 1e-5",
            "Your layer always uses 1e-5 as epsilon.",
            "Where does your layer store the epsilon that __init__ gets?",
            _EpsilonFixed,
        ),
        Misconception(
            "epsilon of 0.001",
            "Your layer always uses 0.001 as epsilon, whatever __init__ gets.",
            "Where does your layer store the epsilon that __init__ gets?",
            _DefaultAlways,
        ),
        Misconception(
            "epsilon omitted",
            "Your layer does not use epsilon.",
            "If all numbers of a vector are equal, what is its variance?",
            _EpsilonOmitted,
        ),
        Misconception(
            "gamma and beta left out",
            "Your layer has no gamma and no beta, so it has nothing to train.",
            "What if the next layer works better with a mean other than 0?",
            _LeftOut,
        ),
        Misconception(
            "gamma and beta not applied",
            "Your layer makes gamma and beta, but never uses them.",
            "After a number is normalized, what happens to it next?",
            _NotApplied,
        ),
        Misconception(
            "beta times gamma",
            "Your layer adds beta first, so gamma multiplies beta as well.",
            "What is the output for a vector of equal numbers: beta, or gamma times beta?",
            _BetaFirst,
        ),
        Misconception(
            "beta left out",
            "Your layer has a gamma and no beta.",
            "All outputs for a vector of equal numbers are 0: can your layer learn to change that?",
            _NoBeta,
        ),
        Misconception(
            "gamma for each time step",
            "Your layer has a gamma and a beta of its own for each place of a sample, not for each "
            "feature.",
            "What would the layer do with a sequence that is longer than the first one?",
            _ForEachStep,
        ),
        Misconception(
            "gradient cut off",
            "Your gradients do not pass through the mean and the variance.",
            "If you change one input a little, what else changes besides its own output?",
            _CutOff,
        ),
        Misconception(
            "random start",
            "Your weights start from random values, so a new layer distorts its inputs.",
            "Which scale, and which shift, leave normalized values as they are?",
            _RandomStart,
        ),
    ),
)


def counts(layer: keras.layers.Layer, input_shape: Sequence[int | None]) -> tuple[int, int]:
    """How many numbers of a layer are trained, and how many are not."""
    layer.build(tuple(input_shape))
    groups = layer.trainable_weights, layer.non_trainable_weights
    trained, kept = (sum(int(np.prod(w.shape)) for w in group) for group in groups)
    return trained, kept


layernorm_params = Exercise(
    name="layernorm_params",
    unit=UNIT,
    layer="LayerNormalization",
    reference=lambda input_shape: counts(keras.layers.LayerNormalization(), input_shape),
    kinds=(
        Kind("rank 2", lambda d: Case({"input_shape": (None, d.size(3, 40))})),
        Kind("sequences", lambda d: Case({"input_shape": (None, *d.sizes(2, 3, 40))})),
        Kind(
            "sequences of any length", lambda d: Case({"input_shape": (None, None, d.size(3, 40))})
        ),
        Kind("pictures", lambda d: Case({"input_shape": (None, *d.sizes(3, 3, 40))})),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "moving statistics counted",
            "You count moving statistics, as BatchNormalization has them.",
            "This layer takes its mean from the vector itself: is there anything to remember for "
            "inference?",
            lambda input_shape: (2 * input_shape[-1], 2 * input_shape[-1]),
        ),
        Misconception(
            "one of the two",
            "You count one weight for each feature; there are two.",
            "Is there a scale without a shift?",
            lambda input_shape: (input_shape[-1], 0),
        ),
        Misconception(
            "counted for each place",
            "You count weights for each place of a sample, not for each feature.",
            "May a layer whose weights count the time steps be called with a longer sequence?",
            lambda input_shape: (2 * int(np.prod([n or 1 for n in input_shape[1:]])), 0),
        ),
        Misconception(
            "all four trained",
            "You count four trained weights for each feature.",
            "Which weights stand in the formula? Which of them belong to another layer?",
            lambda input_shape: (4 * input_shape[-1], 0),
        ),
        Misconception(
            "second axis for the features",
            "You take axis 1 for the features.",
            "In (batch, time, features), which axis holds the features?",
            lambda input_shape: (2 * (input_shape[1] or 1), 0),
        ),
    ),
)
