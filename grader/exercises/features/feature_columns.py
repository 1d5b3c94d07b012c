"""Feature columns as plain data, and the live `tf_keras.layers.DenseFeatures` that they describe.

A column is a tuple, its kind first:

    ("numeric", feature, mean, deviation)
    ("bucketized", feature, boundaries)
    ("one_hot", feature, vocabulary)
    ("embedding", feature, vocabulary, dimension)
    ("crossed", features, bins)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np

from grader.bench.backend import tf
from grader.exercises.draw import Draw

Column = Sequence[Any]

WORDS = (
    "anvers", "biscoe", "booth", "brabant", "cuverville", "doumer", "dream", "hovgaard",
    "petermann", "torgersen", "wiencke",
)  # fmt: skip
"""Islands near Palmer Station, in alphabetical order."""
YEARS = tuple(range(2001, 2030))


def live(columns: Sequence[Column]) -> Any:
    """The `DenseFeatures` of these columns; tf_keras is loaded when it is first needed."""
    from tf_keras.layers import DenseFeatures

    return DenseFeatures([_feature_column(column) for column in columns])


def column_names(columns: Sequence[Column]) -> list[str]:
    """The columns' names, in the order in which `DenseFeatures` puts them."""
    return [column.name for column in live(columns)._feature_columns]


def column_name(column: Column) -> str:
    """The column's name."""
    kind, feature, *_ = column
    ending = "indicator" if kind == "one_hot" else kind
    if kind == "crossed":
        return "_X_".join(sorted(feature)) + "_indicator"
    return str(feature) if kind == "numeric" else f"{feature}_{ending}"


def first_feature(column: Column) -> str:
    """The column's feature, the first in alphabetical order of several."""
    return str(column[1] if isinstance(column[1], str) else min(column[1]))


def _feature_column(column: Column) -> Any:
    make, (kind, *rest) = tf.feature_column, column
    if kind == "numeric":
        feature, mean, deviation = rest
        return make.numeric_column(feature, normalizer_fn=lambda x: (x - mean) / deviation)
    if kind == "bucketized":
        feature, boundaries = rest
        return make.bucketized_column(make.numeric_column(feature), list(boundaries))
    if kind == "crossed":
        features, bins = rest
        return make.indicator_column(make.crossed_column(list(features), bins))
    categories = make.categorical_column_with_vocabulary_list(rest[0], list(rest[1]))
    if kind == "embedding":
        return make.embedding_column(categories, rest[2])
    return make.indicator_column(categories)


class _Tables(tf.__internal__.feature_column.StateManager):
    """Keeps the variables of feature columns as weights of a Keras 3 layer."""

    def __init__(self, layer: keras.layers.Layer) -> None:
        super().__init__(None, True)
        self._owner = layer
        self._weights: dict[Any, Any] = {}

    def create_variable(self, feature_column: Any, name: str, shape: Any, **_: Any) -> None:
        self._weights[feature_column] = self._owner.add_weight(
            name=feature_column.name, shape=tuple(shape), initializer="random_normal"
        )

    def get_variable(self, feature_column: Any, name: str) -> Any:
        return self._weights[feature_column].value


class Reference(keras.layers.Layer):
    """The live `DenseFeatures`, its tables held by Keras 3."""

    def __init__(self, columns: Sequence[Column], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.columns = columns
        self._dense = live(columns)
        self._dense._state_manager = _Tables(self)

    def build(self, input_shape: Any = None) -> None:
        self._dense.build(None)

    def call(self, inputs: Mapping[str, Any]) -> Any:
        return self._dense.call(dict(inputs), training=False)


def by_function(function: Callable[..., Any]) -> Callable[..., keras.layers.Layer]:
    """A layer without weights that gives function(inputs, *arguments of the constructor)."""

    class ByFunction(keras.layers.Layer):
        def __init__(self, **config: Any) -> None:
            super().__init__()
            self.config = config

        def call(self, inputs: Any) -> Any:
            return function(inputs, *self.config.values())

    return ByFunction


def numbers(draw: Draw, batch: int, boundaries: Sequence[float] = ()) -> np.ndarray:
    """A column of numbers of both signs; some of them lie exactly on a boundary."""
    values = 3 * draw.normal(batch)
    values[: len(boundaries)] = boundaries
    values[-2:] = np.abs(values[-2:]) * (-1, 1)
    return draw.random.permutation(values)[:, None]


def boundaries(draw: Draw, count: int) -> list[float]:
    """So many boundaries, rising, and exact as float32."""
    steps = draw.random.choice(np.arange(-12, 13), count, replace=False)
    return [float(step) / 4 for step in sorted(steps)]


def vocabulary(draw: Draw, count: int, words: Sequence[Any] = WORDS) -> list[Any]:
    """So many words, not in alphabetical order."""
    while True:
        chosen = draw.random.choice(words, count, replace=False).tolist()
        if chosen != sorted(chosen):
            return list(chosen)


def categories(draw: Draw, batch: int, known: Sequence[Any]) -> np.ndarray:
    """A column that holds each of these words, and one or more that are not among them."""
    pool = WORDS if isinstance(known[0], str) else YEARS
    unknown = [word for word in pool if word not in known]
    strangers = draw.random.choice(unknown, max(1, (batch - len(known)) // 2)).tolist()
    rest = draw.random.choice(known, batch - len(known) - len(strangers)).tolist()
    column = np.array([*known, *strangers, *rest])
    return draw.random.permutation(column)[:, None]


def numeric_column(draw: Draw, feature: str) -> Column:
    """A numeric column, with a mean and a deviation."""
    mean, deviation = draw.random.uniform((2, 2), (9, 6)).round(2).tolist()
    return ("numeric", feature, draw.choice((-mean, mean)), deviation)


def bucketized_column(draw: Draw, feature: str) -> Column:
    """A bucketized column."""
    return ("bucketized", feature, boundaries(draw, draw.size(2, 8)))


def one_hot_column(draw: Draw, feature: str, words: Sequence[Any] = WORDS) -> Column:
    """A one-hot column of words, or of whole numbers."""
    return ("one_hot", feature, vocabulary(draw, draw.size(2, 8), words))


def embedding_column(draw: Draw, feature: str, words: Sequence[Any] = WORDS) -> Column:
    """An embedding column."""
    return ("embedding", feature, vocabulary(draw, draw.size(2, 8), words), draw.size(2, 8))


def crossed_column(draw: Draw, *features: str) -> Column:
    """A cross of these features."""
    return ("crossed", list(features), draw.size(20, 40))
