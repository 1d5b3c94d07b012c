"""What GroupQueryAttention takes: the numbers of its parameters, and the bytes of its cache."""

from __future__ import annotations

import math

import keras
import numpy as np

from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.positions.placed import UNIT


def _count(features: int, head_dim: int, num_query_heads: int, num_key_value_heads: int) -> int:
    layer = keras.layers.GroupQueryAttention(head_dim, num_query_heads, num_key_value_heads)
    source = keras.KerasTensor((None, 3, features))
    layer(source, source)
    return int(layer.count_params())


def _arguments(draw: Draw) -> Case:
    features, size, groups = draw.sizes(3, 2, 24)
    return Case(
        {
            "features": features,
            "head_dim": size,
            "num_query_heads": groups * draw.choice((2, 3, 4)),
            "num_key_value_heads": groups,
        }
    )


group_query_params = Exercise(
    name="group_query_params",
    unit=UNIT,
    layer="GroupQueryAttention",
    reference=_count,
    kinds=(Kind("a layer", _arguments), Kind("another one", _arguments)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "nothing shared",
            "Your count has a head of keys and values for each query head.",
            "How many heads of keys are there?",
            lambda features, head_dim, num_query_heads, num_key_value_heads: (
                3 * (features + 1) * num_query_heads * head_dim
                + (num_query_heads * head_dim + 1) * features
            ),
        ),
        Misconception(
            "biases not counted",
            "Your count has no biases.",
            "Each projection is a small Dense layer: what does a Dense layer have besides its "
            "kernel?",
            lambda features, head_dim, num_query_heads, num_key_value_heads: (
                2 * features * (num_query_heads + num_key_value_heads) * head_dim
            ),
        ),
        Misconception(
            "value heads not shared",
            "Your count shares the keys, and has values for each query head.",
            "Which two projections are smaller than in MultiHeadAttention?",
            lambda features, head_dim, num_query_heads, num_key_value_heads: (
                (features + 1) * (2 * num_query_heads + num_key_value_heads) * head_dim
                + (num_query_heads * head_dim + 1) * features
            ),
        ),
        Misconception(
            "output from the shared heads",
            "Your output projection is as small as those of keys and values.",
            "How many heads give an answer in the end: the query heads, or the key heads?",
            lambda features, head_dim, num_query_heads, num_key_value_heads: (
                (features + 1) * (num_query_heads + 2 * num_key_value_heads) * head_dim
                + (num_key_value_heads * head_dim + 1) * features
            ),
        ),
        Misconception(
            "output projection forgotten",
            "Your count leaves out the projection that joins the heads.",
            "Three projections lead into the heads. What leads out of them?",
            lambda features, head_dim, num_query_heads, num_key_value_heads: (
                (features + 1) * (num_query_heads + 2 * num_key_value_heads) * head_dim
            ),
        ),
        Misconception(
            "output projection without a bias",
            "Your count leaves out the bias of the projection that joins the heads.",
            "All four projections are Dense layers. How long is the bias of the last one?",
            lambda features, head_dim, num_query_heads, num_key_value_heads: (
                (features + 1) * (num_query_heads + 2 * num_key_value_heads) * head_dim
                + num_query_heads * head_dim * features
            ),
        ),
        Misconception(
            "output bias as long as the heads",
            "Your count has an output bias as long as all query heads together.",
            "A bias has one number for each output. How many outputs has the last projection?",
            lambda features, head_dim, num_query_heads, num_key_value_heads: (
                (features + 1) * (num_query_heads + 2 * num_key_value_heads) * head_dim
                + (features + 1) * num_query_heads * head_dim
            ),
        ),
    ),
)


def _bytes(
    tokens: int,
    layers: int,
    head_dim: int,
    num_query_heads: int,
    num_key_value_heads: int,
    bytes_each: int,
) -> int:
    """Asked of the live layer: the sizes of its keys and values for one text."""
    layer = keras.layers.GroupQueryAttention(head_dim, num_query_heads, num_key_value_heads)
    source = np.zeros((1, tokens, 3), "float32")
    layer(source, source)
    kept = (project(source) for project in (layer._key_dense, layer._value_dense))
    return layers * bytes_each * sum(math.prod(part.shape) for part in kept)


def _cache(draw: Draw) -> Case:
    """Sizes for which no two wrong ideas give the same number."""
    tokens, layers = draw.size(50, 99), draw.size(11, 40)
    size, groups = draw.sizes(2, 3, 9)
    return Case(
        {
            "tokens": tokens,
            "layers": layers,
            "head_dim": size,
            "num_query_heads": groups * draw.choice((3, 5)),
            "num_key_value_heads": groups,
            "bytes_each": draw.choice((4, 8)),
        }
    )


cache_bytes = Exercise(
    name="cache_bytes",
    unit=UNIT,
    layer="GroupQueryAttention",
    reference=_bytes,
    kinds=(Kind("a model", _cache), Kind("another one", _cache)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "query heads kept",
            "You keep as many heads as there are query heads.",
            "Which heads does a later word look at: the old queries, or the old keys and values?",
            lambda tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each: (
                2 * tokens * layers * head_dim * num_query_heads * bytes_each
            ),
        ),
        Misconception(
            "keys only",
            "You keep keys or values, but not both.",
            "A later word compares with the old keys. What does it take a mean of?",
            lambda tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each: (
                tokens * layers * head_dim * num_key_value_heads * bytes_each
            ),
        ),
        Misconception(
            "queries, keys and values",
            "You keep the old queries too.",
            "Does any later word need the query of an earlier one?",
            lambda tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each: (
                tokens
                * layers
                * head_dim
                * (2 * num_key_value_heads + num_query_heads)
                * bytes_each
            ),
        ),
        Misconception(
            "one layer",
            "You count the cache of one layer.",
            "Do the layers share their keys and values?",
            lambda tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each: (
                2 * tokens * head_dim * num_key_value_heads * bytes_each
            ),
        ),
        Misconception(
            "numbers for bytes",
            "You count the numbers, not their bytes.",
            "How many bytes does each number take?",
            lambda tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each: (
                2 * tokens * layers * head_dim * num_key_value_heads
            ),
        ),
        Misconception(
            "tokens by tokens",
            "You keep a number for each pair of tokens.",
            "Are scores kept, or the vectors of which they are made?",
            lambda tokens, layers, head_dim, num_query_heads, num_key_value_heads, bytes_each: (
                2 * tokens * tokens * layers * num_key_value_heads * bytes_each
            ),
        ),
    ),
)
