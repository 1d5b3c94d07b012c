"""How many windows of Conv1D an input lies in: so many shares its gradient has."""

from __future__ import annotations

import numpy as np

from grader.bench.backend import keras, tf
from grader.exercises.draw import Draw
from grader.exercises.exercise import Case, Exercise, Kind, Misconception
from grader.exercises.gradients.deriving import UNIT, live_gradients


def _live(steps: int, kernel_size: int, strides: int, place: int) -> int:
    """Asked of the live layer: with ones everywhere, each window gives a share of 1."""
    layer = keras.layers.Conv1D(1, kernel_size, strides)
    inputs, kernel = np.ones((1, steps, 1), "float32"), np.ones((kernel_size, 1, 1), "float32")
    outputs = tf.nn.conv1d(inputs, kernel, strides, "VALID")
    found = live_gradients(layer, {"kernel": kernel}, inputs, np.ones(outputs.shape, "float32"))
    return round(float(found["d_inputs"][0, place, 0]))


def _case(draw: Draw, strides: int, where: str) -> Case:
    """A window of several strides and a bit more, so that places differ in their shares."""
    size = 2 * strides + draw.choice((1, 2)) + 2 * (strides == 1)
    outputs = draw.size(6, 9)
    steps = (outputs - 1) * strides + size
    places = {
        "begin": strides - 1,
        "middle": (outputs // 2) * strides,
        "end": steps - strides,
    }
    return Case({"steps": steps, "kernel_size": size, "strides": strides, "place": places[where]})


def _count(outputs: int, size: int, strides: int, place: int) -> int:
    """The windows that begin at or before a place and have not ended there."""
    return sum(n * strides <= place < n * strides + size for n in range(outputs))


window_shares = Exercise(
    name="window_shares",
    unit=UNIT,
    layer="Conv1D",
    reference=_live,
    kinds=(
        Kind("stride 3, near the beginning", lambda d: _case(d, 3, "begin")),
        Kind("in the middle", lambda d: _case(d, 1, "middle")),
        Kind("near the end", lambda d: _case(d, 1, "end")),
        Kind("stride 2, in the middle", lambda d: _case(d, 2, "middle")),
        Kind("stride 3, near the end", lambda d: _case(d, 3, "end")),
    ),
    aspects={"prediction": 1},
    misconceptions=(
        Misconception(
            "kernel_size everywhere",
            "You count as many windows as the kernel has rows, at each place.",
            "How many windows see the very first input?",
            lambda steps, kernel_size, strides, place: kernel_size,
        ),
        Misconception(
            "strides ignored",
            "You count as if the window moved by 1.",
            "Where does the second window begin?",
            lambda steps, kernel_size, strides, place: _count(
                steps - kernel_size + 1, kernel_size, 1, place
            ),
        ),
        Misconception(
            "the end forgotten",
            "Near the end you count windows that would reach past the sequence.",
            "Where does the last window begin?",
            lambda steps, kernel_size, strides, place: _count(steps, kernel_size, strides, place),
        ),
        Misconception(
            "the beginning forgotten",
            "Near the beginning you count windows that would begin before the sequence.",
            "Where does the first window begin?",
            lambda steps, kernel_size, strides, place: sum(
                n * strides <= place < n * strides + kernel_size
                for n in range(-steps, (steps - kernel_size) // strides + 1)
            ),
        ),
    ),
)
