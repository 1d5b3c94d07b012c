"""Softmax, with a mask: weights that add up to 1. Students only mend it."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.attention.attending import UNIT
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged


def _plain(draw: Draw, rank: int) -> Case:
    return Case({}, draw.normal(*draw.sizes(rank, 3, 7)))


def _masked(draw: Draw, rank: int) -> Case:
    """Each row has a place that is open and one that is not."""
    case = _plain(draw, rank)
    mask = draw.random.random(case.inputs.shape) < 0.6
    place = np.arange(mask[..., 0].size).reshape(mask.shape[:-1]) % mask.shape[-1]
    np.put_along_axis(mask, place[..., None], True, axis=-1)
    np.put_along_axis(mask, (place[..., None] + 1) % mask.shape[-1], False, axis=-1)
    return Case({}, case.inputs, {"mask": mask})


def _large(draw: Draw) -> Case:
    case = _masked(draw, 2)
    return case.then(enlarged(case, 10.0)).with_known_batch()


class _Softmax(keras.layers.Layer):
    """A right layer in small steps, so that each wrong one can go astray in one of them."""

    axis = -1

    def call(self, inputs: Any, mask: Any = None) -> Any:
        return ops.softmax(self.scores(inputs, mask), axis=self.axis)

    def scores(self, inputs: Any, mask: Any) -> Any:
        return inputs if mask is None else ops.where(mask, inputs, -1e9)


class _MaskedAfter(_Softmax):
    def call(self, inputs: Any, mask: Any = None) -> Any:
        weights = ops.softmax(inputs, axis=-1)
        return weights if mask is None else ops.where(mask, weights, 0.0)


class _MaskIgnored(_Softmax):
    def scores(self, inputs: Any, mask: Any) -> Any:
        return inputs


class _MaskInverted(_Softmax):
    def scores(self, inputs: Any, mask: Any) -> Any:
        return inputs if mask is None else ops.where(mask, -1e9, inputs)


class _MaskedWithZero(_Softmax):
    def scores(self, inputs: Any, mask: Any) -> Any:
        return inputs if mask is None else ops.where(mask, inputs, 0.0)


class _OtherAxis(_Softmax):
    axis = -2


softmax = Exercise(
    name="Softmax",
    unit=UNIT,
    layer="Softmax",
    reference=keras.layers.Softmax,
    forbid=("keras.layers.Softmax",),
    kinds=(
        Kind("rank 2", lambda d: _plain(d, 2)),
        Kind("rank 3", lambda d: _plain(d, 3)),
        Kind("with a mask", lambda d: _masked(d, 2)),
        Kind("rank 3, with a mask", lambda d: _masked(d, 3)),
        Kind("large scores", _large, edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 4, "gradient": 1},
    misconceptions=(
        Misconception(
            "masked after the softmax",
            "Your layer masks the weights after the softmax, so they no longer add up to 1.",
            "Which scores are in the sum that the softmax divides by?",
            _MaskedAfter,
        ),
        Misconception(
            "mask ignored",
            "Your layer does not use the mask.",
            "What should the weight be where the mask is False?",
            _MaskIgnored,
        ),
        Misconception(
            "mask turned round",
            "Your layer masks the places that it should keep.",
            "In Keras, does True say that a place counts, or that it is skipped?",
            _MaskInverted,
        ),
        Misconception(
            "scores masked with 0",
            "Your layer sets masked scores to 0, and a score of 0 still gets a weight.",
            "What is the exponential of 0?",
            _MaskedWithZero,
        ),
        Misconception(
            "softmax over another axis",
            "The weights of your layer add up to 1 along another axis than the last.",
            "Along which axis is the softmax taken?",
            _OtherAxis,
        ),
    ),
)
