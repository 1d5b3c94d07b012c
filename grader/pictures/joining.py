"""Pictures for the unit "Joining": a graph of layers, and what the five joining layers do."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from grader.data import load
from grader.pictures.show import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PAPER,
    RED,
    Picture,
    arrow,
    cells,
    drawing,
    outline,
    write,
)

TINTS = (PALE_BLUE, PALE_ORANGE, PALE_GREEN)


def draw_graph() -> Picture:
    """A digit's two halves go separate ways, and meet."""
    figure, axes = drawing(columns=31, rows=9.4, width=10)
    digit = load("digits")["images"][22]
    for y, half, name, tint in (
        (2.7, digit[:4], "upper", PALE_BLUE),
        (6.7, digit[4:], "lower", PALE_ORANGE),
    ):
        _image(axes, half, 0.4, y - 0.9, 3.6, 1.8)
        write(axes, 2.2, y - 1.45, name, fontsize=12, weight="bold")
        write(axes, 2.2, y + 1.4, "(batch, 4, 8)", color=FAINT, fontsize=10)
        arrow(axes, (4.3, y), (5.9, y))
        _box(axes, 8, y, "Flatten", tint)
        _road(axes, (10.1, y), (12.1, y), "(batch, 32)")
        _box(axes, 14.2, y, "Dense(16)", tint)
        arrow(axes, (16.3, y), (18.1, 4.7 + 0.2 * np.sign(y - 4.7)))
    write(axes, 17.5, 2.7, "(batch, 16)", color=FAINT, fontsize=10, ha="left")
    write(axes, 17.5, 6.7, "(batch, 16)", color=FAINT, fontsize=10, ha="left")
    _box(axes, 20.6, 4.7, "Concatenate", PALE_GREEN, width=4.8, frame=RED)
    _road(axes, (23.1, 4.7), (25.6, 4.7), "(batch, 32)")
    _box(axes, 27.7, 4.7, "Dense(10)", PAPER)
    write(axes, 27.7, 6.1, "(batch, 10)", color=FAINT, fontsize=10)
    write(axes, 2.2, 0.45, "keras.Input", fontsize=11, color=FAINT)
    return Picture(
        figure,
        "A graph of layers. The upper and the lower half of a digit, each of shape (batch, 4, 8), "
        "go separate ways: Flatten makes 32 numbers of each, a Dense layer of its own makes 16. "
        "Concatenate joins the two to 32, and Dense(10) gives the answer.",
    )


def draw_concatenate() -> Picture:
    """Side by side along the last axis, one below the other along axis 1."""
    a = np.array([[1, 2, 3], [4, 5, 6]])
    b = np.array([[7, 8], [9, 0]])
    c = np.array([[7, 8, 9]])
    figure, axes = drawing(columns=23, rows=11.4)
    write(axes, 11.6, 0.7, "Concatenate()", fontsize=14, weight="bold", color=BLUE)
    write(axes, 11.6, 1.4, "the last axis: 3 + 2 = 5, the rows must agree", fontsize=11)
    cells(axes, a, 1.5, 2.3, PALE_BLUE)
    cells(axes, b, 6.5, 2.3, PALE_ORANGE)
    arrow(axes, (9.6, 3.3), (13.4, 3.3))
    cells(axes, a, 16.8, 2.3, PALE_BLUE)
    cells(axes, b, 19.8, 2.3, PALE_ORANGE)
    for x, shape in (3, "(batch, 2, 3)"), (7.5, "(batch, 2, 2)"), (19.3, "(batch, 2, 5)"):
        write(axes, x, 4.75, shape, fontsize=11, color=FAINT)

    write(axes, 11.6, 6.3, "Concatenate(axis=1)", fontsize=14, weight="bold", color=BLUE)
    write(axes, 11.6, 7, "axis 1: 2 + 1 = 3, the columns must agree", fontsize=11)
    cells(axes, a, 1.5, 7.9, PALE_BLUE)
    cells(axes, c, 6, 8.4, PALE_ORANGE)
    arrow(axes, (9.6, 8.9), (13.4, 8.9))
    cells(axes, a, 17.8, 7.4, PALE_BLUE)
    cells(axes, c, 17.8, 9.4, PALE_ORANGE)
    for x, shape in (3, "(batch, 2, 3)"), (7.5, "(batch, 1, 3)"), (19.3, "(batch, 3, 3)"):
        write(axes, x, 10.85, shape, fontsize=11, color=FAINT)
    return Picture(
        figure,
        "Concatenate on one sample. Along the last axis, rows 1 2 3 and 4 5 6 joined with rows 7 8 "
        "and 9 0 give rows 1 2 3 7 8 and 4 5 6 9 0: shapes (batch, 2, 3) and (batch, 2, 2) become "
        "(batch, 2, 5). Along axis 1, the same two rows and a third row 7 8 9 stand below each "
        "other: (batch, 2, 3) and (batch, 1, 3) become (batch, 3, 3).",
    )


