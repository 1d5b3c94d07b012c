"""MultiHeadAttention: several attentions side by side, each in a projection of its own."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.attention.attending import ASPECTS, EDGES, UNIT
from grader.exercises.draw import Draw
from grader.exercises.edges import given
from grader.exercises.exercise import Again, Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, other


def _case(draw: Draw, *, key: bool = True, mask: bool = False, **call: Any) -> Case:
    """Query, value and key as arguments by position, all of different widths and lengths."""
    heads, size, wide = draw.size(2, 3), draw.size(4, 6), draw.size(4, 6)
    batch, queries, places = draw.sizes(3, 2, 9)
    widths = draw.sizes(3, 7, 14)
    query, value = draw.normal(batch, queries, widths[0]), draw.normal(batch, places, widths[1])
    more = (draw.normal(batch, places, widths[2]),) if key else ()
    if mask:
        open_ = draw.random.random((batch, queries, places)) < 0.6
        open_[:, :, 0], open_[:, 0, 1] = True, False
        call["attention_mask"] = open_
    return Case(
        {"num_heads": heads, "key_dim": size, "value_dim": wide}, (query, value, *more), call=call
    )


def _plain(draw: Draw) -> Case:
    """Called again with a mask, with large numbers, and with what has a length of 1."""
    first = _case(draw)
    query, value, _ = first.inputs
    free = draw.random.random((len(query), query.shape[1], value.shape[1])) < 0.6
    free[:, :, 0], free[:, 0, 1] = True, False
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
    first = _case(draw, key=False, mask=True, use_causal_mask=True)
    query, value = first.inputs
    key = draw.normal(*value.shape)
    return first.then(
        Again("a key and a causal mask", (query, value, key), {"use_causal_mask": True}),
        Again("neither key nor mask", first.inputs),
    )


def _single(draw: Draw) -> Case:
    """One head whose keys are single numbers."""
    batch, queries, places, width, wide = draw.sizes(5, 2, 9)
    config = {"num_heads": 1, "key_dim": 1, "value_dim": draw.size(10, 12)}
    inputs = (draw.normal(batch, queries, width), draw.normal(batch, places, wide))
    return Case(config, inputs).with_known_batch()


class _Heads(keras.layers.MultiHeadAttention):
    """Keras's layer with its steps laid open, so that a wrong idea can change one."""

    def divisor(self, query: Any) -> float:
        return float(self._key_dim) ** 0.5

    def causal(self, scores: Any) -> Any:
        rows, columns = np.indices(tuple(scores.shape[-2:]))
        return rows >= columns

    def weigh(self, scores: Any, free: Any) -> Any:
        if free is not None:
            scores = ops.where(free[:, None], scores, -1e9)
        return ops.softmax(scores, axis=-1)

    def free(self, scores: Any, mask: Any, causal: bool) -> Any:
        """Where a query may look; None for everywhere."""
        if not causal:
            return mask
        own = ops.convert_to_tensor(self.causal(scores))[None]
        return own if mask is None else ops.logical_and(mask, own)

    def join(self, mixed: Any) -> Any:
        """From (batch, heads, queries, size) to (batch, queries, heads, size)."""
        return ops.transpose(mixed, (0, 2, 1, 3))

    def finish(self, mixed: Any) -> Any:
        return self._output_dense(self.join(mixed))

    def arguments(self, value: Any, key: Any) -> tuple[Any, Any]:
        return value, value if key is None else key

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
        q, k, v = (
            ops.transpose(part, (0, 2, 1, 3))
            for part in (self._query_dense(query), self._key_dense(key), self._value_dense(value))
        )
        scores = ops.matmul(q, ops.swapaxes(k, -2, -1)) / self.divisor(query)
        free = self.free(scores, attention_mask, use_causal_mask)
        return self.finish(ops.matmul(self.weigh(scores, free), v))


class _Unscaled(_Heads):
    def divisor(self, query: Any) -> float:
        return 1.0


class _RootOfWidth(_Heads):
    def divisor(self, query: Any) -> float:
        return float(query.shape[-1]) ** 0.5


