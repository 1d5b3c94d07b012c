"""A failing case comes in small whole numbers where it fails with them, too."""

from __future__ import annotations

from dataclasses import replace

import keras
import numpy as np
import pytest
from keras import ops

from grader import failing
from grader.aspects.aspect import same
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from tests.variants import dense

PLAIN = [
    ("Dense", "activation before bias"),
    ("Concatenate", "operand order reversed"),
    ("Conv1D", "flipped kernel"),
    ("MaxPool2D", "zero padding"),
    ("SimpleRNNCell", "state not used"),
    ("Attention", "no softmax"),
]


def found(name, idea):
    """The exercise, where a layer derived from Keras's is let in, and a layer with this idea."""
    exercise = replace(CATALOGUE[name], forbid=())
    return exercise, next(known.wrong for known in exercise.misconceptions if known.name == idea)


def numbers(case):
    given = [*keras.tree.flatten((case.arguments, dict(case.call))), *case.weights]
    return [part for part in given if isinstance(part, np.ndarray) and part.dtype.kind == "f"]


def is_whole(part):
    return np.array_equal(part, np.round(part)) and 0 < np.abs(part).max() <= 5


def answered(layer, case):
    layer(*case.arguments, **case.call)
    layer.set_weights(case.weights)
    return layer(*case.arguments, **case.call)


@pytest.mark.parametrize(("name", "idea"), PLAIN, ids=[name for name, _ in PLAIN])
def test_a_plain_fault_is_shown_in_small_whole_numbers(name, idea):
    exercise, wrong = found(name, idea)
    case = failing(wrong, exercise)
    assert numbers(case)
    assert all(is_whole(part) for part in numbers(case))
    right = exercise.reference(**case.config)
    outputs = [
        [ops.convert_to_numpy(part) for part in keras.tree.flatten(answered(layer, case))]
        for layer in (right, wrong(**case.config))
    ]
    expected = list(keras.tree.flatten(case.expected))
    assert all(np.allclose(*pair, atol=1e-4) for pair in zip(outputs[0], expected, strict=True))
    assert not same(expected, outputs[1], 0.05)


def test_what_shows_in_other_numbers_only_is_shown_in_them():
    class Dense(dense.WithOps):
        def call(self, inputs):
            first = inputs[..., :1]
            return super().call(inputs) + ops.cast(first != ops.round(first), "float32")

    case = failing(Dense)
    assert not any(is_whole(part) for part in numbers(case))
    assert not np.allclose(answered(Dense(**case.config), case), case.expected, atol=0.5)


def test_the_card_shows_the_case_that_failing_gives():
    exercise, wrong = found("Dense", "activation before bias")
    case, lines = failing(wrong, exercise), examine(wrong, exercise).lines
    assert np.array2string(case.weights[0], separator=", ") in lines.replace("array", "")


def test_a_layer_that_stops_is_shown_in_whole_numbers_where_it_stops_with_them():
    class Dense(dense.WithOps):
        def call(self, inputs):
            raise ValueError("too much")

    case = failing(Dense)
    assert all(is_whole(part) for part in case.arguments)