def draw_add() -> Picture:
    """Three inputs, and their sum place by place."""
    inputs = [
        np.array([[1, -2, 3], [0, 4, 2]]),
        np.array([[5, 1, -1], [2, 2, 3]]),
        np.array([[2, 2, 0], [-3, 1, 1]]),
    ]
    figure, axes = drawing(columns=20, rows=5.2)
    for index, (values, tint) in enumerate(zip(inputs, TINTS, strict=True)):
        cells(axes, values, 1 + 4.8 * index, 0.6, tint)
        outline(axes, 3 + 4.8 * index, 0.6, 1, 1, RED)
    cells(axes, np.sum(inputs, axis=0), 15.4, 0.6)
    outline(axes, 17.4, 0.6, 1, 1, RED)
    for x, sign in (4.9, "+"), (9.7, "+"), (14.5, "="):
        write(axes, x, 1.6, sign, fontsize=18)
    for x in (2.5, 7.3, 12.1, 16.9):
        write(axes, x, 3.1, "(batch, 3)", fontsize=11, color=FAINT)
    write(axes, 10, 4.5, "sample 0, feature 2:   3 + (−1) + 0 = 2", fontsize=13)
    return Picture(
        figure,
        "Add: three inputs of shape (2, 3) are added place by place, and one output of shape "
        "(2, 3) comes out. One place is followed: sample 0, feature 2: 3 + (-1) + 0 = 2.",
    )


def draw_residual() -> Picture:
    """A layer without a shortcut, and one with a shortcut around it."""
    figure, axes = drawing(columns=25, rows=7.4, width=9.6)
    write(axes, 5, 0.6, "without a shortcut", fontsize=13, weight="bold")
    write(axes, 1.1, 4.4, "x", fontsize=15, style="italic")
    arrow(axes, (1.6, 4.4), (3.4, 4.4))
    _box(axes, 5.2, 4.4, "f", PALE_BLUE, width=3.4)
    arrow(axes, (7.1, 4.4), (8.4, 4.4))
    write(axes, 9.2, 4.4, "f(x)", fontsize=15, style="italic")
    write(axes, 5, 6.5, "slope:  f′(x)", fontsize=12)

    write(axes, 16.5, 0.6, "with a shortcut", fontsize=13, weight="bold")
    write(axes, 11.5, 4.4, "x", fontsize=15, style="italic")
    arrow(axes, (12, 4.4), (14.2, 4.4))
    _box(axes, 16, 4.4, "f", PALE_BLUE, width=3.4)
    arrow(axes, (17.8, 4.4), (19, 4.4))
    _box(axes, 19.9, 4.4, "+", PALE_GREEN, width=1.5, frame=RED)
    axes.plot([12.9, 12.9, 19.9], [4.4, 2.2, 2.2], color=GREEN, lw=2.6)
    arrow(axes, (19.9, 2.13), (19.9, 3.6), color=GREEN, lw=2.6)
    write(axes, 16.4, 1.75, "x as it is", fontsize=11, color=GREEN)
    arrow(axes, (20.7, 4.4), (21.8, 4.4))
    write(axes, 23.4, 4.4, "x + f(x)", fontsize=15, style="italic")
    write(axes, 16.4, 6.5, "slope:  1 + f′(x)", fontsize=12)
    return Picture(
        figure,
        "Left: x goes through a layer f, and f(x) comes out; its slope is f'(x). Right, a residual "
        "connection: x goes through f and also past it by a shortcut, and both meet in Add, so "
        "that x + f(x) comes out; its slope is 1 + f'(x).",
    )


def draw_subtract() -> Picture:
    """Two inputs and their difference, both ways round."""
    first, second = np.array([[4, -2, 1], [0, 3, 5]]), np.array([[1, 3, 1], [2, -4, 6]])
    figure, axes = drawing(columns=17.4, rows=7.6)
    pairs = ((0.6, (first, second), TINTS[:2]), (4.4, (second, first), TINTS[1::-1]))
    for top, (one, other), tints in pairs:
        cells(axes, one, 1.5, top, tints[0])
        cells(axes, other, 6.6, top, tints[1])
        cells(axes, one - other, 11.7, top)
        outline(axes, 12.7, top, 1, 1, RED)
        write(axes, 5.55, top + 1, "−", fontsize=18)
        write(axes, 10.65, top + 1, "=", fontsize=18)
        for x in (3, 8.1, 13.2):
            write(axes, x, top + 2.5, "(batch, 3)", fontsize=11, color=FAINT)
    write(axes, 16.2, 1.6, "−2 − 3 = −5", fontsize=12)
    write(axes, 16.2, 5.4, "3 − (−2) = 5", fontsize=12)
    return Picture(
        figure,
        "Subtract, twice. Above, rows 4 -2 1 and 0 3 5 minus rows 1 3 1 and 2 -4 6 give rows "
        "3 -5 0 and -2 7 -1. Below, the inputs are swapped, and all signs of the output turn.",
    )


