"""GroupQueryAttention: several query heads share one head of keys and values."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.attention.attending import EDGES
from grader.exercises.draw import Draw
from grader.exercises.edges import given
from grader.exercises.exercise import Again, Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, other
from grader.exercises.positions.placed import UNIT


def _mask(draw: Draw, query: np.ndarray, value: np.ndarray) -> np.ndarray:
    """A mask with holes; the first place is open to every query, and the second not to the first
    one."""
    free = draw.random.random((len(query), query.shape[1], value.shape[1])) < 0.6
    free[:, :, 0], free[:, 0, 1] = True, False
    return free


def _case(draw: Draw, *, key: bool = True, groups: int = 2, **call: Any) -> Case:
    """Six query heads in two or three groups. Query and value are equally wide, as Keras wants it;
    a key has a width of its own."""
    heads = draw.size(6, 6)
    size, batch, queries, places = draw.sizes(4, 4, 9)
    width, other_width = draw.sizes(2, 10, 14)
    query, value = draw.normal(batch, queries, width), draw.normal(batch, places, width)
    more = (draw.normal(batch, places, other_width),) if key else ()
    config = {"head_dim": size, "num_query_heads": heads, "num_key_value_heads": groups}
    return Case(config, (query, value, *more), call=call)


def _plain(draw: Draw) -> Case:
    """Called again with a mask, with large numbers, and with what has a length of 1."""
    first = _case(draw)
    query, value, _ = first.inputs
    free = _mask(draw, query, value)
    closed = free.copy()
    closed[0] = False
    short = tuple(part[:, :1] for part in first.inputs)
    return first.then(
        other(first, "a mask", first.inputs, attention_mask=free),
        other(first, "one query and one place", short),
        other(first, "all places masked", first.inputs, finite=True, attention_mask=closed),
        enlarged(first, 10, finite=True),
    )


def _causal(draw: Draw) -> Case:
    """Called again without the mask and with a key."""
    first = _case(draw, key=False, groups=3, use_causal_mask=True)
    query, value = first.inputs
    call = {**first.call, "attention_mask": _mask(draw, query, value)}
    first = Case(first.config, first.inputs, call)
    key = draw.normal(*value.shape)
    return first.then(
        Again("a key and a causal mask", (query, value, key), {"use_causal_mask": True}),
        Again("neither key nor mask", first.inputs),
    )


def _end(draw: Draw, groups: int) -> Case:
    """As many key heads as query heads, or one for all."""
    return _case(draw, groups=groups)


def _single(draw: Draw) -> Case:
    """One head whose keys are single numbers."""
    batch, queries, places, width = draw.sizes(4, 2, 9)
    config = {"head_dim": 1, "num_query_heads": 1, "num_key_value_heads": 1}
    inputs = (draw.normal(batch, queries, width), draw.normal(batch, places, width))
    return Case(config, inputs).with_known_batch()


class _Groups(keras.layers.GroupQueryAttention):
    """Keras's layer with its steps laid open, so that a wrong idea can change one."""

    def divisor(self, query: Any) -> float:
        return math.sqrt(self.head_dim)

    def spread(self, heads: Any) -> Any:
        """From the heads of keys, or of values, to one for each query head."""
        return ops.repeat(heads, self.num_repeats, axis=2)

    def causal(self, scores: Any) -> Any:
        rows, columns = np.indices(tuple(scores.shape[-2:]))
        return rows >= columns

    def free(self, scores: Any, mask: Any, causal: bool) -> Any:
        """Where a query may look; None for everywhere."""
        if not causal:
            return mask
        own = ops.convert_to_tensor(self.causal(scores))[None]
        return own if mask is None else ops.logical_and(mask, own)

    def weigh(self, scores: Any, free: Any) -> Any:
        if free is not None:
            scores = ops.where(free[:, None], scores, -1e9)
        return ops.softmax(scores, axis=-1)

    def arguments(self, value: Any, key: Any) -> tuple[Any, Any]:
        return value, value if key is None else key

    def finish(self, mixed: Any) -> Any:
        return self._output_dense(mixed)

    def call(
        self,
        query: Any,
        value: Any,
        key: Any = None,
        query_mask: Any = None,
        value_mask: Any = None,
        key_mask: Any = None,
        attention_mask: Any = None,
        return_attention_scores: bool = False,
        training: Any = None,
        use_causal_mask: bool = False,
    ) -> Any:
        value, key = self.arguments(value, key)
        q = self._query_dense(query)
        k, v = self.spread(self._key_dense(key)), self.spread(self._value_dense(value))
        scores = ops.einsum("bquh,bkuh->buqk", q, k) / self.divisor(query)
        weights = self.weigh(scores, self.free(scores, attention_mask, use_causal_mask))
        return self.finish(ops.einsum("buqk,bkuh->bquh", weights, v))


class _Tiled(_Groups):
    def spread(self, heads: Any) -> Any:
        return ops.tile(heads, (1, 1, self.num_repeats, 1))