class _RootOfAll(_Heads):
    def divisor(self, query: Any) -> float:
        return float(self._key_dim * self._num_heads) ** 0.5


class _DividedBySize(_Heads):
    def divisor(self, query: Any) -> float:
        return float(self._key_dim)


class _MultipliedByRoot(_Heads):
    def divisor(self, query: Any) -> float:
        return float(self._key_dim) ** -0.5


class _OverQueries(_Heads):
    def weigh(self, scores: Any, free: Any) -> Any:
        if free is not None:
            scores = ops.where(free[:, None], scores, -1e9)
        return ops.softmax(scores, axis=-2)


class _OverHeads(_Heads):
    def weigh(self, scores: Any, free: Any) -> Any:
        if free is not None:
            scores = ops.where(free[:, None], scores, -1e9)
        return ops.softmax(scores, axis=1)


class _Inverted(_Heads):
    def weigh(self, scores: Any, free: Any) -> Any:
        if free is not None:
            scores = ops.where(free[:, None], -1e9, scores)
        return ops.softmax(scores, axis=-1)


class _Multiplied(_Heads):
    def weigh(self, scores: Any, free: Any) -> Any:
        if free is not None:
            scores = scores * ops.cast(free[:, None], scores.dtype)
        return ops.softmax(scores, axis=-1)


class _Afterwards(_Heads):
    def weigh(self, scores: Any, free: Any) -> Any:
        weights = ops.softmax(scores, axis=-1)
        return weights if free is None else weights * ops.cast(free[:, None], weights.dtype)


class _Future(_Heads):
    def causal(self, scores: Any) -> Any:
        rows, columns = np.indices(tuple(scores.shape[-2:]))
        return rows <= columns


class _NotItself(_Heads):
    def causal(self, scores: Any) -> Any:
        rows, columns = np.indices(tuple(scores.shape[-2:]))
        return rows > columns


class _AlignedToTheEnd(_Heads):
    def causal(self, scores: Any) -> Any:
        queries, places = scores.shape[-2:]
        rows, columns = np.indices((queries, places))
        return rows + places - queries >= columns


class _OnlyCausal(_Heads):
    def free(self, scores: Any, mask: Any, causal: bool) -> Any:
        return super().free(scores, None if causal else mask, causal)


class _ReshapedOnly(_Heads):
    def join(self, mixed: Any) -> Any:
        _, heads, queries, size = mixed.shape
        return ops.reshape(mixed, (-1, queries, heads, size))


class _SameForAll(_Heads):
    def weigh(self, scores: Any, free: Any) -> Any:
        mean = ops.mean(scores, axis=1, keepdims=True)
        return ops.zeros_like(scores) + super().weigh(mean, free)


class _Exchanged(_Heads):
    def build(self, query_shape: Any, value_shape: Any, key_shape: Any = None) -> None:
        if key_shape is not None:
            value_shape, key_shape = key_shape, value_shape
        super().build(query_shape, value_shape, key_shape)

    def arguments(self, value: Any, key: Any) -> tuple[Any, Any]:
        return (value, value) if key is None else (key, value)


class _NoBias(_Heads):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "use_bias": False})


