"""Pictures for the unit "Your first layer": Input, Lambda, a layer's life, and its files."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from grader.pictures.show import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PALE_RED,
    PAPER,
    RED,
    Picture,
    arrow,
    cells,
    drawing,
    write,
)

_CODE = {"family": "monospace", "fontsize": 11}
_WORDS = {"family": None, "fontsize": 11.5}


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
        write(axes, x, 0.6, code, **_CODE, weight="bold")
        write(axes, x, 1.3, shape, fontsize=11, color=FAINT)
    for left, width in (6, 3), (13, 2), (19, 1):
        _dashed(axes, left, 1.9, width)
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
    """What a Lambda does to numbers, and the two ways in which it can lie in a file."""
    figure, axes = drawing(columns=24, rows=11.4, width=10)
    numbers = np.arange(-2, 3)
    cells(axes, [numbers], 2, 1.2, PALE_BLUE)
    _arrow(axes, 7.4, 16.6, 1.7)
    write(axes, 12, 1.1, "Lambda(lambda x: x ** 2)", **_CODE, weight="bold")
    write(axes, 12, 2.3, "a function in a layer's coat: no weights", color=FAINT, fontsize=11)
    cells(axes, [numbers**2], 17, 1.2, PALE_GREEN)

    for x, words in (4.1, "the layer"), (12, "in the file"), (19.9, "when it is loaded"):
        write(axes, x, 4.1, words, color=FAINT, fontsize=11)
    _box(axes, 0.6, 4.7, 7, 2.4, PALE_BLUE, "Lambda(", "  lambda x: x ** 2)")
    _box(axes, 9.2, 4.7, 5.6, 2.4, PALE_RED, "code:", "4wEAAAAAAAAAAAAA…")
    _box(
        axes,
        16.4,
        4.7,
        7,
        2.4,
        PAPER,
        "ValueError: safe mode runs",
        "no code from a file",
        **_WORDS,
    )
    _box(axes, 0.6, 8.3, 7, 2.4, PALE_BLUE, "Lambda(power, arguments=", '  {"exponent": 2})')
    _box(axes, 9.2, 8.3, 5.6, 2.4, PALE_GREEN, "name: course>power", "exponent: 2")
    _box(
        axes, 16.4, 8.3, 7, 2.4, PAPER, "the function that was", "registered by this name", **_WORDS
    )
    for top, colour, mark in (4.7, RED, "✗"), (8.3, GREEN, "✓"):
        for start, end in (7.7, 9.1), (14.9, 16.3):
            _arrow(axes, start, end, top + 1.2)
        write(axes, 22.9, top + 1.9, mark, color=colour, fontsize=16, weight="bold")
    return Picture(
        figure,
        "Lambda(lambda x: x ** 2) turns -2, -1, 0, 1, 2 into 4, 1, 0, 1, 4; it has no weights. "
        "Saved, the lambda lies in the file as code, and loading it is refused with a ValueError: "
        "safe mode runs no code from a file. Lambda(power, arguments={'exponent': 2}) lies there "
        "as a name, course>power, and an exponent: loading finds the function that was registered "
        "by this name.",
    )


def draw_life() -> Picture:
    """The moments of a layer's life: made, built, called, written down."""
    figure, axes = drawing(columns=24, rows=9.4, width=10)
    inputs, kernel = np.array([[1, 2, 0], [3, -1, 2]]), np.array([[1, 0], [0, 1], [2, -1]])
    bias = np.array([[1, -2]])
    moments = (
        (3, "made", "__init__(units=2)", "remembers what it is told"),
        (9, "built", "build((None, 3))", "makes the weights, once"),
        (15, "called", "call(inputs)", "does the work, each time"),
        (21, "written down", "get_config()", "tells what it was told"),
    )
    for x, moment, code, words in moments:
        write(axes, x, 0.7, moment, fontsize=14, weight="bold", color=BLUE)
        write(axes, x, 1.6, code, **_CODE)
        write(axes, x, 2.3, words, color=FAINT, fontsize=10.5)
    for start, end in (4.6, 7.7), (10.3, 13.5), (17.4, 18.4):
        _arrow(axes, start, end, 0.7)

    _dashed(axes, 2, 3.4, 2)
    write(axes, 3, 4.9, "⋮", fontsize=14, color=FAINT)
    write(axes, 3, 5.9, "how many rows?", fontsize=11, color=FAINT)
    cells(axes, kernel, 8, 3.4, PALE_ORANGE)
    cells(axes, bias, 8, 6.9, PALE_ORANGE)
    write(axes, 7.6, 4.9, "kernel", ha="right", fontsize=11)
    write(axes, 7.6, 7.4, "bias", ha="right", fontsize=11)
    cells(axes, inputs, 11.8, 4.2, PALE_BLUE)
    _arrow(axes, 14.9, 15.8, 5.2)
    cells(axes, inputs @ kernel + bias, 15.9, 4.2, PALE_GREEN)
    write(axes, 14.9, 6.9, "inputs @ kernel + bias", **_CODE)
    _box(axes, 18.9, 4.1, 4.2, 2.2, PALE_BLUE, '{"units": 2,', ' "name": …}')
    for x, built in (3, "False"), (9, "True"), (15, "True"), (21, "True"):
        colour = RED if built == "False" else GREEN
        write(axes, x, 8.8, f"built: {built}", color=colour, weight="bold", **_CODE)
    return Picture(
        figure,
        "Four moments in the life of Linear(units=2). Made by __init__: it remembers what it is "
        "told, has no weights, and built is False. Built by build((None, 3)): a kernel of 3 rows "
        "and 2 columns and a bias of 2 are made, and built is True. Called: inputs of shape "
        "(2, 3) become inputs @ kernel + bias, of shape (2, 2). Written down by get_config(): "
        "units 2, and a name.",
    )


