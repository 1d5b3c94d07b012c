"""OneHot: each word, or whole number, becomes a row with a one at its place in a vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import keras

from grader.bench.backend import tf
from grader.exercises.draw import Draw
from grader.exercises.edges import one_sample
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.features.feature_columns import (
    WORDS,
    YEARS,
    Reference,
    by_function,
    categories,
    vocabulary,
)

UNIT = "04-features"


class _Live(Reference):
    def __init__(self, vocabulary: Sequence[Any], **kwargs: Any) -> None:
        super().__init__([("one_hot", "x", vocabulary)], **kwargs)

    def call(self, inputs: Any) -> Any:
        return super().call({"x": inputs})


def _case(draw: Draw, words: Sequence[Any], low: int = 3, high: int = 6) -> Case:
    known = vocabulary(draw, draw.size(low, high), words)
    return Case({"vocabulary": known}, categories(draw, draw.size(9, 12), known))


def _one_word(draw: Draw) -> Case:
    known = [draw.choice(WORDS)]
    return Case({"vocabulary": known}, categories(draw, draw.size(9, 12), known)).with_known_batch()


def _flat(draw: Draw) -> Case:
    case = _case(draw, WORDS)
    return Case(case.config, case.inputs[:, 0])


def rows(inputs: Any, vocabulary: Sequence[Any]) -> Any:
    """The right rows."""
    return tf.cast(tf.reshape(inputs, (-1, 1)) == list(vocabulary), "float32")


def unknown_at(place: int) -> Callable[[Any, Sequence[Any]], Any]:
    """Rows in which what is not in the vocabulary counts as the word at this place."""

    def wrong(inputs: Any, vocabulary: Sequence[Any]) -> Any:
        right = rows(inputs, vocabulary)
        unknown = 1 - tf.reduce_sum(right, axis=-1, keepdims=True)
        return right + unknown * tf.one_hot(range(len(vocabulary))[place], len(vocabulary))

    return wrong


def unknown_first(inputs: Any, vocabulary: Sequence[Any]) -> Any:
    """Rows with one column more, in front, for what is not in the vocabulary."""
    right = rows(inputs, vocabulary)
    return tf.concat([1 - tf.reduce_sum(right, axis=-1, keepdims=True), right], axis=-1)


def places(inputs: Any, vocabulary: Sequence[Any]) -> Any:
    """A single column: the place in the vocabulary, or -1."""
    counted = tf.range(1, len(vocabulary) + 1, dtype="float32")
    return tf.reduce_sum(rows(inputs, vocabulary) * counted, axis=-1, keepdims=True) - 1


def whole_numbers_as_they_are(inputs: Any, vocabulary: Sequence[Any]) -> Any:
    """Right for words; a whole number stays a number."""
    if keras.backend.standardize_dtype(inputs.dtype) == "string":
        return rows(inputs, vocabulary)
    return tf.cast(tf.reshape(inputs, (-1, 1)), "float32")


one_hot = Exercise(
    name="OneHot",
    unit=UNIT,
    layer="DenseFeatures",
    reference=_Live,
    forbid=("lookup",),
    kinds=(
        Kind("words", lambda d: _case(d, WORDS)),
        Kind("whole numbers", lambda d: _case(d, YEARS)),
        Kind("two words", lambda d: _case(d, WORDS, 2, 2)),
        Kind("words without a second axis", _flat),
        Kind("one word", _one_word, edge=True),
    ),
    edges={
        "vocabulary: one word": lambda case: len(case.config["vocabulary"]) == 1,
        "inputs: one sample": one_sample,
    },
    aspects={"shape": 1, "output": 4},
    misconceptions=(
        Misconception(
            "integer category not one-hot",
            "Your layer passes whole numbers on as numbers, but they stand for categories.",
            "Is 2009 worth more than 2007? Years are categories here: treat them like words.",
            by_function(whole_numbers_as_they_are),
        ),
        Misconception(
            "place instead of one-hot",
            "Your layer returns the index of the word in the vocabulary, in a single column.",
            "Is the third island three times as much as the first? Give each word a column of its "
            "own.",
            by_function(places),
        ),
        Misconception(
            "unknown word is the first word",
            "Your layer treats a word that is not in the vocabulary as its first word.",
            "argmax of a row of zeros is 0. What should the row of an unknown word look like?",
            by_function(unknown_at(0)),
        ),
        Misconception(
            "unknown word is the last word",
            "Your layer treats a word that is not in the vocabulary as its last word.",
            "In Python the index -1 means the last one. What should the row of an unknown word be?",
            by_function(unknown_at(-1)),
        ),
        Misconception(
            "a column for unknown words",
            "Your layer has an extra column at the front, for words that are not in the "
            "vocabulary.",
            "keras.layers.StringLookup does that. How many columns should there be here?",
            by_function(unknown_first),
        ),
        Misconception(
            "first word left out",
            "Your layer has no column for the first word of the vocabulary.",
            "How could the next layer tell the first word from an unknown one?",
            by_function(lambda x, v: rows(x, v[1:])),
        ),
        Misconception(
            "vocabulary sorted",
            "Your columns are in alphabetical order, not in the order of the vocabulary.",
            "Which word belongs to the first column: the first in the vocabulary, or the first in "
            "the alphabet?",
            by_function(lambda x, v: rows(x, sorted(v))),
        ),
    ),
)
