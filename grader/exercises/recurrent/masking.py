"""Masking: steps whose features all equal a number are padding. Students only mend it."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import other, zeroed
from grader.exercises.recurrent.cells import UNIT


def _case(draw: Draw, value: float) -> Case:
    """Steps of padding in the middle and at the end, and steps with one such number each."""
    samples, features = draw.sizes(2, 2, 4)
    inputs = draw.normal(samples, draw.size(5, 7), features)
    inputs[0, 1] = inputs[-1, -1] = inputs[-1, 2] = value
    inputs[0, 3, 0] = inputs[1, 0, -1] = value
    case = Case({"mask_value": value}, inputs)
    return case.then(other(case, "nothing but padding", 0 * inputs + inputs.dtype.type(value)))


def _zero(draw: Draw) -> Case:
    case = _case(draw, 0.0)
    return case.then(zeroed(case)).with_known_batch()


class _Masked(keras.layers.Layer):
    """A right layer in small steps, so that each wrong one can go astray in one of them."""

    def __init__(self, mask_value: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.mask_value = mask_value
        self.supports_masking = True

    def kept(self, inputs: Any) -> Any:
        return ops.any(ops.not_equal(inputs, self.mask_value), axis=-1)

    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return self.kept(inputs)

    def call(self, inputs: Any) -> Any:
        return ops.where(self.kept(inputs)[..., None], inputs, 0.0)


class _OneIsEnough(_Masked):
    def kept(self, inputs: Any) -> Any:
        return ops.all(ops.not_equal(inputs, self.mask_value), axis=-1)


class _AlwaysZero(_Masked):
    def kept(self, inputs: Any) -> Any:
        return ops.any(ops.not_equal(inputs, 0.0), axis=-1)


class _Inverted(_Masked):
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return ops.logical_not(self.kept(inputs))


class _LeftAsTheyAre(_Masked):
    def call(self, inputs: Any) -> Any:
        return inputs + 0.0


class _NoMask(_Masked):
    def compute_mask(self, inputs: Any, mask: Any = None) -> Any:
        return None


masking = Exercise(
    name="Masking",
    unit=UNIT,
    layer="Masking",
    reference=keras.layers.Masking,
    forbid=("keras.layers.Masking",),
    kinds=(
        Kind("zeros are padding", lambda d: _case(d, 0.0)),
        Kind("another number is padding", lambda d: _case(d, d.choice((-1.0, 9.0)))),
        Kind("all zero", _zero, edge=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 3, "mask": 3},
    edges={"inputs: zero": zeros},
    misconceptions=(
        Misconception(
            "one number masks a step",
            "Your layer masks a step as soon as one of its features equals mask_value.",
            "How many features of a step must equal mask_value before it counts as padding?",
            _OneIsEnough,
        ),
        Misconception(
            "mask_value ignored",
            "Your layer masks steps of zeros and ignores mask_value.",
            "Where does your layer use the number that it was given?",
            _AlwaysZero,
        ),
        Misconception(
            "mask turned round",
            "Your mask is True where it should be False.",
            "In Keras, does True say that a step counts, or that it is skipped?",
            _Inverted,
        ),
        Misconception(
            "masked steps left as they are",
            "Your layer returns the numbers of a masked step. They should become 0.",
            "What should the features of a masked step be in the output?",
            _LeftAsTheyAre,
        ),
        Misconception(
            "no mask",
            "Your layer makes no mask for the next layer.",
            "Which method does Keras ask for a mask?",
            _NoMask,
        ),
    ),
)
