"""Pictures for the unit "Saving": a Lambda in a file, a layer's life, and three formats."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from grader.pictures.first_layer import CODE, dashed, pointer
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
    cells,
    drawing,
    write,
)

_WORDS = {"family": None, "fontsize": 11.5}


def draw_lambda_file() -> Picture:
    """The two ways in which a Lambda can lie in a file."""
    figure, axes = drawing(columns=24, rows=7.6, width=10)
    for x, words in (4.1, "the layer"), (12, "in the file"), (19.9, "when it is loaded"):
        write(axes, x, 0.5, words, color=FAINT, fontsize=11)
    _box(axes, 0.6, 1.1, 7, 2.4, PALE_BLUE, "Lambda(", "  lambda x: x ** 2)")
    _box(axes, 9.2, 1.1, 5.6, 2.4, PALE_RED, "code:", "4wEAAAAAAAAAAAAA…")
    refused = "ValueError: safe mode runs", "no code from a file"
    _box(axes, 16.4, 1.1, 7, 2.4, PAPER, *refused, **_WORDS)
    _box(axes, 0.6, 4.7, 7, 2.4, PALE_BLUE, "Lambda(power, arguments=", '  {"exponent": 2})')
    _box(axes, 9.2, 4.7, 5.6, 2.4, PALE_GREEN, "name: course>power", "exponent: 2")
    found = "the function that was", "registered by this name"
    _box(axes, 16.4, 4.7, 7, 2.4, PAPER, *found, **_WORDS)
    for top, colour, mark in (1.1, RED, "✗"), (4.7, GREEN, "✓"):
        for start, end in (7.7, 9.1), (14.9, 16.3):
            pointer(axes, start, end, top + 1.2)
        write(axes, 22.9, top + 1.9, mark, color=colour, fontsize=16, weight="bold")
    return Picture(
        figure,
        "Two layers in a file. Lambda(lambda x: x ** 2) is saved as code, and loading it is "
        "refused with a ValueError: safe mode runs no code from a file. Lambda(power, arguments="
        "{'exponent': 2}) is saved as a name, course>power, and an exponent: loading finds the "
        "function that was registered by this name.",
    )


def draw_life() -> Picture:
    """The moments of a layer's life: made, built, called, saved."""
    figure, axes = drawing(columns=24, rows=9.4, width=10)
    inputs, kernel = np.array([[1, 2, 0], [3, -1, 2]]), np.array([[1, 0], [0, 1], [2, -1]])
    bias = np.array([[1, -2]])
    moments = (
        (3, "made", "__init__(units=2)", "stores its arguments"),
        (9, "built", "build((None, 3))", "makes the weights, once"),
        (15, "called", "call(inputs)", "computes the output, each time"),
        (21, "saved", "get_config()", "returns its arguments"),
    )
    for x, moment, code, words in moments:
        write(axes, x, 0.7, moment, fontsize=14, weight="bold", color=BLUE)
        write(axes, x, 1.6, code, **CODE)
        write(axes, x, 2.3, words, color=FAINT, fontsize=10.5)
    for start, end in (4.6, 7.7), (10.3, 13.5), (17.4, 18.4):
        pointer(axes, start, end, 0.7)

    dashed(axes, 2, 3.4, 2)
    write(axes, 3, 4.9, "⋮", fontsize=14, color=FAINT)
    write(axes, 3, 5.9, "how many rows?", fontsize=11, color=FAINT)
    cells(axes, kernel, 8, 3.4, PALE_ORANGE)
    cells(axes, bias, 8, 6.9, PALE_ORANGE)
    write(axes, 7.6, 4.9, "kernel", ha="right", fontsize=11)
    write(axes, 7.6, 7.4, "bias", ha="right", fontsize=11)
    cells(axes, inputs, 11.8, 4.2, PALE_BLUE)
    pointer(axes, 14.9, 15.8, 5.2)
    cells(axes, inputs @ kernel + bias, 15.9, 4.2, PALE_GREEN)
    write(axes, 14.9, 6.9, "inputs @ kernel + bias", **CODE)
    _box(axes, 18.9, 4.1, 4.2, 2.2, PALE_BLUE, '{"units": 2,', ' "name": …}')
    for x, built in (3, "False"), (9, "True"), (15, "True"), (21, "True"):
        colour = RED if built == "False" else GREEN
        write(axes, x, 8.8, f"built: {built}", color=colour, weight="bold", **CODE)
    return Picture(
        figure,
        "Four moments in the life of Linear(units=2). Made by __init__: it stores its arguments, "
        "has no weights, and built is False. Built by build((None, 3)): a kernel of 3 rows "
        "and 2 columns and a bias of 2 are made, and built is True. Called: inputs of shape "
        "(2, 3) become inputs @ kernel + bias, of shape (2, 2). Saved: get_config() returns "
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
        pointer(axes, 9.9, 11.9, top + 0.9)
        _box(axes, 12.2, top, 4.8, 1.8, PAPER, *needs, **_WORDS)
        pointer(axes, 17.2, 17.9, top + 0.9)
        write(axes, 18.1, top + 0.9, gets, ha="left", fontsize=11.5)
    return Picture(
        figure,
        "Three forms of a saved model. A .keras file and a .h5 file hold config and weights; "
        "loading them needs your class, registered, and gives the model itself back. A SavedModel "
        "holds a graph and weights; loading it needs no Python of yours, and gives a function "
        "without a config.",
    )


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
    style = {**CODE, "linespacing": 1.5} | style
    write(axes, left + columns / 2, top + rows / 2, text, **style)
