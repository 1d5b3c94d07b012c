"""GroupNormalization: each group of channels of each sample to mean 0 and variance 1.

A group is not as large as there are groups, except where that is the edge: else a layer that takes
the one number for the other would be right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import axes, given, size_one, zeros
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


def _case(draw: Draw, rank: int, *choices: tuple[int, int]) -> Case:
    """`choices` are pairs: how many groups, and how many channels each of them has."""
    groups, width = draw.choice(choices)
    shape = (*draw.sizes(rank - 1, 2, 5), groups * width)
    config = {"groups": groups, "epsilon": draw.choice(EPSILONS)}
    return Case(config, small(draw, *shape))


def _steps(draw: Draw) -> Case:
    """Called again with sequences of one step."""
    case = _case(draw, 3, (2, 3), (2, 4))
    return case.then(short(case, 1))


def _one_group(draw: Draw) -> Case:
    case = _case(draw, 4, (1, 6), (1, 7))
    return case.then(zeroed(case)).with_known_batch()


class _Grouped(Normalizing):
    """A right layer in small steps, so that each wrong one can go astray in one of them."""

    def __init__(self, groups: int = 32, epsilon: float = 0.001, **kwargs: Any) -> None:
        super().__init__(epsilon, **kwargs)
        self.groups = groups

    def count(self, channels: int) -> int:
        return self.groups

    def axes(self, inputs: Any) -> Any:
        return (1, 3)

    def normalized(self, inputs: Any) -> Any:
        return ops.reshape(super().normalized(self.parted(inputs)), ops.shape(inputs))

    def parted(self, inputs: Any) -> Any:
        """(batch, places, groups, channels of a group)."""
        channels = inputs.shape[-1]
        count = self.count(channels)
        return ops.reshape(inputs, (ops.shape(inputs)[0], -1, count, channels // count))


class _InStrides(_Grouped):
    def axes(self, inputs: Any) -> Any:
        return (1, 2)

    def parted(self, inputs: Any) -> Any:
        channels = inputs.shape[-1]
        shape = (ops.shape(inputs)[0], -1, channels // self.groups, self.groups)
        return ops.reshape(inputs, shape)


class _ByPlaces(_Grouped):
    """Right if the channels came first: each block has some of the places, with all channels."""

    def axes(self, inputs: Any) -> Any:
        return 2

    def parted(self, inputs: Any) -> Any:
        return ops.reshape(inputs, (ops.shape(inputs)[0], self.groups, -1))


class _EachPixel(_Grouped):
    def axes(self, inputs: Any) -> Any:
        return 3


class _OverTheBatch(_Grouped):
    def axes(self, inputs: Any) -> Any:
        return (0, 1, 3)


class _SizeOfAGroup(_Grouped):
    def count(self, channels: int) -> int:
        return channels // self.groups


class _OneGroup(_Grouped):
    def count(self, channels: int) -> int:
        return 1


class _EachChannel(_Grouped):
    def count(self, channels: int) -> int:
        return channels


class _GammaForEachGroup(_Grouped):
    def weight_shape(self, input_shape: Any) -> tuple[int, ...]:
        return (self.groups,)

    def scaled(self, normal: Any) -> Any:
        width = normal.shape[-1] // self.groups
        return ops.repeat(self.gamma, width) * normal + ops.repeat(self.beta, width)


class _Unbiased(_Grouped):
    def statistics(self, inputs: Any, axes: Any) -> tuple[Any, Any]:
        mean, variance = super().statistics(inputs, axes)
        return mean, unbiased(inputs, mean, variance)


class _NoRoot(RootOmitted, _Grouped):
    pass


class _EpsilonOutside(EpsilonOutside, _Grouped):
    pass


class _EpsilonFixed(_Grouped):
    def divisor(self, variance: Any) -> Any:
        return ops.sqrt(variance + 1e-5)


class _DefaultAlways(_Grouped):
    def divisor(self, variance: Any) -> Any:
        return ops.sqrt(variance + 0.001)


class _EpsilonOmitted(EpsilonOmitted, _Grouped):
    pass


class _NotApplied(_Grouped):
    def scaled(self, normal: Any) -> Any:
        return normal


class _LeftOut(_NotApplied):
    def build(self, input_shape: Any) -> None:
        pass


class _CutOff(_Grouped):
    def statistics(self, inputs: Any, axes: Any) -> tuple[Any, Any]:
        mean, variance = super().statistics(inputs, axes)
        return ops.stop_gradient(mean), ops.stop_gradient(variance)


class _RandomStart(_Grouped):
    starts = ("glorot_uniform", "glorot_uniform")


group_normalization = Exercise(
    name="GroupNormalization",
    unit=UNIT,
    layer="GroupNormalization",
    reference=keras.layers.GroupNormalization,
    forbid=("GroupNormalization",),
    kinds=(
        Kind("pictures, more channels than groups", lambda d: _case(d, 4, (2, 3), (2, 4), (3, 4))),
        Kind("pictures, more groups than channels", lambda d: _case(d, 4, (3, 2), (4, 2), (4, 3))),
        Kind("sequences, also of one step", _steps),
        Kind("rank 2", lambda d: _case(d, 2, (2, 4), (2, 5))),
        Kind("nothing given", lambda d: Case({}, small(d, *d.sizes(2, 2, 4), 64))),
        Kind("one group", _one_group, edge=True),
        Kind("each channel a group", lambda d: _case(d, 4, (6, 1), (7, 1)), edge=True),
        Kind(
            "films, rank 5",
            lambda d: _case(d, 5, (2, 3), (3, 2)).with_known_batch(),
            edge=True,
            hidden=True,
        ),
    ),
    edges={
        "groups: 1": given("groups", 1),
        "groups: as many as channels": lambda case: (
            case.config.get("groups") == np.shape(case.inputs)[-1]
        ),
        "inputs: zero": zeros,
        "inputs: one step": lambda case: np.ndim(case.inputs) == 3 and size_one(1)(case),
        "inputs: five axes": axes(5),
    },
    aspects={
        "shape": 1,
        "parameters": 2,
        "output": 5,
        "gradient": 1,
        "start": 1,
    },
    misconceptions=(
        Misconception(
            "channels of a group in strides",
            "Your groups are made of every n-th channel. A group is a block of neighbouring "
            "channels.",
            "With six channels and two groups, which three channels belong to the first group?",
            _InStrides,
        ),
        Misconception(
            "places cut into groups",
            "Your reshape cuts a sample into blocks of places, each with all channels.",
            "In which order does a sample of shape (places, channels) hold its numbers? Which axis "
            "must be divided?",
            _ByPlaces,
        ),
        Misconception(
            "statistics for each place",
            "Your layer takes a mean for each place of a sample. The mean runs over all places, "
            "such as the rows and columns of a picture.",
            "How many numbers share a mean, for two groups of three channels in a picture of "
            "4 by 5?",
            _EachPixel,
        ),
        Misconception(
            "statistics over the batch",
            "Your layer takes mean and variance over the samples too.",
            "May the output for one picture depend on the other pictures?",
            _OverTheBatch,
        ),
        Misconception(
            "groups taken for the size of a group",
            "Your groups have `groups` channels each; there should be `groups` groups.",
            "With twelve channels and groups=3, how many channels has a group?",
            _SizeOfAGroup,
        ),
        Misconception(
            "one group for all channels",
            "Your layer ignores `groups` and takes all channels together.",
            "With two groups, how many means has a sample?",
            _OneGroup,
        ),
        Misconception(
            "each channel by itself",
            "Your layer ignores `groups` and gives each channel a mean of its own.",
            "With six channels and two groups, how many channels share a mean?",
            _EachChannel,
        ),
        Misconception(
            "one gamma for each group",
            "Your layer has a gamma and a beta for each group; each channel should have its own.",
            "Which axis are gamma and beta as long as?",
            _GammaForEachGroup,
        ),
        Misconception(
            "unbiased variance",
            "Your variance divides by n - 1; Keras divides by n.",
            "Is the variance here an estimate for more data, or simply the mean of the squared "
            "differences?",
            _Unbiased,
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
            "If all numbers of a group are equal, what is its variance?",
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


def _statistics(input_shape: Sequence[int], groups: int) -> tuple[int, int, int]:
    """The live layer is asked which inputs one of its outputs depends on: they share a mean."""
    layer = keras.layers.GroupNormalization(groups)
    inputs = tf.constant(np.random.default_rng(0).normal(size=input_shape), "float32")
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        first = tf.reshape(layer(inputs), (-1,))[0]
    together = int(np.count_nonzero(tape.gradient(first, inputs)))
    return int(np.prod(input_shape)) // together, together, layer.count_params()


def _arguments(draw: Draw, rank: int) -> Case:
    groups, width = draw.choice(((2, 4), (3, 4), (4, 2), (2, 5), (5, 2)))
    shape = (*draw.sizes(rank - 1, 2, 6), groups * width)
    return Case({"input_shape": shape, "groups": groups})


def _places(input_shape: Sequence[int]) -> int:
    return int(np.prod(input_shape[1:-1]))


group_statistics = Exercise(
    name="group_statistics",
    unit=UNIT,
    layer="GroupNormalization",
    reference=_statistics,
    kinds=(
        Kind("pictures", lambda d: _arguments(d, 4)),
        Kind("sequences", lambda d: _arguments(d, 3)),
        Kind("films", lambda d: _arguments(d, 5)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "mean over the batch",
            "You let the samples of a batch share their means.",
            "May the output for one sample depend on the others?",
            lambda input_shape, groups: (
                groups,
                input_shape[0] * _places(input_shape) * input_shape[-1] // groups,
                2 * input_shape[-1],
            ),
        ),
        Misconception(
            "a mean for each place",
            "You count a mean for each place of a sample. The mean runs over all places.",
            "Which axes does the mean run over? Which are left?",
            lambda input_shape, groups: (
                input_shape[0] * _places(input_shape) * groups,
                input_shape[-1] // groups,
                2 * input_shape[-1],
            ),
        ),
        Misconception(
            "groups taken for the size of a group",
            "You take `groups` for the number of channels in a group.",
            "With twelve channels and groups=3, how many channels has a group?",
            lambda input_shape, groups: (
                input_shape[0] * input_shape[-1] // groups,
                _places(input_shape) * groups,
                2 * input_shape[-1],
            ),
        ),
        Misconception(
            "gamma for each group",
            "You count a gamma and a beta for each group; each channel has its own.",
            "Which axis are gamma and beta as long as?",
            lambda input_shape, groups: (
                input_shape[0] * groups,
                _places(input_shape) * input_shape[-1] // groups,
                2 * groups,
            ),
        ),
        Misconception(
            "beta forgotten",
            "You count a gamma for each channel, and no beta.",
            "Is there a scale without a shift?",
            lambda input_shape, groups: (
                input_shape[0] * groups,
                _places(input_shape) * input_shape[-1] // groups,
                input_shape[-1],
            ),
        ),
        Misconception(
            "moving statistics counted",
            "You count moving statistics, as BatchNormalization has them.",
            "Each sample brings its own means with it: is there anything to remember?",
            lambda input_shape, groups: (
                input_shape[0] * groups,
                _places(input_shape) * input_shape[-1] // groups,
                4 * input_shape[-1],
            ),
        ),
    ),
)
