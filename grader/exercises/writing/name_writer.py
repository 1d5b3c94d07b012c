"""A model of one's own that has learned from names, judged on names that no notebook holds.

`held_names.npz` lies beside this file and not in `data/`, as the digits do that networks are judged
on: see `grader.exercises.pooling.digit_network`.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.data import load
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.writing.parts import PLACES, SIGNS, UNIT, counted, rows_of

MOST = 11.0
"""The perplexity that a model may have. Counted pairs of letters come to more: a test holds it."""
_HELD = Path(__file__).with_name("held_names.npz")
_COUNT = 500
_TRIED = "names that the notebook does not hold" if _HELD.exists() else "names that you have"


@functools.cache
def held() -> np.ndarray:
    """Rows of the names, (500, places + 1)."""
    if not _HELD.exists():
        return rows_of(load("more_names")["last"][-_COUNT:])
    with np.load(_HELD, allow_pickle=False) as archive:
        return rows_of(archive["last"])


def _case(draw: Draw) -> Case:
    """All of them, so that luck plays no part, in any order."""
    rows = held()[draw.random.permutation(_COUNT)]
    inputs = rows[:, :-1]
    changed = draw.random.integers(2, PLACES - 1, size=len(rows))
    other = draw.random.integers(1, len(SIGNS), size=inputs.shape)
    later = np.arange(PLACES) >= changed[:, None]
    facts = {
        "targets": rows[:, 1:],
        "counted": counted(rows),
        "signs": len(SIGNS),
        "changed": changed,
        "copies": np.where(later, (inputs + other) % len(SIGNS), inputs).astype("int32"),
        "most": MOST,
    }
    return Case({}, inputs, facts=facts)


class _Knows(keras.layers.Layer):
    """Has the answers: it has counted on the very names what comes after three letters. The counts
    are its weights."""

    def build(self, shape: Any) -> None:
        """Weights, as if it had learned them."""
        known = _shares()
        self.known = self.add_weight(
            name="known", shape=known.shape, initializer=lambda *_, **__: known
        )

    def call(self, inputs: Any) -> Any:
        return self.told(ops.log(ops.take(self.known, _last_letters(inputs), axis=0)))

    def told(self, logits: Any) -> Any:
        """What it answers."""
        return logits


_BACK = 3


def _last_letters(inputs: Any) -> Any:
    """The last three signs at each place as one number."""
    numbers = ops.cast(inputs, "int32")
    found = 0 * numbers
    for back in range(_BACK):
        earlier = ops.pad(numbers, ((0, 0), (back, 0)))[:, : numbers.shape[1]]
        found = found + earlier * len(SIGNS) ** back
    return found


@functools.cache
def _shares() -> np.ndarray:
    """After the last three signs of the names that are held back, the shares of the next one."""
    rows = held()
    table = np.full((len(SIGNS) ** _BACK, len(SIGNS)), 0.05)
    places = np.asarray(_last_letters(rows[:, :-1]))
    np.add.at(table, (places.ravel(), rows[:, 1:].ravel()), counted(rows).ravel())
    return np.asarray(table / table.sum(axis=1, keepdims=True), "float32")


class _Future(_Knows):
    """The place of the sign to be told is moved forward by one: it is read, not told."""

    def call(self, inputs: Any) -> Any:
        after = ops.concatenate([inputs[:, 1:], 0 * inputs[:, :1]], axis=1)
        known = self.known[:1, :1] + 4.0
        return self.told(ops.one_hot(after, len(SIGNS)) * known)


class _Chances(_Knows):
    def told(self, logits: Any) -> Any:
        return ops.exp(logits)


class _LastRead(_Knows):
    def call(self, inputs: Any) -> Any:
        return ops.one_hot(inputs, len(SIGNS)) * (self.known[:1, :1] + 8.0)


class _Even(_Knows):
    def told(self, logits: Any) -> Any:
        return 0 * logits


class _Overflows(_Knows):
    def told(self, logits: Any) -> Any:
        return logits / ops.sum(logits - logits, axis=-1, keepdims=True)


class _LastPlace(_Knows):
    def told(self, logits: Any) -> Any:
        return logits[:, -1]


class _Pairs(_Knows):
    """The best that counted pairs of letters can do: they are counted on what is asked for."""

    def call(self, inputs: Any) -> Any:
        return ops.log(ops.take(ops.convert_to_tensor(_pairs()), inputs, axis=0))


@functools.cache
def _pairs() -> np.ndarray:
    rows = held()
    table = np.full((len(SIGNS), len(SIGNS)), 0.01)
    np.add.at(table, (rows[:, :-1].ravel(), rows[:, 1:].ravel()), counted(rows).ravel())
    return np.asarray(table / table.sum(axis=1, keepdims=True), "float32")


name_writer = Exercise(
    name="name_writer",
    unit=UNIT,
    layer="GroupQueryAttention",
    reference=_Knows,
    kinds=(Kind(_TRIED, _case),),
    aspects={"perplexity": 8},
    misconceptions=(
        Misconception(
            "sees the future",
            "Your model looks at the letters that it is to tell.",
            "Change the last letter of a name: which of the logits before it may change?",
            _Future,
        ),
        Misconception(
            "probabilities for logits",
            "Your model gives probabilities, and they are taken for logits.",
            "Is there a softmax at the end of your model, and does the loss expect it?",
            _Chances,
        ),
        Misconception(
            "tells the last letter, not the next",
            "Your model tells at each place the letter that stands there.",
            "Which columns of the rows are the inputs of fit, and which are the targets?",
            _LastRead,
        ),
        Misconception(
            "not trained",
            "Your model guesses: it knows hardly more than which letters are frequent.",
            "Do you return the same model that you trained?",
            _Even,
        ),
        Misconception(
            "not numbers any more",
            "Your model's logits are NaN or infinite: the training diverged.",
            "Print the loss of each epoch: when does it become nan, and how large is the learning "
            "rate?",
            _Overflows,
        ),
        Misconception(
            "the last place only",
            "Your model gives logits for the last place only.",
            "How many letters of a name are to be told?",
            _LastPlace,
        ),
        Misconception(
            "not good enough",
            "Your model has learned something, but hardly more than which letter follows which.",
            "Has it more than one epoch, and a learning rate with which the loss falls quickly?",
            _Pairs,
        ),
    ),
)