class _FirstOfAll(_Groups):
    def spread(self, heads: Any) -> Any:
        return ops.repeat(heads[:, :, :1], self.num_query_heads, axis=2)


class _MeanOfAll(_Groups):
    def spread(self, heads: Any) -> Any:
        return ops.repeat(ops.mean(heads, axis=2, keepdims=True), self.num_query_heads, axis=2)


class _NothingShared(_Groups):
    """MultiHeadAttention, whatever num_key_value_heads is."""

    def __init__(self, head_dim: int, num_query_heads: int, num_key_value_heads: int, **kw: Any):
        super().__init__(head_dim, num_query_heads, num_query_heads, **kw)


class _AllShared(_Groups):
    """Multi-query attention, whatever num_key_value_heads is."""

    def __init__(self, head_dim: int, num_query_heads: int, num_key_value_heads: int, **kw: Any):
        super().__init__(head_dim, num_query_heads, 1, **kw)


class _ValuesNotShared(_Groups):
    """The keys are shared, and each query head has values of its own."""

    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        super().build(query_shape, value_shape, key_shape)
        self._value_dense = keras.layers.EinsumDense(
            "bkm,muh->bkuh", (None, self.num_query_heads, self.head_dim), bias_axes="uh"
        )
        self._value_dense.build(value_shape)

    def spread(self, heads: Any) -> Any:
        return heads if heads.shape[2] == self.num_query_heads else super().spread(heads)


class _QueriesShared(_Groups):
    """The query heads of a group are averaged, and so look the same way."""

    def weigh(self, scores: Any, free: Any) -> Any:
        groups, repeats = self.num_key_value_heads, self.num_repeats
        apart = ops.reshape(scores, (-1, groups, repeats, *scores.shape[2:]))
        mean = ops.mean(apart, axis=2, keepdims=True) + ops.zeros_like(apart)
        return super().weigh(ops.reshape(mean, (-1, groups * repeats, *scores.shape[2:])), free)


class _Unscaled(_Groups):
    def divisor(self, query: Any) -> float:
        return 1.0


class _RootOfWidth(_Groups):
    def divisor(self, query: Any) -> float:
        return math.sqrt(query.shape[-1])


class _RootOfAll(_Groups):
    def divisor(self, query: Any) -> float:
        return math.sqrt(self.head_dim * self.num_query_heads)


class _DividedBySize(_Groups):
    def divisor(self, query: Any) -> float:
        return float(self.head_dim)


class _OverQueries(_Groups):
    def weigh(self, scores: Any, free: Any) -> Any:
        if free is not None:
            scores = ops.where(free[:, None], scores, -1e9)
        return ops.softmax(scores, axis=-2)


class _Inverted(_Groups):
    def weigh(self, scores: Any, free: Any) -> Any:
        return super().weigh(scores, None if free is None else ops.logical_not(free))


class _MaskInverted(_Groups):
    """The causal mask is right."""

    def free(self, scores: Any, mask: Any, causal: bool) -> Any:
        return super().free(scores, None if mask is None else ops.logical_not(mask), causal)


class _MaskedAfterwards(_Groups):
    def weigh(self, scores: Any, free: Any) -> Any:
        shares = ops.softmax(scores, axis=-1)
        return shares if free is None else shares * ops.cast(free[:, None], shares.dtype)


class _FirstHeadMasked(_Groups):
    """The mask is laid on the first query head of each group only."""

    def weigh(self, scores: Any, free: Any) -> Any:
        if free is not None:
            first = np.arange(self.num_query_heads) % self.num_repeats == 0
            open_ = ops.logical_or(free[:, None], ~first[:, None, None])
            scores = ops.where(open_, scores, -1e9)
        return ops.softmax(scores, axis=-1)


class _Future(_Groups):
    def causal(self, scores: Any) -> Any:
        rows, columns = np.indices(tuple(scores.shape[-2:]))
        return rows <= columns


class _NotItself(_Groups):
    def causal(self, scores: Any) -> Any:
        rows, columns = np.indices(tuple(scores.shape[-2:]))
        return rows > columns


class _NeverCausal(_Groups):
    def free(self, scores: Any, mask: Any, causal: bool) -> Any:
        return super().free(scores, mask, causal=False)


class _OnlyCausal(_Groups):
    def free(self, scores: Any, mask: Any, causal: bool) -> Any:
        return super().free(scores, None if causal else mask, causal)


class _Exchanged(_Groups):
    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        if key_shape is not None:
            value_shape, key_shape = key_shape, value_shape
        super().build(query_shape, value_shape, key_shape)

    def arguments(self, value: Any, key: Any) -> tuple[Any, Any]:
        return (value, value) if key is None else (key, value)


class _NoBias(_Groups):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "use_bias": False})


_NAMES = ("head_dim", "num_query_heads", "num_key_value_heads")