def draw_files() -> Picture:
    """The three forms on disk: what lies in the file, what loading needs, what comes back."""
    figure, axes = drawing(columns=24, rows=8.8, width=10)
    heads = (6.8, "in the file"), (14.6, "loading needs"), (19.4, "you get")
    for x, words in heads:
        write(axes, x, 0.6, words, color=FAINT)
    rows = (
        (".keras", ("config", "weights"), ("your class,", "registered"), "the model itself"),
        (".h5", ("config", "weights"), ("your class,", "registered"), "the model itself"),
        ("SavedModel", ("graph", "weights"), ("no Python", "of yours"), "a function to call"),
    )
    for index, (form, parts, needs, gets) in enumerate(rows):
        top = 1.3 + 2.5 * index
        fill = {"config": PALE_BLUE, "weights": PALE_ORANGE, "graph": PALE_GREEN}
        write(axes, 0.4, top + 0.9, form, ha="left", weight="bold", family="monospace")
        for place, part in enumerate(parts):
            _box(axes, 4 + 2.9 * place, top, 2.7, 1.8, fill[part], part)
        _arrow(axes, 9.9, 11.9, top + 0.9)
        _box(axes, 12.2, top, 4.8, 1.8, PAPER, *needs, **_WORDS)
        _arrow(axes, 17.2, 17.9, top + 0.9)
        write(axes, 18.1, top + 0.9, gets, ha="left", fontsize=11.5)
    return Picture(
        figure,
        "Three forms of a saved model. A .keras file and a .h5 file hold config and weights; "
        "loading them needs your class, registered, and gives the model itself back. A SavedModel "
        "holds a graph and weights; loading it needs no Python of yours, and gives a function "
        "without a config.",
    )


def _dashed(axes: Axes, left: float, top: float, columns: int) -> None:
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
        _arrow(axes, start, end, y)


def _arrow(axes: Axes, start: float, end: float, y: float) -> None:
    arrow(axes, (start, y), (end, y))


def _box(
    axes: Axes,
    left: float,
    top: float,
    columns: float,
    rows: float,
    fill: str,
    *lines: str,
    **style: Any,
) -> None:
    """A box with lines of code in it, or of words."""
    axes.add_patch(Rectangle((left, top), columns, rows, facecolor=fill, edgecolor=INK, lw=1))
    text = "\n".join(lines)
    style = {**_CODE, "linespacing": 1.5} | style
    write(axes, left + columns / 2, top + rows / 2, text, **style)
