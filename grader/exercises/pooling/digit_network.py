"""A network of one's own layers that reads digits, judged on images that no notebook holds.

`held_digits.npz` lies beside this file and not in `data/`: what a student's process can read does
not hold one of its images. `data/build.py` makes it. The zip for students (`grader pack`) is
without it: there a check tries images that they have, and only grading tries the others.
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
from grader.exercises.pooling.pooling import UNIT

LEAST = 0.97
"""The share of the images that must be read rightly."""


_HELD = Path(__file__).with_name("held_digits.npz")
_COUNT = 823
_TRIED = "images that the notebook does not hold" if _HELD.exists() else "images that you have"


@functools.cache
def held() -> tuple[np.ndarray, np.ndarray]:
    """Images (823, 8, 8, 1), ink from 0 to 1, and their labels (823,)."""
    if not _HELD.exists():
        known = load("more_digits")
        return _ink(known["images"][:_COUNT]), known["labels"][:_COUNT].astype("int64")
    with np.load(_HELD, allow_pickle=False) as archive:
        return _ink(archive["images"]), archive["labels"].astype("int64")


def _ink(images: np.ndarray) -> np.ndarray:
    return images[..., None].astype("float32") / 16


def kind(least: float) -> Kind:
    """All of them, so that luck plays no part, in any order; so large a share is to be right."""

    def case(draw: Draw) -> Case:
        images, labels = held()
        order = draw.random.permutation(len(labels))
        return Case({}, images[order], facts={"labels": labels[order], "least": least})

    return Kind(_TRIED, case)


class _Knows(keras.layers.Layer):
    """Has the answers: it looks for the image among those it knows. They are its weights."""

    def build(self, shape: Any) -> None:
        """Weights, as if it had learned them."""
        images, _ = held()
        known = images.reshape(len(images), -1)
        self.known = self.add_weight(
            name="known", shape=known.shape, initializer=lambda *_, **__: known
        )

    def call(self, inputs: Any) -> Any:
        _, labels = held()
        asked = ops.reshape(self.seen(inputs), (-1, self.known.shape[1]))
        near = ops.matmul(asked, ops.transpose(self.known))
        near = near - ops.sum(ops.square(self.known), axis=1) / 2
        return self.told(ops.take(ops.one_hot(labels, 10), ops.argmax(near, axis=1), axis=0))

    def seen(self, inputs: Any) -> Any:
        """What it takes the image for."""
        return inputs

    def told(self, scores: Any) -> Any:
        """What it answers."""
        return scores


class _OtherInk(_Knows):
    def seen(self, inputs: Any) -> Any:
        return inputs / 16


class _OtherOrder(_Knows):
    def told(self, scores: Any) -> Any:
        return ops.roll(scores, 1, axis=1)


class _Digits(_Knows):
    def told(self, scores: Any) -> Any:
        return ops.argmax(scores, axis=1)


class _AlwaysOne(_Knows):
    def told(self, scores: Any) -> Any:
        return ops.zeros_like(scores) + np.eye(10, dtype="float32")[1]


class _Overflows(_Knows):
    def told(self, scores: Any) -> Any:
        return scores / ops.sum(scores - scores, axis=1, keepdims=True)


class _Straight(_Knows):
    """The best that weighted sums of pixels can do without a bend."""

    def call(self, inputs: Any) -> Any:
        flat = ops.reshape(inputs, (-1, 64))
        return ops.matmul(ops.concatenate([flat, ops.ones_like(flat[:, :1])], 1), _fitted())


@functools.cache
def _fitted() -> np.ndarray:
    digits = load("more_digits")
    flat = _ink(digits["images"]).reshape(-1, 64)
    rows = np.concatenate([flat, np.ones_like(flat[:, :1])], axis=1)
    targets = np.eye(10)[digits["labels"]]
    fitted = np.linalg.solve(rows.T @ rows + np.eye(65), rows.T @ targets)
    return np.asarray(fitted, dtype="float32")


def ideas(least: float) -> tuple[Misconception, ...]:
    """What goes wrong with a network that is to read so large a share."""
    percent = f"{100 * least:g}"
    return (
        Misconception(
            "pixels on another scale",
            "Your network reads well when the pixels go from 0 to 16: it was trained on that "
            "range.",
            "What did you do to the images before training, and what range does the exercise name?",
            _OtherInk,
        ),
        Misconception(
            "scores in another order",
            "Your network tells the digits apart, but its scores are in another order.",
            "To which digit does the first of the ten scores belong?",
            _OtherOrder,
        ),
        Misconception(
            "not ten scores",
            "Your network does not give ten scores for each image.",
            "For a batch of n images, what shape must come out so that argmax along axis 1 gives "
            "the digit?",
            _Digits,
        ),
        Misconception(
            "not trained",
            "Your network guesses: it is hardly better than chance.",
            "Do you return the same network that you trained?",
            _AlwaysOne,
        ),
        Misconception(
            "not numbers any more",
            "Your network's scores are NaN or infinite: the training diverged.",
            "Print the loss of each epoch: when does it become nan, and how large is the learning "
            "rate?",
            _Overflows,
        ),
        Misconception(
            "not good enough",
            f"Your network reads most of the digits, but fewer than {percent} of 100.",
            "Is it right far more often on the images that it was trained on? If so, it is "
            "overfitting; if not, it is too small or needs more training.",
            _Straight,
        ),
    )


digit_network = Exercise(
    name="digit_network",
    unit=UNIT,
    layer="MaxPool2D",
    reference=_Knows,
    forbid=("network",),
    kinds=(kind(LEAST),),
    aspects={"accuracy": 8},
    misconceptions=ideas(LEAST),
)
