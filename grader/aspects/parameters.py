"""Parameters: how many, in which shapes, and which of them are trained.

Shapes are compared where the exercise asks for them. Neither their order counts nor an axis of
length 1: a bias of one row, (1, units), is as right as (units,).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict
from grader.bench.probe import Answer, Weight


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = trial.reference_weights, trial.their_weights
    evidence = (_table(want), _table(got))
    if trial.untracked and _count(got) < _count(want):
        names = ", ".join(f"self.{name}" for name in trial.untracked)
        return Verdict(
            f"Keras 3 does not see the tf.Variable in {names}: make it with self.add_weight.",
            *evidence,
        )
    if _count(want) != _count(got):
        return Verdict(
            "The number of parameters differs from Keras's layer (all numbers in all weights "
            "count).",
            *evidence,
        )
    if trial.shapes_count and _shapes(want) != _shapes(got):
        return Verdict(
            "The number of parameters is right, but the shapes are not: the weights may be in any "
            "order, and axes of length 1 do not count.",
            *evidence,
        )
    if _count(_trained(want)) != _count(_trained(got)):
        return Verdict("The wrong parameters are trainable.", *evidence)
    return None


def _shapes(weights: Sequence[Weight]) -> list[tuple[int, ...]]:
    return sorted(tuple(length for length in w.shape if length != 1) for w in weights)


def _count(weights: Sequence[Weight]) -> int:
    return sum(int(np.prod(weight.shape)) for weight in weights)


def _trained(weights: Sequence[Weight]) -> list[Weight]:
    return [weight for weight in weights if weight.trainable]


def _table(weights: Sequence[Weight]) -> str:
    rows = [f"{weight.name} {weight.shape}" for weight in weights]
    return f"{_count(weights)} parameters" + (f": {', '.join(rows)}" if rows else "")


parameters = Aspect("parameters", lambda case: (), _judge)
