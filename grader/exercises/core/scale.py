"""Scale: the smallest layer that learns, a factor for each feature."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.further import zeroed

UNIT = "00-your-first-layer"


class Scale(keras.layers.EinsumDense):
    """Keras's own product of the last axis with a vector, whose length is known in `build`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__("...f,f->...f", 0, kernel_initializer="ones", **kwargs)

    def build(self, input_shape: Any) -> None:
        """Say how long the last axis is: EinsumDense wants to be told when it is made."""
        self.partial_output_shape = (input_shape[-1],)
        super().build(input_shape)


class _Own(keras.layers.Layer):
    """As a student would write it; the wrong ones below change one thing each."""

    start = "ones"

    def weight_shape(self, input_shape: Any) -> tuple[int, ...]:
        return (input_shape[-1],)

    def build(self, input_shape: Any) -> None:
        shape = self.weight_shape(input_shape)
        self.factor = self.add_weight(name="factor", shape=shape, initializer=self.start)

    def call(self, inputs: Any) -> Any:
        return inputs * self.factor


class _Adds(_Own):
    def call(self, inputs: Any) -> Any:
        return inputs + self.factor


class _OneForAll(_Own):
    def weight_shape(self, input_shape: Any) -> tuple[int, ...]:
        return ()


class _Matrix(_Own):
    def weight_shape(self, input_shape: Any) -> tuple[int, ...]:
        return (input_shape[-1], input_shape[-1])

    def call(self, inputs: Any) -> Any:
        return ops.matmul(inputs, self.factor)


class _Sums(_Own):
    def call(self, inputs: Any) -> Any:
        return ops.sum(inputs * self.factor, axis=-1)


class _SecondAxis(_Own):
    def weight_shape(self, input_shape: Any) -> tuple[int, ...]:
        return (input_shape[1],)


class _Variable(_Own):
    def build(self, input_shape: Any) -> None:
        self.factor = tf.Variable(tf.ones(self.weight_shape(input_shape)))


class _InCall(_Own):
    def build(self, input_shape: Any) -> None:
        pass

    def call(self, inputs: Any) -> Any:
        super().build(inputs.shape)
        return super().call(inputs)


class _StartsAtZero(_Own):
    start = "zeros"


class _StartsAnywhere(_Own):
    start = "random_normal"


def _case(draw: Draw, rank: int) -> Case:
    return Case({}, draw.normal(*draw.sizes(rank)))


def _single(draw: Draw) -> Case:
    case = Case({}, draw.normal(draw.size(), 1))
    return case.then(zeroed(case)).with_known_batch()


scale = Exercise(
    name="Scale",
    unit=UNIT,
    layer="Layer",
    reference=Scale,
    kinds=(
        Kind("rows of features", lambda d: _case(d, 2)),
        Kind("rank 3", lambda d: _case(d, 3)),
        Kind("one feature", _single, edge=True),
    ),
    edges={"inputs: one feature": size_one(-1), "inputs: zero": zeros},
    aspects={"shape": 1, "parameters": 1, "output": 2, "start": 1, "model": 1},
    misconceptions=(
        Misconception(
            "adds",
            "Your layer adds its weights. It should multiply by them.",
            "Which operation turns 2 and the factor 3 into 6?",
            _Adds,
        ),
        Misconception(
            "one factor for all",
            "Your layer has a single factor for all features.",
            "Can your layer double the first feature and halve the second one?",
            _OneForAll,
        ),
        Misconception(
            "a matrix",
            "Your layer has a weight for each pair of features, as Dense has.",
            "On which of the input features does the first output feature depend?",
            _Matrix,
        ),
        Misconception(
            "sums the products",
            "Your layer adds up the products: the features are gone.",
            "How many numbers does a sample have before the layer, and how many after it?",
            _Sums,
        ),
        Misconception(
            "input_shape[1] in build",
            "Your layer makes as many factors as axis 1 is long. The features are the last axis.",
            "For inputs of shape (batch, time, features), which index of input_shape is features?",
            _SecondAxis,
        ),
        Misconception(
            "tf.Variable",
            "Your weight is a TensorFlow variable: Keras 3 does not count, train or save it.",
            "Which method of Layer makes a weight that Keras knows of?",
            _Variable,
        ),
        Misconception(
            "weights made in call",
            "Your layer makes its weights in call. It would make new ones each time.",
            "Which method does Keras call only once, and before the first call?",
            _InCall,
        ),
        Misconception(
            "starts at 0",
            "Your factors start at 0: an untrained layer returns zeros.",
            "Which factor leaves a number as it is?",
            _StartsAtZero,
        ),
        Misconception(
            "starts at random",
            "Your factors start at random numbers.",
            "Which factor leaves a number as it is, and which initializer gives it?",
            _StartsAnywhere,
        ),
    ),
)
