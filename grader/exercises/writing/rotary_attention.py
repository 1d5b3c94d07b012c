"""RotaryAttention: grouped heads, turned by their places, with a cache that grows."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, large, size_one, zeros
from grader.exercises.exercise import Again, Case, Exercise, Kind, Misconception
from grader.exercises.further import enlarged, other, zeroed
from grader.exercises.positions.rotary_embedding import RotaryEmbedding
from grader.exercises.writing.parts import UNIT

PARTS = ("outputs", "cached keys", "cached values")


class RotaryAttention(keras.layers.Layer):
    """The projections of `keras.layers.GroupQueryAttention`, causal and without biases.

    Queries and keys are turned by our RotaryEmbedding before they are compared. Without the turns
    the outputs are those of Keras's layer: a test holds it. The cache is a list of keys, turned,
    and values, (batch, places, num_key_value_heads, head_dim); new ones are put behind the old.
    """

    biases = False

    def __init__(
        self, num_query_heads: int, num_key_value_heads: int, head_dim: int, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.head_dim = head_dim
        self.group = num_query_heads // num_key_value_heads
        self.inner = keras.layers.GroupQueryAttention(
            head_dim, num_query_heads, num_key_value_heads, use_bias=self.biases
        )
        self.rotary = RotaryEmbedding()

    def build(self, input_shape: Any) -> None:
        """Make the four projections: three of them read the inputs."""
        self.inner.build(input_shape, input_shape)

    def named(self) -> dict[str, Any]:
        """The weights, by the names under which a model keeps them in a file."""
        inner = self.inner
        return {
            "query": inner._query_dense.kernel,
            "key": inner._key_dense.kernel,
            "value": inner._value_dense.kernel,
            "output": inner._output_dense.kernel,
        }

    def turned(self, query: Any, key: Any, value: Any, start: int) -> tuple[Any, Any, Any]:
        """The three after the turns; the first of them stands at the place `start`."""
        return self.rotary(query, start_index=start), self.rotary(key, start_index=start), value

    def joined(self, old: Any, new: Any) -> Any:
        """What was cached, and the new keys (or values) behind it."""
        return ops.concatenate([old, new], axis=1)

    def read(self, keys: Any) -> Any:
        """The keys as they are compared."""
        return keys

    def seen(self, steps: int, start: int) -> np.ndarray:
        """Which places each new token may look at, (steps, places)."""
        return np.arange(start + steps) <= start + np.arange(steps)[:, None]

    def spread(self, heads: Any) -> Any:
        """A head of keys, or values, for each head of queries."""
        return ops.repeat(heads, self.group, axis=2)

    def divisor(self) -> float:
        return float(self.head_dim) ** 0.5

    def returned(self, keys: Any, values: Any, new: list[Any]) -> Any:
        """The cache that is given back."""
        return [keys, values]

    def call(self, inputs: Any, cache: Any = None) -> Any:
        """The outputs for new tokens, and the cache with them."""
        start, steps = (0 if cache is None else cache[0].shape[1]), inputs.shape[1]
        inner = self.inner
        dense = (inner._query_dense, inner._key_dense, inner._value_dense)
        query, key, value = (layer(inputs) for layer in dense)
        query, *new = self.turned(query, key, value, start)
        keys, values = new
        if cache is not None:
            keys, values = (self.joined(old, part) for old, part in zip(cache, new, strict=True))
        scores = ops.einsum("bqhd,bphd->bhqp", query, self.spread(self.read(keys)))
        scores = ops.where(self.seen(steps, start), scores / self.divisor(), -1e9)
        mixed = ops.einsum("bhqp,bphd->bqhd", ops.softmax(scores, axis=-1), self.spread(values))
        return inner._output_dense(mixed), self.returned(keys, values, new)


def _config(draw: Draw) -> dict[str, int]:
    shared, times = draw.choice([(2, 2), (2, 3), (3, 2)])
    return {
        "num_query_heads": shared * times,
        "num_key_value_heads": shared,
        "head_dim": draw.choice([6, 8]),
    }


def _cache(draw: Draw, batch: int, places: int, config: dict[str, int]) -> list[np.ndarray]:
    shape = (batch, places, config["num_key_value_heads"], config["head_dim"])
    return [draw.normal(*shape) for _ in range(2)]


def _whole(draw: Draw) -> Case:
    """No cache; and in pieces."""
    batch, steps, width = draw.size(2, 3), 5, draw.size(8, 9)
    facts = {"parts": PARTS, "pieces": (2, 1, 2), "grows": ""}
    case = Case(_config(draw), draw.normal(batch, steps, width), facts=facts)
    return case.then(
        other(case, "one token", case.inputs[:, :1]), zeroed(case), enlarged(case, 10, finite=True)
    )


def _later(draw: Draw) -> Case:
    """Several new tokens, and a cache of others before them."""
    config, batch = _config(draw), 5
    cache = _cache(draw, batch, 7, config)
    inputs = (draw.normal(batch, 4, draw.size(9, 10)), cache)
    case = Case(config, inputs, facts={"parts": PARTS}).with_known_batch()
    tokens, _ = inputs
    return case.then(
        Again("a single token", (tokens[:, :1], cache)),
        Again("a longer cache", (tokens, _cache(draw, batch, 11, config))),
        Again("no cache", tokens),
    )


def _one(draw: Draw, **config: int) -> Case:
    """One head that all queries share, or heads of a single pair."""
    batch, width = draw.size(2, 3), draw.size(8, 9)
    config = {**_config(draw), **config}
    inputs = (draw.normal(batch, 1, width), _cache(draw, batch, 1, config))
    return Case(config, inputs, facts={"parts": PARTS})


class _RestartsAtZero(RotaryAttention):
    def turned(self, query: Any, key: Any, value: Any, start: int) -> tuple[Any, Any, Any]:
        return super().turned(query, key, value, 0)


class _NotTurned(RotaryAttention):
    def turned(self, query: Any, key: Any, value: Any, start: int) -> tuple[Any, Any, Any]:
        return query, key, value


class _QueryAlone(RotaryAttention):
    def turned(self, query: Any, key: Any, value: Any, start: int) -> tuple[Any, Any, Any]:
        return self.rotary(query, start_index=start), key, value


class _ValuesToo(RotaryAttention):
    def turned(self, query: Any, key: Any, value: Any, start: int) -> tuple[Any, Any, Any]:
        turned = self.rotary(value, start_index=start)
        return *super().turned(query, key, value, start)[:2], turned


class _KeyOneOff(RotaryAttention):
    def turned(self, query: Any, key: Any, value: Any, start: int) -> tuple[Any, Any, Any]:
        late = self.rotary(key, start_index=start + 1)
        return self.rotary(query, start_index=start), late, value


class _TurnedAgain(RotaryAttention):
    """All keys of the cache are turned whenever they are read."""

    def read(self, keys: Any) -> Any:
        return self.rotary(keys)


class _NewFirst(RotaryAttention):
    def joined(self, old: Any, new: Any) -> Any:
        return ops.concatenate([new, old], axis=1)


class _LastFallsOut(RotaryAttention):
    """One place too few is kept: the token before the new ones is lost."""

    def joined(self, old: Any, new: Any) -> Any:
        return ops.concatenate([old[:, 1:], new[:, :1], new], axis=1)


class _Future(RotaryAttention):
    def seen(self, steps: int, start: int) -> np.ndarray:
        return np.ones((steps, start + steps), bool)


class _MaskFromZero(RotaryAttention):
    def seen(self, steps: int, start: int) -> np.ndarray:
        return np.arange(start + steps) <= np.arange(steps)[:, None]


class _NewOnly(RotaryAttention):
    def seen(self, steps: int, start: int) -> np.ndarray:
        return super().seen(steps, start) & (np.arange(start + steps) >= start)


class _NewReturned(RotaryAttention):
    def returned(self, keys: Any, values: Any, new: list[Any]) -> Any:
        return new


class _Exchanged(RotaryAttention):
    def returned(self, keys: Any, values: Any, new: list[Any]) -> Any:
        return [values, keys]


class _Interleaved(RotaryAttention):
    def spread(self, heads: Any) -> Any:
        return ops.tile(heads, (1, 1, self.group, 1))


class _Unscaled(RotaryAttention):
    def divisor(self) -> float:
        return 1.0


class _Biases(RotaryAttention):
    biases = True


rotary_attention = Exercise(
    name="RotaryAttention",
    unit=UNIT,
    layer="GroupQueryAttention",
    reference=RotaryAttention,
    forbid=("MultiHeadAttention",),
    weight_shapes=False,
    kinds=(
        Kind("the whole text, no cache", _whole, also=("in_pieces",)),
        Kind("a text that goes on", _later),
        Kind("one head of keys", lambda d: _one(d, num_key_value_heads=1), edge=True, hidden=True),
        Kind("heads of one pair", lambda d: _one(d, head_dim=2), edge=True, hidden=True),
    ),
    aspects={"shape": 1, "parameters": 1, "output": 5, "in_pieces": 2, "gradient": 1},
    edges={
        "num_key_value_heads: 1": given("num_key_value_heads", 1),
        "head_dim: 2": given("head_dim", 2),
        "inputs: one token": size_one(1),
        "inputs: zero": zeros,
        "inputs: large": large(15),
    },
    misconceptions=(
        Misconception(
            "position restarts at 0",
            "Your layer turns new tokens as if the first of them stood at position 0.",
            "Seven tokens are in the cache. At which position does the next one stand?",
            _RestartsAtZero,
        ),
        Misconception(
            "not turned",
            "Your layer turns neither queries nor keys.",
            "How does the layer know which of two tokens comes first?",
            _NotTurned,
        ),
        Misconception(
            "only the query turned",
            "Your layer turns the queries and not the keys.",
            "On what does the score of two turned vectors depend, and on what does it depend if "
            "only one is turned?",
            _QueryAlone,
        ),
        Misconception(
            "values turned too",
            "Your layer turns the values as well.",
            "Which two vectors are compared with each other?",
            _ValuesToo,
        ),
        Misconception(
            "keys one position off",
            "Your keys are turned by one position more than your queries.",
            "A token looks at itself: by which angle do its query and its key differ?",
            _KeyOneOff,
        ),
        Misconception(
            "cached keys turned again",
            "Your layer turns the keys when it reads the cache, although they were turned before.",
            "How often is a key turned that has been in the cache for three calls?",
            _TurnedAgain,
        ),
        Misconception(
            "new tokens before the old ones",
            "Your layer puts new keys and values in front of the cache.",
            "Which end of the cache holds the beginning of the text?",
            _NewFirst,
        ),
        Misconception(
            "cache one off",
            "Your cache drops its first place and holds the first new token twice.",
            "How long is the cache after a call, and how long was it before?",
            _LastFallsOut,
        ),
        Misconception(
            "not causal",
            "Your tokens look at all places, also at later ones.",
            "Would the first of the new tokens see the others if they came one at a time?",
            _Future,
        ),
        Misconception(
            "mask starts at 0",
            "The causal mask of your layer counts new tokens from 0, whatever the cache holds.",
            "The first new token comes after all that is cached. How many places may it look at?",
            _MaskFromZero,
        ),
        Misconception(
            "cache not read",
            "Your tokens look only at those that came in the same call.",
            "What are the keys of the earlier tokens kept for?",
            _NewOnly,
        ),
        Misconception(
            "only the new keys returned",
            "Your layer returns the keys and values of the new tokens alone.",
            "The next call gets the cache that this one returns: what must be in it?",
            _NewReturned,
        ),
        Misconception(
            "values before keys",
            "Your layer returns the cache as [values, keys].",
            "In which order does your next call read them from the list?",
            _Exchanged,
        ),
        Misconception(
            "groups dealt out in turn",
            "Your query heads take the heads of keys in turn: 0, 1, 0, 1.",
            "With 4 query heads and 2 heads of keys, which query heads share the first one?",
            _Interleaved,
        ),
        Misconception(
            "not scaled",
            "Your scores are not divided by anything.",
            "What does GroupQueryAttention divide its scores by?",
            _Unscaled,
        ),
        Misconception(
            "biases",
            "Your projections have biases.",
            "How many numbers does each of the four matrices have? Is there anything else?",
            _Biases,
        ),
    ),
)
