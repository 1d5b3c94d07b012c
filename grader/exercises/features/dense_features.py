"""DenseFeatures: a dict of columns becomes one dense tensor, its blocks sorted by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.bench.backend import tf
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.features.bucketize import buckets, right_closed
from grader.exercises.features.feature_columns import (
    WORDS,
    YEARS,
    Column,
    Reference,
    bucketized_column,
    categories,
    column_name,
    crossed_column,
    embedding_column,
    first_feature,
    numbers,
    numeric_column,
    one_hot_column,
)
from grader.exercises.features.one_hot import (
    places,
    rows,
    unknown_at,
    unknown_first,
    whole_numbers_as_they_are,
)

UNIT = "04-features"


def _case(draw: Draw, *columns: Column, flat: bool = False) -> Case:
    """The columns in their declared order; the dict holds a feature more, in front."""
    batch = draw.size(11, 14)
    features = {"band": draw.random.integers(100, 999, (batch, 1))}
    features |= _features(draw, batch, columns)
    if flat:
        features = {name: values[:, 0] for name, values in features.items()}
    return Case({"columns": list(columns)}, features)


def _features(draw: Draw, batch: int, columns: Sequence[Column]) -> dict[str, np.ndarray]:
    features: dict[str, np.ndarray] = {}
    for kind, feature, *rest in columns:
        if kind == "numeric":
            features.setdefault(feature, numbers(draw, batch))
        elif kind == "bucketized":
            features.setdefault(feature, numbers(draw, batch, rest[0]))
        elif kind != "crossed":
            features.setdefault(feature, categories(draw, batch, rest[0]))
        else:
            words = {name: YEARS if name == "year" else WORDS for name in feature}
            for name in feature:
                features.setdefault(name, categories(draw, batch, words[name][:3]))
    return features


def _repeated(draw: Draw) -> Case:
    """Features that are in two or three columns each; the columns have one axis."""
    steps, numeric = bucketized_column(draw, "body_mass"), numeric_column(draw, "body_mass")
    one_hot = one_hot_column(draw, "island")
    table = ("embedding", "island", one_hot[2], draw.size(2, 8))
    cross = crossed_column(draw, "year", "island")
    return _case(draw, one_hot, steps, table, numeric, cross, flat=True)


def _categorical(draw: Draw) -> Case:
    return _case(
        draw,
        one_hot_column(draw, "year", YEARS),
        embedding_column(draw, "nest"),
        embedding_column(draw, "colony", YEARS),
    )


def _separate(draw: Draw) -> Case:
    return _case(
        draw,
        numeric_column(draw, "flipper_length"),
        bucketized_column(draw, "body_mass"),
    )


def _column(values: Any) -> Any:
    return ops.reshape(values, (-1, 1))


def _crossed_as(order: Callable[[Mapping[str, Any]], Sequence[str]]) -> Callable[..., Any]:
    """A cross of the features in this order."""

    def crossed(values: Mapping[str, Any], bins: int) -> Any:
        found = tf.sparse.cross_hashed([_column(values[name]) for name in order(values)], bins)
        return tf.one_hot(tf.reshape(tf.sparse.to_dense(found), (-1,)), bins)

    return crossed


_BLOCKS: Mapping[str, Callable[..., Any]] = {
    "numeric": lambda values, mean, deviation: (_column(values) - mean) / deviation,
    "bucketized": buckets,
    "one_hot": rows,
    "embedding": lambda values, words, size, table: ops.matmul(rows(values, words), table),
    "crossed": _crossed_as(list),
}
"""How each kind of column is made, from its values and the rest of its description."""


def _by_name(columns: Sequence[Column]) -> list[Column]:
    return sorted(columns, key=column_name)


def _with(
    order: Callable[[Sequence[Column]], Sequence[Column]] = _by_name,
    table: Mapping[str, Any] | None = None,
    more: int = 0,
    **changed: Callable[..., Any],
) -> Callable[..., keras.layers.Layer]:
    """A light DenseFeatures in which some blocks are wrong, or their order, or the tables.

    It equals the reference where nothing is changed, and is much faster: a wrong answer is held
    against all of them. `table` are arguments for the tables' `add_weight`, `more` their rows that
    no word has.
    """
    blocks = {**_BLOCKS, **changed}

    class Changed(keras.layers.Layer):
        def __init__(self, columns: Sequence[Column], **kwargs: Any) -> None:
            super().__init__(**kwargs)
            self.columns = columns
            self._ordered = list(order(columns))

        def build(self, input_shape: Any) -> None:
            self.tables = {
                feature: self.add_weight(
                    name=feature, shape=(len(rest[0]) + more, rest[1]), **(table or {})
                )
                for kind, feature, *rest in self._ordered
                if kind == "embedding" and table != {}
            }

        def call(self, inputs: Mapping[str, Any]) -> Any:
            return ops.concatenate([self._block(inputs, *c) for c in self._ordered], axis=-1)

        def _block(self, inputs: Mapping[str, Any], kind: str, feature: Any, *rest: Any) -> Any:
            if kind == "crossed":
                return blocks[kind]({name: inputs[name] for name in feature}, *rest)
            if feature in self.tables and kind == "embedding":
                rest = (*rest, self.tables[feature])
            return blocks[kind](inputs[feature], *rest)

    return Changed


dense_features = Exercise(
    name="DenseFeatures",
    unit=UNIT,
    layer="DenseFeatures",
    reference=Reference,
    forbid=("DenseFeatures",),
    kinds=(
        Kind("numbers and buckets", _separate),
        Kind("words and whole numbers", _categorical, also=("config", "model")),
        Kind("a cross, and features in several columns, without a second axis", _repeated),
    ),
    aspects={"shape": 1, "parameters": 2, "output": 5, "gradient": 2, "config": 1, "model": 1},
    misconceptions=(
        Misconception(
            "declared order",
            "Your blocks are in the order in which the columns were declared.",
            "If you list the same columns in another order, you must get the same tensor. How?",
            _with(order=lambda columns: columns),
        ),
        Misconception(
            "sorted by feature",
            "Your blocks are sorted by the names of the features, not of the columns.",
            "What is the name of the bucketized column of body_mass? What is the name of the "
            "numeric one?",
            _with(order=lambda columns: sorted(columns, key=first_feature)),
        ),
        Misconception(
            "normaliser not adapted",
            "Your numeric columns come out unchanged, as if the mean were 0 and the deviation 1.",
            "A numeric column is described with two numbers: what are they for?",
            _with(numeric=lambda values, mean, deviation: _column(values)),
        ),
        Misconception(
            "mean not taken away",
            "Your numeric columns are divided by their deviation, but the mean is not subtracted.",
            "Which value should an average bird have in a numeric column?",
            _with(numeric=lambda values, mean, deviation: _column(values) / deviation),
        ),
        Misconception(
            "deviation taken as variance",
            "Your numeric columns are divided by the square root of the deviation.",
            "keras.layers.Normalization needs a variance. How do you get it from a deviation?",
            _with(
                numeric=lambda values, mean, deviation: (
                    (_column(values) - mean) / math.sqrt(deviation)
                )
            ),
        ),
        Misconception(
            "right-closed buckets",
            "In your layer a number exactly on a boundary goes into the bucket below it.",
            "The bucket above 3500 begins at 3500 itself: which comparison says so?",
            _with(bucketized=right_closed),
        ),
        Misconception(
            "integer category not one-hot",
            "Your layer passes whole numbers on as numbers, but they stand for categories.",
            "Is 2009 worth more than 2007? Years are categories here: treat them like words.",
            _with(one_hot=whole_numbers_as_they_are),
        ),
        Misconception(
            "place instead of one-hot",
            "Your layer returns the index of a word in the vocabulary, in a single column.",
            "Is the third island three times as much as the first? Give each word a column of its "
            "own.",
            _with(one_hot=places),
        ),
        Misconception(
            "unknown word is the first word",
            "Your one-hot columns treat a word that is not in the vocabulary as its first word.",
            "argmax of a row of zeros is 0. What should the row of an unknown word look like?",
            _with(one_hot=unknown_at(0)),
        ),
        Misconception(
            "a column for unknown words",
            "Your one-hot columns have an extra one at the front, for words not in the vocabulary.",
            "keras.layers.StringLookup does that. How many columns should there be here?",
            _with(one_hot=unknown_first),
        ),
        Misconception(
            "unknown word has the first row",
            "Your embedding gives a word that is not in the vocabulary the first row of its table.",
            "An unknown word's one-hot row is all zeros. What is that row times the table?",
            _with(
                embedding=lambda values, words, size, table: ops.matmul(
                    unknown_at(0)(values, words), table
                )
            ),
        ),
        Misconception(
            "a row for unknown words",
            "Your tables have one row more than there are words in the vocabulary.",
            "If unknown words come out as zeros, which word would ever use that row?",
            _with(
                more=1,
                embedding=lambda values, words, size, table: ops.matmul(
                    unknown_first(values, words), table
                ),
            ),
        ),
        Misconception(
            "embedding without a table",
            "Your embedding columns are one-hot columns: they have nothing to learn.",
            "By which matrix is the one-hot row multiplied, and where is that matrix made?",
            _with(table={}, embedding=lambda values, words, size: rows(values, words)),
        ),
        Misconception(
            "table not trained",
            "Your embedding tables are right, but they are not trained.",
            "Which argument of add_weight, or which attribute of a layer, says whether a weight "
            "is trained?",
            _with(table={"trainable": False}),
        ),
        Misconception(
            "crossed in alphabetical order",
            "Your layer sorts the features before it crosses them, so they go into other bins.",
            "The hash of (sex, island) is not that of (island, sex). Which one was declared?",
            _with(crossed=_crossed_as(sorted)),
        ),
    ),
)
