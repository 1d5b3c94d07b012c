"""What recurrent cells share: how a step is drawn, and what goes wrong with every cell's states."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.exercises.draw import Draw
from grader.exercises.edges import given, large, zeros
from grader.exercises.exercise import Case, Misconception
from grader.exercises.further import enlarged, zeroed
from grader.exercises.live import count_of

UNIT = "09-embedding-and-cells"
ASPECTS: Mapping[str, float] = {
    "shape": 1,
    "parameters": 2,
    "output": 4,
    "gradient": 1,
    "in_rnn": 2,
}
STEPS = 4
"""The least that shows what is carried from step to step."""


def step_case(draw: Draw, states: Mapping[str, int], units: int, **config: Any) -> Case:
    """One step of a cell, with its states by name and size, and a sequence for `in_rnn`."""
    batch, features, steps = draw.size(2, 8), draw.size(3, 8), draw.size(STEPS, 9)
    before = [_signed(draw.normal(batch, size)) for size in states.values()]
    case = Case(
        {"units": units, **config},
        (_signed(draw.normal(batch, features)), before),
        facts={
            "parts": ["output", *(f"state {name}" for name in states)],
            "sequence": draw.normal(batch, steps, features),
        },
    )
    return case.then(zeroed(case), enlarged(case, 30))


EDGES = {
    "units: 1": given("units", 1),
    "inputs: zero": zeros,
    "inputs: large": large(15),
}


def _signed(values: np.ndarray) -> np.ndarray:
    """The values with both signs among them, however few they are."""
    values[0, 0], values[-1, -1] = -abs(values[0, 0]), abs(values[-1, -1])
    return values


def no_state_size(base: type) -> type:
    """The cell, which does not say how large its states are."""

    class Silent(base):
        def __dir__(self) -> list[str]:
            return [name for name in super().__dir__() if name != "state_size"]

    return Silent


def returning(base: type, answer: Callable[..., Any]) -> type:
    """The cell with its answer remade: from the old states, the output and the new states."""

    class Remade(base):
        def call(self, inputs: Any, states: Any, training: bool = False) -> Any:
            output, new = super().call(inputs, states)
            return answer(states, output, new)

    return Remade


def usual_ideas(base: type) -> tuple[Misconception, ...]:
    """What goes wrong with the states of every cell."""
    return (
        Misconception(
            "no state_size",
            "Your cell has no `state_size`: RNN does not know which states to begin with.",
            "Before the first step there is no state yet: what must RNN know to make a state of "
            "zeros?",
            no_state_size(base),
        ),
        Misconception(
            "old state returned",
            "Your cell returns the state that it got: it never remembers anything new.",
            "What has this step just computed that the next step needs?",
            returning(base, lambda old, output, new: (output, list(old))),
        ),
    )


def hard(inputs: Any) -> Any:
    """The gate of older Keras: a ramp instead of the sigmoid."""
    return ops.clip(0.2 * inputs + 0.5, 0, 1)


def blocks(values: Any, names: Sequence[str]) -> dict[str, Any]:
    """The last axis in equal parts, by these names."""
    return dict(zip(names, ops.split(values, len(names), axis=-1), strict=True))


def cell_count(cell: type, features: int, units: int, **config: Any) -> int:
    """Number of parameters of a live cell."""
    return count_of(keras.layers.RNN(cell(units, **config)), (None, STEPS, features))


def sizes(draw: Draw, **more: Any) -> Case:
    """Arguments for a function that counts."""
    features, units = draw.sizes(2, 3, 30)
    return Case({"features": features, "units": units, **more})
