"""SinePositionEncoding: sines and cosines of many wavelengths stand for the place."""

from __future__ import annotations

import math
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, size_one, zeros
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.positions.placed import UNIT, elsewhere, placed, starts_late


class SinePositionEncoding(keras.layers.Layer):
    """Features 2i and 2i + 1 are the sine and the cosine of place / max_wavelength^(2i / features).

    A. Vaswani and others (2017), *Attention Is All You Need*, arXiv:1706.03762. A test holds it
    equal to `keras_hub.layers.SinePositionEncoding`.
    """

    def __init__(self, max_wavelength: float = 10000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.max_wavelength = max_wavelength

    def exponents(self, features: int) -> np.ndarray:
        """The power of max_wavelength by which the place is divided, for each feature."""
        return 2 * (np.arange(features) // 2) / features

    def is_sine(self, features: int) -> np.ndarray:
        """Whether a feature is a sine; else it is a cosine."""
        return np.arange(features) % 2 == 0

    def places(self, inputs: Any, start_index: Any) -> Any:
        """The places of the inputs."""
        return ops.cast(start_index + ops.arange(ops.shape(inputs)[-2]), self.compute_dtype)

    def angles(self, inputs: Any, start_index: Any) -> Any:
        """An angle for each place and each feature, (length, features)."""
        slow = ops.cast(self.exponents(inputs.shape[-1]), self.compute_dtype)
        wide = ops.power(ops.cast(self.max_wavelength, self.compute_dtype), slow)
        return self.places(inputs, start_index)[:, None] / wide

    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        """The vectors of the places, once for each sample."""
        angles = self.angles(inputs, start_index)
        waves = ops.where(self.is_sine(inputs.shape[-1]), ops.sin(angles), ops.cos(angles))
        return ops.broadcast_to(waves, ops.shape(inputs))


class _Added(SinePositionEncoding):
    def call(self, inputs: Any, start_index: Any = 0) -> Any:
        return inputs + super().call(inputs, start_index)


class _InBlocks(SinePositionEncoding):
    def exponents(self, features: int) -> np.ndarray:
        half = (features + 1) // 2
        return 2 * (np.arange(features) % half) / features

    def is_sine(self, features: int) -> np.ndarray:
        return np.arange(features) < (features + 1) // 2


class _CosineFirst(SinePositionEncoding):
    def is_sine(self, features: int) -> np.ndarray:
        return np.arange(features) % 2 == 1


class _SinesOnly(SinePositionEncoding):
    def is_sine(self, features: int) -> np.ndarray:
        return np.full(features, True)


class _EachItsOwn(SinePositionEncoding):
    def exponents(self, features: int) -> np.ndarray:
        return np.arange(features) / features


class _TwoForgotten(SinePositionEncoding):
    def exponents(self, features: int) -> np.ndarray:
        return np.arange(features) // 2 / features


class _ToTheEnd(SinePositionEncoding):
    def exponents(self, features: int) -> np.ndarray:
        return 2 * (np.arange(features) // 2) / max(features - 2, 1)


class _WholeTurns(SinePositionEncoding):
    def angles(self, inputs: Any, start_index: Any) -> Any:
        return 2 * math.pi * super().angles(inputs, start_index)


class _AlwaysTenThousand(SinePositionEncoding):
    def __init__(self, max_wavelength: float = 10000, **kwargs: Any) -> None:
        super().__init__(10000, **kwargs)


class _FromOne(SinePositionEncoding):
    def places(self, inputs: Any, start_index: Any) -> Any:
        return super().places(inputs, start_index) + 1


class _AlwaysFromTheStart(SinePositionEncoding):
    def places(self, inputs: Any, start_index: Any) -> Any:
        return super().places(inputs, 0)


def _case(draw: Draw, late: bool = False, **config: Any) -> Case:
    """At least two wavelengths that differ much; the batch, the length and the width all differ."""
    batch, length = draw.size(2, 3), draw.size(4, 7)
    features = draw.choice((8, 10, 12))
    start = int(draw.random.integers(2, 20)) if late else 0
    return elsewhere(placed(draw.normal(batch, length, features), config, start), draw)


def _base(draw: Draw) -> dict[str, Any]:
    return {"max_wavelength": int(draw.random.integers(50, 500))}


def _odd(draw: Draw) -> Case:
    """An odd number of features: the last one is a sine without its cosine."""
    batch, length = draw.size(2, 3), draw.size(4, 6)
    return placed(draw.normal(batch, length, draw.choice((7, 9))), _base(draw)).with_known_batch()


def _one(draw: Draw) -> Case:
    """All wavelengths the same."""
    return _case(draw, max_wavelength=1)


sine_position_encoding = Exercise(
    name="SinePositionEncoding",
    unit=UNIT,
    layer="SinePositionEncoding",
    reference=SinePositionEncoding,
    kinds=(
        Kind("from the first place", _case),
        Kind("from a later place", lambda d: _case(d, late=True)),
        Kind("another max_wavelength", lambda d: _case(d, **_base(d))),
        Kind("an odd number of features", _odd),
        Kind("max_wavelength is 1", _one, edge=True, hidden=True),
    ),
    edges={
        "max_wavelength: 1": given("max_wavelength", 1),
        "start_index: a later place": starts_late,
        "inputs: one place": size_one(1),
        "inputs: zero": zeros,
    },
    aspects={"shape": 1, "parameters": 1, "output": 4},
    misconceptions=(
        Misconception(
            "already added",
            "Your layer adds the inputs to the sines and cosines. The network adds them a second "
            "time.",
            "What does the text ask the layer to return: the vectors of the places, or a sum?",
            _Added,
        ),
        Misconception(
            "sines and cosines in blocks",
            "Your layer has all sines first and all cosines after them.",
            "Which two features have the same wavelength: neighbours, or features that are half "
            "the width apart?",
            _InBlocks,
        ),
        Misconception(
            "cosine first",
            "Your features begin with the cosine.",
            "What does place 0 get in feature 0: the sine of 0, or its cosine?",
            _CosineFirst,
        ),
        Misconception(
            "sines only",
            "All your features are sines.",
            "What is at the odd features?",
            _SinesOnly,
        ),
        Misconception(
            "a wavelength for each feature",
            "In your layer a sine and the cosine beside it have different wavelengths.",
            "Features 4 and 5 are one pair. Do both have the same i?",
            _EachItsOwn,
        ),
        Misconception(
            "the 2 in the exponent forgotten",
            "Your wavelengths grow too slowly: the exponent is i / features.",
            "Is i the number of the pair or of the feature, and what stands in the exponent?",
            _TwoForgotten,
        ),
        Misconception(
            "the exponent reaches 1",
            "Your exponent goes up to 1 in the last pair.",
            "By which number is 2i divided?",
            _ToTheEnd,
        ),
        Misconception(
            "whole turns",
            "Your angles are larger than they should be, by a factor of 2π.",
            "Does the formula have a 2π?",
            _WholeTurns,
        ),
        Misconception(
            "max_wavelength ignored",
            "Your layer always divides by powers of 10000.",
            "What is the argument max_wavelength for?",
            _AlwaysTenThousand,
        ),
        Misconception(
            "places counted from 1",
            "Your layer gives the vector of place 1 to the first place.",
            "What are the sine and the cosine of the very first place?",
            _FromOne,
        ),
        Misconception(
            "start_index ignored",
            "Your layer begins at place 0, whatever start_index is.",
            "The text goes on at place 5. What is the first angle that you need?",
            _AlwaysFromTheStart,
        ),
    ),
)


def _wavelength(feature: int, features: int, max_wavelength: int) -> int:
    """Read off the live layer: how far the pair of the feature turns from place 0 to place 1."""
    layer = SinePositionEncoding(max_wavelength, dtype="float64")
    pair = layer(np.zeros((1, 2, features)))[0, 1, feature - feature % 2 :][:2]
    sine, cosine = (float(number) for number in pair)
    return round(2 * math.pi / math.atan2(sine, cosine))


_EXPONENTS = {
    "each its own": lambda feature, features: feature / features,
    "2 forgotten": lambda feature, features: feature // 2 / features,
    "2 times the feature": lambda feature, features: 2 * feature / features,
    "blocks": lambda feature, features: 2 * (feature % (features // 2)) / features,
    "right": lambda feature, features: 2 * (feature // 2) / features,
}


def _feature(draw: Draw, odd: int) -> Case:
    """A feature after the first pair for which each wrong idea gives another wavelength, and whose
    own wavelength is well inside of rounding."""
    while True:
        features = 2 * int(draw.random.integers(4, 17))
        feature = 2 * int(draw.random.integers(1, features // 2)) + odd
        base = int(draw.random.integers(20, 100)) * 100
        given = {exponent(feature, features) for exponent in _EXPONENTS.values()}
        exact = 2 * math.pi * base ** (2 * (feature // 2) / features)
        if len(given) == len(_EXPONENTS) - (not odd) and abs(exact % 1 - 0.5) > 0.02:
            config = {"feature": feature, "features": features, "max_wavelength": base}
            return Case(config)


def _by_exponent(name: str) -> Any:
    """The wavelength by an exponent of one's own."""
    return lambda feature, features, max_wavelength: round(
        2 * math.pi * max_wavelength ** _EXPONENTS[name](feature, features)
    )


def _no_turn(feature: int, features: int, max_wavelength: int) -> int:
    return round(max_wavelength ** _EXPONENTS["right"](feature, features))


sine_wavelength = Exercise(
    name="sine_wavelength",
    unit=UNIT,
    layer="SinePositionEncoding",
    reference=_wavelength,
    kinds=(
        Kind("an even feature", lambda d: _feature(d, 0)),
        Kind("an odd feature", lambda d: _feature(d, 1)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "2π forgotten",
            "You give the number by which the place is divided.",
            "How large must an angle be until the sine is where it began?",
            _no_turn,
        ),
        Misconception(
            "a wavelength for each feature",
            "You give the cosine another wavelength than the sine beside it.",
            "Features 4 and 5 are one pair. Do both have the same i?",
            _by_exponent("each its own"),
        ),
        Misconception(
            "the 2 in the exponent forgotten",
            "Your exponent is i / features.",
            "Is i the number of the pair or of the feature, and what stands in the exponent?",
            _by_exponent("2 forgotten"),
        ),
        Misconception(
            "2 times the feature",
            "Your exponent has 2 times the number of the feature.",
            "Which i has feature 4: 4, or 2?",
            _by_exponent("2 times the feature"),
        ),
        Misconception(
            "sines and cosines in blocks",
            "You count the pairs as if all sines came first.",
            "Which two features have the same wavelength?",
            _by_exponent("blocks"),
        ),
    ),
)
