"""A first model: from `keras.Input`, whose shape is that of one sample, to `keras.Model`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception

UNIT = "00-your-first-layer"


def _batch_shape(shape: Sequence[int | None]) -> tuple[int | None, ...]:
    return tuple(keras.Input(shape).shape)


def _shape(draw: Draw, rank: int) -> Case:
    return Case({"shape": draw.sizes(rank, 2, 30)})


batch_shape = Exercise(
    name="batch_shape",
    unit=UNIT,
    layer="Input",
    reference=_batch_shape,
    kinds=(
        Kind("a row of features", lambda d: _shape(d, 1)),
        Kind("a grid", lambda d: _shape(d, 2)),
        Kind("a picture with channels", lambda d: _shape(d, 3)),
        Kind("sequences of any length", lambda d: Case({"shape": (None, d.size(2, 30))})),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "batch axis forgotten",
            "Your shape is that of one sample: it has no batch axis.",
            "How many axes does one picture have, and how many does a stack of pictures have?",
            lambda shape: shape,
        ),
        Misconception(
            "batch axis last",
            "Your shape has the batch axis at the end.",
            "In a batch x, what is x[0]: the first sample, or the first number of each sample?",
            lambda shape: (*shape, None),
        ),
        Misconception(
            "a batch of one",
            "Your shape says that a batch holds exactly one sample.",
            "Which word does Keras use for a length that it does not know yet?",
            lambda shape: (1, *shape),
        ),
        Misconception(
            "nested tuple",
            "Your tuple contains the other tuple as one entry: it is (None, (...)).",
            "How do you unpack a tuple into a new one? Look for the star.",
            lambda shape: (None, shape),
        ),
    ),
)


def _case(draw: Draw, most: int) -> Case:
    units, features, batch = draw.size(3, most), draw.size(3, 9), draw.size(3, 9)
    inputs = draw.normal(batch, features)
    inputs[0] *= 0.01  # with the biases below, no hidden unit of this sample is above zero
    return Case({"features": features, "units": units}, inputs)


def _weight(draw: Draw, name: str, shape: tuple[int, ...]) -> Any:
    """Biases below zero: every relu has something to cut off, and one at the end would too."""
    value = draw.weight(name, shape)
    return -abs(value) if len(shape) == 1 else value


def _model(
    features: int,
    units: int,
    *,
    shape: Callable[[int], Any] = lambda features: (features,),
    bend: Callable[[Any], Any] = keras.ops.relu,
    last: str | None = None,
    chained: bool = True,
) -> keras.Model:
    inputs = keras.Input(shape(features))
    hidden = bend(keras.layers.Dense(units)(inputs))
    outputs = keras.layers.Dense(1, activation=last)(hidden if chained else inputs)
    return keras.Model(inputs, outputs)


def _with(**changed: Any) -> Callable[[int, int], keras.Model]:
    return lambda features, units: _model(features, units, **changed)


def _without_input(features: int, units: int) -> keras.Model:
    hidden = keras.layers.Dense(units, activation="relu")
    return keras.Sequential([hidden, keras.layers.Dense(1)])


first_model = Exercise(
    name="first_model",
    unit=UNIT,
    layer="Input",
    reference=_model,
    kinds=(
        Kind("a few units", lambda d: _case(d, 9)),
        Kind("many units", lambda d: _case(d, 40)),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 2, "built": 1},
    weight=_weight,
    misconceptions=(
        Misconception(
            "batch axis inside the shape",
            "Your Input has a batch axis in its shape, and Keras adds another one.",
            "What is the shape of a single sample? keras.Input needs only that.",
            _with(shape=lambda features: (None, features)),
        ),
        Misconception(
            "shape is no tuple",
            "Your Input got a number where it needs a tuple: (n) is n, and (n,) is a tuple.",
            "What makes a tuple of one entry, the brackets or the comma?",
            _with(shape=lambda features: features),
        ),
        Misconception(
            "TensorFlow on a KerasTensor",
            "Your code passes a KerasTensor, which holds no numbers, to a TensorFlow function.",
            "Where else do you find relu? Look in keras.ops, or at the arguments of Dense.",
            _with(bend=tf.nn.relu),
        ),
        Misconception(
            "no Input",
            "Your model has no Input: before it sees data it has no weights and knows no shapes.",
            "What must a model know so that it can be built before it sees any data?",
            _without_input,
        ),
        Misconception(
            "second layer sees the inputs",
            "Your second Dense is called on the inputs, not on the outputs of the first one.",
            "Follow the arrows of the picture: what goes into the last layer?",
            _with(chained=False),
        ),
        Misconception(
            "relu forgotten",
            "Your first Dense has no relu: the two layers together are just one weighted sum.",
            "What should happen to negative numbers between the two layers?",
            _with(bend=lambda hidden: hidden),
        ),
        Misconception(
            "relu at the end too",
            "Your last Dense has a relu as well: the model can never give a negative answer.",
            "Which of the two layers should have the activation?",
            _with(last="relu"),
        ),
    ),
)
