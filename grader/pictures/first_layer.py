"""Pictures for the unit "Your first layer": Input, Lambda, and a layer that scales."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from grader.pictures.show import (
    BLUE,
    FAINT,
    INK,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    Picture,
    arrow,
    cells,
    drawing,
    write,
)

CODE = {"family": "monospace", "fontsize": 11}


def draw_input() -> Picture:
    """A model as a recipe of shapes, and the same recipe cooked for two batches."""
    first, second = np.array([[1, -1], [0, 2], [1, 1]]), np.array([[2], [-1]])
    batches = {
        "numbers at last": np.array([[1, 2, 0], [2, 0, 1]]),
        "by the same weights": np.array([[-1, 1, 1], [1, 1, 0], [0, 2, 1]]),
    }

    figure, axes = drawing(columns=23, rows=12.6, width=9.6)
    for x, code, shape in (
        (7.5, "keras.Input((3,))", "(None, 3)"),
        (14, 'Dense(2, "relu")', "(None, 2)"),
        (19.5, "Dense(1)", "(None, 1)"),
    ):
        write(axes, x, 0.6, code, **CODE, weight="bold")
        write(axes, x, 1.3, shape, fontsize=11, color=FAINT)
    for left, width in (6, 3), (13, 2), (19, 1):
        dashed(axes, left, 1.9, width)
        write(axes, left + width / 2, 3.3, "⋮", fontsize=14, color=FAINT)
    _side(axes, 2.6, "the recipe", "shapes, no numbers", BLUE)
    _flow(axes, 2.4)
    axes.plot([0.5, 22.5], [4.2, 4.2], color=FAINT, lw=0.8)

    top = 5.2
    for words, inputs in batches.items():
        hidden = np.maximum(inputs @ first + np.array([0, -1]), 0)
        middle = top + len(inputs) / 2
        cells(axes, inputs, 6, top, PALE_BLUE)
        cells(axes, hidden, 13, top, PALE_ORANGE)
        cells(axes, hidden @ second + 1, 19, top, PALE_GREEN)
        _side(axes, middle, f"a batch of {len(inputs)}", words, INK)
        _flow(axes, middle)
        top += len(inputs) + 1
    write(axes, 11.5, 11.9, "a row is a sample; the number of rows may change from call to call")
    return Picture(
        figure,
        "A model as a recipe: keras.Input((3,)) of shape (None, 3) goes into Dense(2, relu) of "
        "shape (None, 2) and on into Dense(1) of shape (None, 1); the cells are empty. Below, the "
        "same recipe with numbers: a batch of 2 samples and a batch of 3 samples run through it, "
        "and each sample becomes one number.",
    )


def draw_lambda() -> Picture:
    """What a Lambda does to numbers."""
    figure, axes = drawing(columns=24, rows=3.2, width=10)
    numbers = np.arange(-2, 3)
    cells(axes, [numbers], 2, 1.1, PALE_BLUE)
    pointer(axes, 7.4, 16.6, 1.6)
    write(axes, 12, 1.0, "Lambda(lambda x: x ** 2)", **CODE, weight="bold")
    write(axes, 12, 2.2, "a function, wrapped as a layer: no weights", color=FAINT, fontsize=11)
    cells(axes, [numbers**2], 17, 1.1, PALE_GREEN)
    return Picture(
        figure,
        "Lambda(lambda x: x ** 2) turns the row of numbers -2, -1, 0, 1, 2 into 4, 1, 0, 1, 4. It "
        "is a function that was wrapped as a layer, and it has no weights.",
    )


def draw_moments() -> Picture:
    """A layer that scales features: made without weights, built with a row of them, called."""
    figure, axes = drawing(columns=24, rows=8.6, width=10)
    inputs, factor = np.array([[1, 2, 4], [3, -1, 0]]), np.array([[2, 1, -1]])
    for x, moment, code, words in (
        (3.5, "made", "Scale()", "no weights yet"),
        (10, "built", "build((2, 3))", "makes the weights, once"),
        (18.5, "called", "call(inputs)", "computes the output, each time"),
    ):
        write(axes, x, 0.7, moment, fontsize=14, weight="bold", color=BLUE)
        write(axes, x, 1.6, code, **CODE)
        write(axes, x, 2.3, words, color=FAINT, fontsize=11)
    for start, end in (5, 8.6), (11.4, 16.9):
        pointer(axes, start, end, 0.7)
    dashed(axes, 2, 4.2, 3)
    write(axes, 3.5, 5.9, "how many factors?", fontsize=11, color=FAINT)
    cells(axes, factor, 8.5, 4.2, PALE_ORANGE)
    write(axes, 10, 5.9, "factor, shape (3,)", fontsize=11)
    cells(axes, inputs, 14, 3.7, PALE_BLUE)
    pointer(axes, 17.3, 18.6, 4.7)
    cells(axes, inputs * factor, 19, 3.7, PALE_GREEN)
    write(axes, 18, 6.5, "inputs * factor", **CODE)
    write(axes, 12, 7.9, "each column has a factor of its own, and all rows share the factors")
    return Picture(
        figure,
        "A layer Scale in three moments. Made: it has no weights, because nobody knows yet how "
        "many features there are. Built for inputs of shape (2, 3): it makes a row of 3 factors, "
        "2, 1 and -1. Called: the rows 1, 2, 4 and 3, -1, 0 are multiplied by the factors, column "
        "by column, and become 2, 2, -4 and 6, -1, 0.",
    )


def dashed(axes: Axes, left: float, top: float, columns: int) -> None:
    """A row of cells that hold nothing yet."""
    for column in range(columns):
        corner = (left + column, top)
        axes.add_patch(Rectangle(corner, 1, 1, fill=False, edgecolor=FAINT, lw=1.2, ls="--"))


def _side(axes: Axes, y: float, words: str, more: str, colour: str) -> None:
    write(axes, 0.5, y - 0.3, words, ha="left", weight="bold", color=colour)
    write(axes, 0.5, y + 0.35, more, ha="left", fontsize=10.5, color=FAINT)


def _flow(axes: Axes, y: float) -> None:
    """From the inputs to the hidden units, and from these to the output."""
    for start, end in (9.4, 12.6), (15.4, 18.6):
        pointer(axes, start, end, y)


def pointer(axes: Axes, start: float, end: float, y: float) -> None:
    """An arrow to the right, at this height."""
    arrow(axes, (start, y), (end, y))
