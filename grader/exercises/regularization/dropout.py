"""Dropout: in training some values become zero, and the others grow to keep the expectation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import keras
import numpy as np

from grader.exercises.draw import Draw
from grader.exercises.edges import given
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.regularization.dropping import (
    HIGH,
    LOW,
    UNIT,
    dropping,
    usual_ideas,
)


def _case(
    draw: Draw,
    sizes: Sequence[tuple[int, int]],
    rates: Sequence[float] = LOW,
    compiled: bool = False,
) -> Case:
    rate = draw.choice(rates)
    inputs = draw.normal(*(draw.size(low, high) for low, high in sizes))
    facts = {"rate": rate, "together": (), "compiled": compiled}
    return Case({"rate": rate}, inputs, {"training": False}, facts)


def _many(draw: Draw) -> Case:
    """A few values twelve times, and once so many that a share of one in a hundred more shows."""
    case = _case(draw, _ROWS)
    crowd = draw.normal(300, 400)
    return replace(case, facts={**case.facts, "crowd": crowd})


def _nothing(draw: Draw) -> Case:
    return _case(draw, ((2, 6),) * 2, (0.0,))


_ROWS = ((14, 18), (24, 32))

dropout = Exercise(
    name="Dropout",
    unit=UNIT,
    layer="Dropout",
    reference=keras.layers.Dropout,
    forbid=("dropout",),
    kinds=(
        Kind("rank 2", lambda d: _case(d, _ROWS, compiled=True)),
        Kind("a high rate", lambda d: _case(d, _ROWS, HIGH)),
        Kind("rank 3", lambda d: _case(d, ((6, 12),) * 3)),
        Kind("rank 4", lambda d: _case(d, ((4, 9),) * 4)),
        Kind("many values", _many, edge=True),
        Kind("a rate of 0", _nothing, edge=True, hidden=True),
    ),
    edges={"rate: 0": given("rate", 0.0)},
    aspects={"shape": 1, "parameters": 1, "dropping": 6},
    misconceptions=(
        *usual_ideas(lambda shape: shape),
        Misconception(
            "same mask for all samples",
            "Your layer drops the same values in every sample of a batch.",
            "How many random values does your mask have, and how many values do the inputs have?",
            dropping(lambda shape: (1, *shape[1:])),
        ),
    ),
)


def _kept(value: float, rate: float) -> float:
    """What the live layer makes of the value, where it keeps it; no rounding is left."""
    outputs = keras.layers.Dropout(rate)(np.full((1, 2000), value, "float32"), training=True)
    kept = np.asarray(outputs)[np.asarray(outputs) != 0]
    return round(float(kept[0]), 4)


def _arguments(draw: Draw, rate: float) -> Case:
    """Values that every way of computing the answer gives to the last digit."""
    return Case({"value": 3 * draw.size(2, 30) * draw.choice((-1, 1)), "rate": rate})


dropout_value = Exercise(
    name="dropout_value",
    unit=UNIT,
    layer="Dropout",
    reference=_kept,
    kinds=(
        Kind("a quarter dropped", lambda d: _arguments(d, 0.25)),
        Kind("three quarters dropped", lambda d: _arguments(d, 0.75)),
        Kind("seven eighths dropped", lambda d: _arguments(d, 0.875)),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "not rescaled",
            "Your kept value is unchanged.",
            "When some values become zero, what must happen to the others so that the mean stays "
            "the same?",
            lambda value, rate: value,
        ),
        Misconception(
            "divided by the rate",
            "Your kept value is divided by the rate, not by the share that is kept.",
            "With a rate near 0 almost nothing is dropped: should the kept values become huge?",
            lambda value, rate: value / rate,
        ),
        Misconception(
            "scaled down",
            "Your kept value is multiplied by 1 - rate, so it gets smaller.",
            "When some values are gone, must the others grow or shrink to keep the mean?",
            lambda value, rate: value * (1 - rate),
        ),
        Misconception(
            "grown by the rate",
            "Your kept value is multiplied by 1 + rate.",
            "Take four values of 3, drop one and scale the others: is the sum 12 again?",
            lambda value, rate: value * (1 + rate),
        ),
    ),
)
