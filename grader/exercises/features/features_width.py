"""Predictions on DenseFeatures: how wide its tensor is, and in which order its columns stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.features.feature_columns import (
    Column,
    bucketized_column,
    column_name,
    column_names,
    crossed_column,
    embedding_column,
    first_feature,
    live,
    numeric_column,
    one_hot_column,
)

UNIT = "04-features"


def _width(columns: Sequence[Column]) -> int:
    return int(live(columns).compute_output_shape((None,))[-1])


def _columns(draw: Draw, *kinds: str) -> Case:
    """One column of each of these kinds, of features in no order."""
    free = ["bill", "depth", "flipper", "island", "mass", "nest", "sex", "year"]
    features = draw.random.permutation(free).tolist()
    make = {
        "numeric": lambda: numeric_column(draw, features.pop()),
        "bucketized": lambda: bucketized_column(draw, features.pop()),
        "one_hot": lambda: one_hot_column(draw, features.pop()),
        "embedding": lambda: embedding_column(draw, features.pop()),
        "crossed": lambda: crossed_column(draw, *sorted((features.pop(), features.pop()))[::-1]),
    }
    return Case({"columns": [make[kind]() for kind in kinds]})


def _wrong_width(**changed: Callable[[Column], int]) -> Callable[[Sequence[Column]], int]:
    def count(columns: Sequence[Column]) -> int:
        return sum(changed.get(c[0], lambda c: _width([c]))(c) for c in columns)

    return count


features_width = Exercise(
    name="features_width",
    unit=UNIT,
    layer="DenseFeatures",
    reference=_width,
    kinds=(
        Kind("a number and buckets", lambda d: _columns(d, "bucketized", "numeric")),
        Kind("words and a number", lambda d: _columns(d, "one_hot", "numeric")),
        Kind("an embedding and a number", lambda d: _columns(d, "embedding", "numeric")),
        Kind("a cross", lambda d: _columns(d, "crossed", "numeric")),
        Kind(
            "one of each",
            lambda d: _columns(d, "one_hot", "crossed", "numeric", "bucketized", "embedding"),
        ),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "as many buckets as boundaries",
            "Your count has as many buckets as boundaries.",
            "Cut a piece of string three times: how many pieces do you get?",
            _wrong_width(bucketized=lambda c: len(c[2])),
        ),
        Misconception(
            "buckets between the boundaries only",
            "Your count has a bucket between every two boundaries, but none at the ends.",
            "Cut a piece of string three times: how many pieces do you get?",
            _wrong_width(bucketized=lambda c: len(c[2]) - 1),
        ),
        Misconception(
            "a category is one column",
            "Your count has one column for a category and ignores the vocabulary.",
            "How wide is a one-hot row with a place for each word?",
            _wrong_width(one_hot=lambda c: 1),
        ),
        Misconception(
            "a column for unknown words",
            "Your count has an extra column for words that are not in the vocabulary.",
            "What does the row of an unknown word look like here?",
            _wrong_width(one_hot=lambda c: len(c[2]) + 1),
        ),
        Misconception(
            "embedding as wide as its vocabulary",
            "In your count an embedding is as wide as its vocabulary is long.",
            "Which row comes out of the layer: the one-hot row, or a row of the table?",
            _wrong_width(embedding=lambda c: len(c[2])),
        ),
        Misconception(
            "whole table counted",
            "Your count includes the whole table of an embedding, with all its rows.",
            "How many rows of the table does one bird get?",
            _wrong_width(embedding=lambda c: len(c[2]) * c[3]),
        ),
        Misconception(
            "a cross is as wide as its features",
            "In your count a cross has its bins once for each of its features.",
            "Into how many bins does one pair of values go?",
            _wrong_width(crossed=lambda c: len(c[1]) * c[2]),
        ),
        Misconception(
            "a cross is one column",
            "Your count has one column for a cross: the number of its bin.",
            "Is bin 6 twice as much as bin 3?",
            _wrong_width(crossed=lambda c: 1),
        ),
    ),
)


def _two_of_one(draw: Draw) -> Case:
    """A feature that has columns of its own and is crossed, too."""
    first, second = draw.choice((("island", "sex"), ("depth", "year"), ("nest", "species")))
    words = [
        one_hot_column(draw, first),
        embedding_column(draw, first),
        crossed_column(draw, second, first),
    ]
    numbers = [bucketized_column(draw, "mass"), numeric_column(draw, "mass")]
    order = draw.choice(("wnwnw", "nwwnw", "wwnnw", "nwnww"))  # each feature's columns backwards
    return Case({"columns": [(words if who == "w" else numbers).pop(0) for who in order]})


def _named(name_of: Callable[[Column], str]) -> Callable[[Sequence[Column]], list[str]]:
    return lambda columns: sorted(map(name_of, columns))


def _cross_as_declared(column: Column) -> str:
    return "_X_".join(column[1]) + "_indicator" if column[0] == "crossed" else column_name(column)


def _kind_for_suffix(column: Column) -> str:
    feature = column_name(column).removesuffix("_indicator")
    return f"{feature}_one_hot" if column[0] == "one_hot" else column_name(column)


features_order = Exercise(
    name="features_order",
    unit=UNIT,
    layer="DenseFeatures",
    reference=column_names,
    kinds=(
        Kind("numbers", lambda d: _columns(d, "numeric", "bucketized", "numeric")),
        Kind(
            "one of each",
            lambda d: _columns(d, "one_hot", "crossed", "numeric", "bucketized", "embedding"),
        ),
        Kind("several columns of one feature", _two_of_one),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "declared order",
            "Your names are in the order in which the columns were declared.",
            "If you list the same columns in another order, you must get the same tensor. How?",
            lambda columns: [column_name(column) for column in columns],
        ),
        Misconception(
            "features instead of columns",
            "You list the names of the features, not those of the columns.",
            "With these names, could you tell the numeric column of body_mass from its buckets?",
            _named(lambda c: column_name(c).removesuffix(f"_{c[0]}").removesuffix("_indicator")),
        ),
        Misconception(
            "sorted by feature",
            "Your names are right, but you sorted them by feature and ignored the endings.",
            "Sort the full names, with their endings.",
            lambda columns: [column_name(c) for c in sorted(columns, key=first_feature)],
        ),
        Misconception(
            "cross named as declared",
            "The name of your cross lists its features in the order in which they were declared.",
            "Only in the name, the features of a cross are sorted. Look at the table.",
            _named(_cross_as_declared),
        ),
        Misconception(
            "crosses last",
            "Your crosses come after all other columns, as in keras.utils.FeatureSpace.",
            "Does the alphabetical order make an exception for crosses?",
            lambda columns: (
                sorted(column_name(c) for c in columns if c[0] != "crossed")
                + sorted(column_name(c) for c in columns if c[0] == "crossed")
            ),
        ),
        Misconception(
            "kind for ending",
            "The names of your one-hot columns end in their kind. DenseFeatures uses another "
            "ending.",
            "Which ending does the table give for a one-hot column?",
            _named(_kind_for_suffix),
        ),
    ),
)