group_query_attention = Exercise(
    name="GroupQueryAttention",
    unit=UNIT,
    layer="GroupQueryAttention",
    reference=keras.layers.GroupQueryAttention,
    forbid=("MultiHeadAttention",),
    weight_shapes=False,
    kinds=(
        Kind("two groups, with a key", _plain),
        Kind("three groups, causal, and a mask", _causal),
        Kind("one head of keys for all", lambda d: _end(d, 1), hidden=True),
        Kind("a head of keys for each", lambda d: _end(d, 6), hidden=True),
        Kind("one head, keys of one number", _single, edge=True, hidden=True),
    ),
    edges={**EDGES, **{f"{name}: 1": given(name, 1) for name in _NAMES}},
    aspects={"shape": 1, "parameters": 2, "output": 6, "gradient": 1},
    misconceptions=(
        Misconception(
            "key heads tiled",
            "Your query heads take the key heads in turn, as A B A B, and not in groups, as A A B "
            "B.",
            "Query heads 0 and 1 stand side by side in the picture. Which key head do they share?",
            _Tiled,
        ),
        Misconception(
            "the first key head for all",
            "All your query heads use the first head of keys and values.",
            "How many groups are there, and which key head belongs to the second one?",
            _FirstOfAll,
        ),
        Misconception(
            "key heads averaged",
            "Your layer takes the mean of all heads of keys, and of all heads of values.",
            "Does a query head look at all key heads, or at that of its group?",
            _MeanOfAll,
        ),
        Misconception(
            "nothing shared",
            "Your layer has a head of keys and values for each query head, as MultiHeadAttention "
            "has.",
            "Which two of the three projections are smaller than in MultiHeadAttention?",
            _NothingShared,
        ),
        Misconception(
            "everything shared",
            "Your layer has one head of keys and values, whatever num_key_value_heads is.",
            "What is num_key_value_heads for?",
            _AllShared,
        ),
        Misconception(
            "value heads not shared",
            "Your query heads share keys, but each one has values of its own.",
            "The cache holds keys and values. How many heads of each?",
            _ValuesNotShared,
        ),
        Misconception(
            "the queries of a group averaged",
            "The query heads of a group look the same way in your layer.",
            "They share their keys. Do they share their questions too?",
            _QueriesShared,
        ),
        Misconception(
            "not scaled",
            "Your scores are not divided by anything.",
            "The longer two random vectors are, the larger their product gets: what keeps it "
            "small here?",
            _Unscaled,
        ),
        Misconception(
            "scaled by the width of the query",
            "Your scores are divided by the square root of the query's own width.",
            "After the projection, how long are the vectors that are multiplied?",
            _RootOfWidth,
        ),
        Misconception(
            "scaled by all heads together",
            "Your scores are divided by the square root of head_dim times the number of query "
            "heads.",
            "How long are the two vectors that one head multiplies?",
            _RootOfAll,
        ),
        Misconception(
            "root forgotten",
            "Your scores are divided by head_dim itself.",
            "How does the length of a random vector grow with the number of its entries?",
            _DividedBySize,
        ),
        Misconception(
            "softmax over the queries",
            "Your softmax runs over the queries.",
            "A query divides its attention. Among what?",
            _OverQueries,
        ),
        Misconception(
            "mask inverted",
            "Your layer looks where the mask is False, and only there.",
            "Does True in a mask mean look, or skip?",
            _Inverted,
        ),
        Misconception(
            "mask for one head of a group",
            "Your mask is laid on the first query head of each group only.",
            "May the second query head of a group look at a hidden place?",
            _FirstHeadMasked,
        ),
        Misconception(
            "looks into the future",
            "Your causal mask is the opposite triangle: each query sees itself and what comes "
            "later.",
            "A reader has reached the third word. Which words are known: the first three, or the "
            "rest?",
            _Future,
        ),
        Misconception(
            "causal or mask, not both",
            "With use_causal_mask your layer forgets the attention_mask.",
            "A place may be looked at if nothing speaks against it: how are two masks joined?",
            _OnlyCausal,
        ),
        Misconception(
            "use_causal_mask ignored",
            "Your layer ignores use_causal_mask.",
            "Which queries may look at the last place then?",
            _NeverCausal,
        ),
        Misconception(
            "own place hidden",
            "Your causal mask hides each query's own place, too.",
            "Which places may the first query look at?",
            _NotItself,
        ),
        Misconception(
            "attention_mask inverted",
            "Your attention_mask hides the places that are True.",
            "What does True mean in an attention_mask: look here, or do not look here?",
            _MaskInverted,
        ),
        Misconception(
            "masked after the softmax",
            "Your layer sets the shares of hidden places to 0 after the softmax.",
            "What do the shares of the other places add up to then?",
            _MaskedAfterwards,
        ),
        Misconception(
            "value and key exchanged",
            "Your layer takes its arguments as query, key, value, in the paper's order.",
            "In which order does Keras's layer take the three?",
            _Exchanged,
        ),
        Misconception(
            "biases omitted",
            "Your projections have no biases.",
            "Each of the four projections is a small Dense layer: what does a Dense layer have "
            "besides its kernel?",
            _NoBias,
        ),
    ),
)