def draw_twins() -> Picture:
    """Two digits go through the same layers, one after the other, and their scores are compared."""
    figure, axes = drawing(columns=30, rows=8.6, width=10)
    images = load("digits")["images"]
    _box(axes, 11.9, 4.3, "", PALE_BLUE, width=8.6, height=6.4, frame=BLUE)
    for y, index, score in (2.5, 8, 2), (6.1, 60, -3):
        _image(axes, images[index], 0.9, y - 1.4, 2.8, 2.8)
        arrow(axes, (4, y), (8.1, y))
        write(axes, 9.9, y, "Dense(32)", fontsize=12)
        arrow(axes, (11.7, y), (12.8, y))
        write(axes, 14.3, y, "Dense(1)", fontsize=12)
        arrow(axes, (15.7, y), (18, y))
        cells(axes, [[score]], 18.2, y - 0.5, PALE_ORANGE)
        arrow(axes, (19.5, y), (21.2, 4.3 + 0.25 * np.sign(y - 4.3)))
    write(axes, 11.9, 4.3, "the same two layers, called twice", fontsize=11, color=BLUE)
    write(axes, 18.7, 0.6, "scores", fontsize=11, color=FAINT)
    _box(axes, 23.3, 4.3, "Subtract", PALE_GREEN, width=4, frame=RED)
    arrow(axes, (25.4, 4.3), (26.6, 4.3))
    cells(axes, [[5]], 26.8, 3.8, PALE_ORANGE)
    write(axes, 23.3, 5.9, "first − second", fontsize=11)
    write(axes, 26.4, 7.2, "sigmoid(5) = 0.99:\nthe first one is larger", fontsize=11)
    return Picture(
        figure,
        "A twin network. An 8 and a 3 go through the same two layers, Dense(32) and Dense(1), "
        "which are called twice; each gets a score, 2 and -3. Subtract takes the second from "
        "the first: 5. Its sigmoid, 0.99, says that the first digit is the larger one.",
    )


def draw_extremes() -> Picture:
    """Three inputs; each number of Maximum and Minimum keeps the tint of where it came from."""
    inputs = np.array([[[3, -1, 0], [2, 7, -5]], [[1, 4, -2], [6, -3, 2]], [[-4, 2, 5], [3, 1, 8]]])
    figure, axes = drawing(columns=24.6, rows=6.4, width=9.6)
    for index, (values, tint) in enumerate(zip(inputs, TINTS, strict=True)):
        cells(axes, values, 0.8 + 3.7 * index, 2.2, tint)
    arrow(axes, (11.9, 3.2), (13.9, 3.2))
    for left, name, winner in (
        (14.6, "Maximum", inputs.argmax(axis=0)),
        (20.2, "Minimum", inputs.argmin(axis=0)),
    ):
        write(axes, left + 1.5, 1.4, name, fontsize=14, weight="bold", color=BLUE)
        for (i, j), index in np.ndenumerate(winner):
            cells(axes, [[inputs[index, i, j]]], left + j, 2.2 + i, TINTS[index])
    for x in (2.3, 6, 9.7, 16.1, 21.7):
        write(axes, x, 4.7, "(batch, 3)", fontsize=11, color=FAINT)
    write(axes, 12.3, 5.8, "at each place one number wins; its tint tells where it came from")
    return Picture(figure, _extremes_told(inputs))


def _extremes_told(inputs: np.ndarray) -> str:
    largest, smallest = _rows(inputs.max(axis=0)), _rows(inputs.min(axis=0))
    return (
        "Three inputs of shape (2, 3): "
        + "; ".join(f"rows {_rows(values)}" for values in inputs)
        + f". Maximum takes the largest number at each place: rows {largest}. Minimum takes the "
        f"smallest: rows {smallest}. The tint of each number tells which input it came from."
    )


def _rows(values: np.ndarray) -> str:
    return " and ".join(" ".join(map(str, row)) for row in values)


def _box(
    axes: Axes,
    x: float,
    y: float,
    name: str,
    fill: str,
    width: float = 4.2,
    height: float = 1.5,
    frame: str = INK,
) -> None:
    """A layer: a box with round corners, centred on a point."""
    corner = (x - width / 2, y - height / 2)
    box = FancyBboxPatch(corner, width, height, "round,pad=0,rounding_size=0.25")
    box.set(facecolor=fill, edgecolor=frame, linewidth=1.2 if frame == INK else 2.4)
    axes.add_patch(box)
    write(axes, x, y, name, fontsize=12)


def _road(axes: Axes, start: tuple[float, float], end: tuple[float, float], shape: str) -> None:
    """An arrow with the shape of what travels on it."""
    arrow(axes, start, end)
    middle = (start[0] + end[0]) / 2
    write(axes, middle, start[1] - 1.2, shape, color=FAINT, fontsize=10)


def _image(
    axes: Axes, image: Sequence | np.ndarray, left: float, top: float, width: float, height: float
) -> None:
    """A grey picture in a frame; the limits of the paper stay as they are."""
    extent = (left, left + width, top + height, top)
    limits = axes.get_xlim(), axes.get_ylim()
    axes.imshow(image, cmap="gray_r", extent=extent, aspect="auto")
    axes.set(xlim=limits[0], ylim=limits[1])
    axes.add_patch(Rectangle((left, top), width, height, fill=False, edgecolor=INK, lw=1))
