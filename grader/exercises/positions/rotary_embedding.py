"""RotaryEmbedding: pairs of features are turned, by an angle that grows with the place."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.positions.placed import UNIT, elsewhere, features, placed, starts_late


class RotaryEmbedding(keras.layers.Layer):
    """Feature i of the first half and feature i of the second half are turned together.

    The angle is place / max_wavelength^(2i / features); axis 1 holds the places, the last one the
    features. J. Su and others (2021), *RoFormer*, arXiv:2104.09864. A test holds it equal to
    `keras_hub.layers.RotaryEmbedding`, which takes halves where the paper takes neighbours.
    """

    def __init__(self, max_wavelength: float = 10000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength

    def exponents(self, half: int) -> np.ndarray:
        """The power of max_wavelength by which the place is divided, for each pair."""
        return np.arange(half) / half

    def places(self, inputs: Any, start_index: Any) -> Any:
        """The places, with an axis for all axes of the inputs that follow."""
        count = ops.shape(inputs)[1]
        places = ops.cast(start_index + ops.arange(count), "float32")
        return ops.reshape(places, (count, *[1] * (len(inputs.shape) - 2)))

    def angles(self, inputs: Any, start_index: Any) -> Any:
        """An angle for each place and each pair."""
        slow = ops.cast(self.exponents(inputs.shape[-1] // 2), "float32")
        wide = ops.power(ops.cast(self.max_wavelength, "float32"), slow)
        return self.places(inputs, start_index) / wide

    def apart(self, inputs: Any) -> tuple[Any, Any]:
        """The first and the second feature of each pair."""
        one, other = ops.split(inputs, 2, axis=-1)
        return one, other

    def together(self, one: Any, other: Any) -> Any:
        """The pairs in their places again."""
        return ops.concatenate([one, other], axis=-1)

    def turned(self, one: Any, other: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
        """The pairs after the turn."""
        return one * cos - other * sin, other * cos + one * sin

    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        """The inputs with each pair turned."""
        angles = self.angles(inputs, start_index)
        cos, sin = (ops.cast(wave(angles), self.compute_dtype) for wave in (ops.cos, ops.sin))
        return self.together(*self.turned(*self.apart(inputs), cos, sin))


class _Neighbours(RotaryEmbedding):
    def apart(self, inputs: Any) -> tuple[Any, Any]:
        return inputs[..., ::2], inputs[..., 1::2]

    def together(self, one: Any, other: Any) -> Any:
        pairs = ops.stack([one, other], axis=-1)
        return ops.reshape(pairs, (*ops.shape(one)[:-1], 2 * one.shape[-1]))


class _TakenAsNeighbours(RotaryEmbedding):
    apart = _Neighbours.apart


class _PutBackAsNeighbours(RotaryEmbedding):
    together = _Neighbours.together


class _HalvesExchanged(RotaryEmbedding):
    def together(self, one: Any, other: Any) -> Any:
        return super().together(other, one)


class _Backwards(RotaryEmbedding):
    def turned(self, one: Any, other: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
        return super().turned(one, other, cos, -sin)


class _NoMinus(RotaryEmbedding):
    def turned(self, one: Any, other: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
        return one * cos + other * sin, other * cos + one * sin


class _CosineOnly(RotaryEmbedding):
    def turned(self, one: Any, other: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
        return one * cos, other * cos


class _HalfOnly(RotaryEmbedding):
    """The first feature of each pair is turned, and the second one kept."""

    def turned(self, one: Any, other: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
        return one * cos - other * sin, other


class _Added(RotaryEmbedding):
    def turned(self, one: Any, other: Any, cos: Any, sin: Any) -> tuple[Any, Any]:
        return one + sin, other + cos


class _TwoForgotten(RotaryEmbedding):
    def exponents(self, half: int) -> np.ndarray:
        return np.arange(half) / (2 * half)


class _OneAngle(RotaryEmbedding):
    def exponents(self, half: int) -> np.ndarray:
        return np.zeros(half)


class _AlwaysTenThousand(RotaryEmbedding):
    def __init__(self, max_wavelength: float = 10000, **kwargs: Any) -> None:
        super().__init__(10000, **kwargs)


class _FromOne(RotaryEmbedding):
    def places(self, inputs: Any, start_index: Any) -> Any:
        return super().places(inputs, start_index) + 1


class _AlwaysFromTheStart(RotaryEmbedding):
    def places(self, inputs: Any, start_index: Any) -> Any:
        return super().places(inputs, 0)


class _OfTheHeads(RotaryEmbedding):
    """The places are counted along the axis before the last, which may be that of the heads."""

    def places(self, inputs: Any, start_index: Any) -> Any:
        count = ops.shape(inputs)[-2]
        return ops.cast(start_index + ops.arange(count), "float32")[:, None]


def _case(draw: Draw, heads: bool = False, late: bool = False, **config: Any) -> Case:
    """At least three pairs; all axes have different lengths."""
    batch, length = draw.size(2, 3), draw.size(5, 7)
    middle = (draw.size(2, 4),) if heads else ()
    start = int(draw.random.integers(2, 20)) if late else 0
    inputs = draw.normal(batch, length, *middle, draw.choice((8, 10, 12)))
    return elsewhere(placed(inputs, config, start), draw)


def _base(draw: Draw) -> dict[str, Any]:
    return {"max_wavelength": int(draw.random.integers(50, 500))}


def _one_pair(draw: Draw) -> Case:
    """One pair of features, and all wavelengths the same."""
    batch, length = draw.size(3, 4), draw.size(5, 6)
    case = placed(draw.normal(batch, length, 2), {"max_wavelength": 1}, 3)
    return case.with_known_batch()


rotary_embedding = Exercise(
    name="RotaryEmbedding",
    unit=UNIT,
    layer="RotaryEmbedding",
    reference=RotaryEmbedding,
    kinds=(
        Kind("one vector at each place", _case),
        Kind("from a later place", lambda d: _case(d, late=True)),
        Kind("several heads", lambda d: _case(d, heads=True, **_base(d))),
        Kind(
            "several heads, from a later place",
            lambda d: _case(d, heads=True, late=True),
            hidden=True,
        ),
        Kind("one pair of features", _one_pair, edge=True, hidden=True),
    ),
    edges={
        "max_wavelength: 1": given("max_wavelength", 1),
        "start_index: a later place": starts_late,
        "inputs: one pair of features": features(2),
        "inputs: one place": size_one(1),
        "inputs: zero": zeros,
    },
    aspects={"shape": 1, "parameters": 1, "output": 5, "distance": 2, "gradient": 1},
    misconceptions=(
        Misconception(
            "neighbours for halves",
            "Your layer turns neighbours together: features 0 and 1, then 2 and 3.",
            "The paper does it like that, and Keras does not. Which feature is the partner of "
            "feature 0 in the picture?",
            _Neighbours,
        ),
        Misconception(
            "neighbours put back as halves",
            "Your layer turns neighbours together, and then puts all first features before all "
            "second ones.",
            "Place 0 is turned by an angle of 0. What should your layer give there?",
            _TakenAsNeighbours,
        ),
        Misconception(
            "halves put back as neighbours",
            "Your layer takes a pair from the two halves, and then puts its two features side by "
            "side.",
            "Place 0 is turned by an angle of 0. What should your layer give there?",
            _PutBackAsNeighbours,
        ),
        Misconception(
            "halves exchanged",
            "Your layer puts the second half before the first one.",
            "Place 0 is turned by an angle of 0. What should your layer give there?",
            _HalvesExchanged,
        ),
        Misconception(
            "turned the other way",
            "Your layer turns in the other direction.",
            "Turn the pair (1, 0) by a small angle: is the second number positive or negative?",
            _Backwards,
        ),
        Misconception(
            "the minus forgotten",
            "Both lines of your rotation have a plus, so the vectors change their lengths.",
            "What is the length of the pair (1, 1) after a turn by 45 degrees?",
            _NoMinus,
        ),
        Misconception(
            "cosine only",
            "Your layer multiplies by the cosine and does nothing else.",
            "After a quarter turn the cosine is 0. Where has the vector gone?",
            _CosineOnly,
        ),
        Misconception(
            "half of the pair turned",
            "Your layer turns the first feature of each pair and leaves the second as it was.",
            "A rotation has two lines. What is the second one?",
            _HalfOnly,
        ),
        Misconception(
            "added, not turned",
            "Your layer adds sines and cosines, as SinePositionEncoding is used.",
            "Does a rotation add something to a vector?",
            _Added,
        ),
        Misconception(
            "the 2 in the exponent forgotten",
            "Your wavelengths grow too slowly: the exponent is i / features.",
            "There are half as many pairs as features. How large is the exponent of the last pair?",
            _TwoForgotten,
        ),
        Misconception(
            "one angle for all pairs",
            "Your layer turns all pairs by the same angle.",
            "Which pair turns fast, and which one slowly?",
            _OneAngle,
        ),
        Misconception(
            "max_wavelength ignored",
            "Your layer always takes powers of 10000.",
            "What is the argument max_wavelength for?",
            _AlwaysTenThousand,
        ),
        Misconception(
            "places counted from 1",
            "Your layer turns the first place by the angle of place 1.",
            "What becomes of the vector at place 0?",
            _FromOne,
        ),
        Misconception(
            "start_index ignored",
            "Your layer begins at place 0, whatever start_index is.",
            "The text goes on at place 5. By which angle is its first vector turned?",
            _AlwaysFromTheStart,
        ),
        Misconception(
            "places along the heads",
            "With several heads your layer counts the heads, and not the places.",
            "Inputs with heads have four axes. Which one holds the places?",
            _OfTheHeads,
        ),
    ),
)


def _partner(feature: int, features: int) -> int:
    """Asked of the live layer: where else does a single 1 turn up, one place on?"""
    inputs = np.eye(features, dtype="float32")[None, [feature]]
    output = np.abs(RotaryEmbedding()(inputs, start_index=1))[0, 0]
    output[feature] = 0
    return int(np.argmax(output))


def _one_feature(draw: Draw, upper: bool) -> Case:
    """Four pairs or more, and a feature whose partners by each wrong idea differ."""
    half = int(draw.random.integers(4, 9))
    feature = int(draw.random.integers(1, half - 1)) + half * upper
    return Case({"feature": feature, "features": 2 * half})


rotary_partner = Exercise(
    name="rotary_partner",
    unit=UNIT,
    layer="RotaryEmbedding",
    reference=_partner,
    kinds=(
        Kind("a feature of the first half", lambda d: _one_feature(d, upper=False)),
        Kind("a feature of the second half", lambda d: _one_feature(d, upper=True)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "its neighbour",
            "You pair neighbours: 0 and 1, 2 and 3.",
            "Into which two parts does Keras cut the features?",
            lambda feature, features: feature + 1 - 2 * (feature % 2),
        ),
        Misconception(
            "mirrored",
            "You pair the first feature with the last one.",
            "Lay the second half below the first half. What is below feature 0?",
            lambda feature, features: features - 1 - feature,
        ),
        Misconception(
            "beyond the last feature",
            "For a feature of the second half you go on to the right.",
            "If feature 0 is turned with feature 3, which one is feature 3 turned with?",
            lambda feature, features: feature + features // 2,
        ),
    ),
)


def _same_score(query: int, key: int, moved_query: int) -> int:
    """Asked of the live layer: the one place of the key with the same scores for many vectors."""
    turn, random = RotaryEmbedding(), np.random.default_rng(0)
    vectors = random.normal(size=(2, 20, 1, 16)).astype("float32")
    queries, keys = (np.asarray(turn(np.repeat(part, 100, axis=1))) for part in vectors)
    scores = np.einsum("bqd,bkd->qkb", queries, keys)  # for each pair of places
    gaps = np.abs(scores[moved_query] - scores[query, key]).max(axis=-1)
    return int(np.argmin(gaps))


def _three_places(draw: Draw, later: bool) -> Case:
    """The query moves on; `later` says that its key lies behind it in the text."""
    low, distance, moved = draw.sizes(3, 3, 14)
    query, key = (low, low + distance) if later else (low + distance, low)
    return Case({"query": query, "key": key, "moved_query": query + distance + moved})


same_score = Exercise(
    name="same_score",
    unit=UNIT,
    layer="RotaryEmbedding",
    reference=_same_score,
    kinds=(
        Kind("a key before the query", lambda d: _three_places(d, later=False)),
        Kind("a key after the query", lambda d: _three_places(d, later=True)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "the key stays",
            "You leave the key where it was, so the distance changes.",
            "How far is it from the query to the key, before and after?",
            lambda query, key, moved_query: key,
        ),
        Misconception(
            "to the other side",
            "Your key is as far away as before, but on the other side of the query.",
            "Is cos(a − b) all that a score is made of, or does the direction matter too?",
            lambda query, key, moved_query: moved_query + query - key,
        ),
        Misconception(
            "the sum stays",
            "You keep the sum of the two places.",
            "Does a score depend on the sum of the two angles, or on their difference?",
            lambda query, key, moved_query: query + key - moved_query,
        ),
    ),
)