multi_head_attention = Exercise(
    name="MultiHeadAttention",
    unit=UNIT,
    layer="MultiHeadAttention",
    reference=keras.layers.MultiHeadAttention,
    forbid=("MultiHeadAttention",),
    weight_shapes=False,
    kinds=(
        Kind("query, value and key", _plain),
        Kind("causal, and a mask", _causal),
        Kind("one head, keys of one number", _single, edge=True, hidden=True),
    ),
    edges={
        **EDGES,
        **{f"{name}: 1": given(name, 1) for name in ("num_heads", "key_dim")},
    },
    aspects={name: worth for name, worth in ASPECTS.items() if name != "model"} | {"parameters": 2},
    misconceptions=(
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
            "Your scores are divided by the square root of key_dim times the number of heads.",
            "How long are the two vectors that one head multiplies?",
            _RootOfAll,
        ),
        Misconception(
            "root forgotten",
            "Your scores are divided by key_dim itself.",
            "How does the length of a random vector grow with the number of its entries?",
            _DividedBySize,
        ),
        Misconception(
            "multiplied by the root",
            "Your scores are multiplied by the root of key_dim.",
            "The longer two random vectors are, the larger their product: what holds it down here?",
            _MultipliedByRoot,
        ),
        Misconception(
            "softmax over the queries",
            "Your softmax runs over the queries.",
            "A query divides its attention. Among what?",
            _OverQueries,
        ),
        Misconception(
            "softmax over the heads",
            "Your softmax runs over the heads, so the heads compete with each other.",
            "Does a head know about the others before the very last step?",
            _OverHeads,
        ),
        Misconception(
            "all heads look the same way",
            "All your heads use the same attention weights.",
            "Why have several heads if they all look at the same place?",
            _SameForAll,
        ),
        Misconception(
            "mask inverted",
            "Your layer looks where the mask is False, and only there.",
            "Does True in a mask mean look, or skip?",
            _Inverted,
        ),
        Misconception(
            "mask multiplied into the scores",
            "Your layer sets the scores of masked places to 0 before softmax.",
            "What is e to the power of 0? Which score would become a weight of zero?",
            _Multiplied,
        ),
        Misconception(
            "mask after softmax",
            "Your layer removes the masked weights after softmax: the rest no longer sum to 1.",
            "Where should the weight of a masked place go?",
            _Afterwards,
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
            "does not see itself",
            "Your causal mask hides each query's own place, too.",
            "May a word look at itself?",
            _NotItself,
        ),
        Misconception(
            "causal mask aligned to the end",
            "Your causal mask aligns the last query with the last place.",
            "Does Keras count the queries and the places from their beginning, or from their end?",
            _AlignedToTheEnd,
        ),
        Misconception(
            "causal or mask, not both",
            "With use_causal_mask your layer forgets the attention_mask.",
            "A place may be looked at if nothing speaks against it: how are two masks joined?",
            _OnlyCausal,
        ),
        Misconception(
            "heads mixed up by a reshape",
            "Your layer joins the heads with a reshape alone, which mixes queries with heads.",
            "The axes are (batch, heads, queries, size) and should be (batch, queries, heads, "
            "size): does a reshape change the order of the numbers?",
            _ReshapedOnly,
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


def _count(features: int, num_heads: int, key_dim: int) -> int:
    layer = keras.layers.MultiHeadAttention(num_heads, key_dim)
    source = keras.KerasTensor((None, 3, features))
    layer(source, source)
    return int(layer.count_params())


def _arguments(draw: Draw) -> Case:
    features, heads, size = draw.sizes(3, 2, 24)
    return Case({"features": features, "num_heads": heads, "key_dim": size})


multi_head_attention_params = Exercise(
    name="multi_head_attention_params",
    unit=UNIT,
    layer="MultiHeadAttention",
    reference=_count,
    kinds=(Kind("a layer", _arguments), Kind("another one", _arguments)),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "output projection forgotten",
            "Your count leaves out the projection that combines the heads.",
            "Three projections lead into the heads. What leads out of them?",
            lambda features, num_heads, key_dim: 3 * (features + 1) * num_heads * key_dim,
        ),
        Misconception(
            "biases not counted",
            "Your count has no biases.",
            "Each projection is a small Dense layer: what does a Dense layer have besides its "
            "kernel?",
            lambda features, num_heads, key_dim: 4 * features * num_heads * key_dim,
        ),
        Misconception(
            "a single head",
            "Your count has one head only.",
            "Do the heads share their projections?",
            lambda features, num_heads, key_dim: (
                3 * (features + 1) * key_dim + key_dim * features + features
            ),
        ),
        Misconception(
            "output bias as long as the heads",
            "Your output bias is as long as all heads together.",
            "The bias is added to the output: how wide is the output?",
            lambda features, num_heads, key_dim: 4 * (features + 1) * num_heads * key_dim,
        ),
        Misconception(
            "one projection for all three",
            "Your count has one projection for query, key and value together.",
            "Do query, key and value go through the same kernel?",
            lambda features, num_heads, key_dim: (
                (features + 1) * num_heads * key_dim + (num_heads * key_dim + 1) * features
            ),
        ),
    ),
)
