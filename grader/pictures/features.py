"""Pictures for the unit "Features": buckets, one-hot rows, embeddings, and all of them in a row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from grader.pictures.show import (
    FAINT,
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
    outline,
    write,
)

_ISLANDS = ("Biscoe", "Dream", "Torgersen")


def draw_buckets() -> Picture:
    """A line of body masses cut at three boundaries, and four birds that fall between them."""
    boundaries, masses = (3500, 4200, 5000), (3300, 3500, 4650, 5700)
    tints = (PALE_BLUE, PALE_GREEN, PALE_ORANGE, PALE_RED)
    figure, axes = drawing(columns=22, rows=9.6, width=9.6)

    def place(mass: float) -> float:
        return 1 + (mass - 2700) / 180

    edges = [2700, *boundaries, 6300]
    for bucket, tint in enumerate(tints):
        left, right = place(edges[bucket]), place(edges[bucket + 1])
        axes.add_patch(Rectangle((left, 1.3), right - left, 1, facecolor=tint))
        write(axes, (left + right) / 2, 0.8, f"bucket {bucket}", fontsize=11, color=FAINT)
    axes.plot([1, 21], [2.3, 2.3], color=INK, lw=1.4)
    for boundary in boundaries:
        axes.plot([place(boundary)] * 2, [1.1, 2.5], color=INK, lw=2.4)
        write(axes, place(boundary), 3, f"{boundary} g", fontsize=11)
    for mass in masses:
        colour = RED if mass in boundaries else INK
        axes.plot(place(mass), 1.8, "o", ms=9, color=colour, zorder=4)

    for row, mass in enumerate(masses):
        bucket = int(np.digitize(mass, boundaries))
        write(axes, 5.4, 5 + row, f"{mass} g", fontsize=13, ha="right")
        arrow(axes, (6, 5 + row), (8.2, 5 + row))
        cells(axes, [[int(i == bucket) for i in range(4)]], 8.8, 4.5 + row, tints[bucket])
    outline(axes, 8.8, 5.5, 4, 1, RED)
    write(axes, 13.4, 6, "exactly on a boundary:", fontsize=12, ha="left")
    write(axes, 13.4, 6.6, "it opens the bucket above", fontsize=12, ha="left")
    write(axes, 10.8, 9.1, "3 boundaries, 4 buckets", fontsize=12)
    return Picture(
        figure,
        "A line of body masses from 2700 to 6300 g, cut at 3500, 4200 and 5000 into buckets 0 to "
        "3. Four birds become rows of four cells: 3300 g is 1 0 0 0; 3500 g, exactly on a "
        "boundary, is 0 1 0 0: it opens the bucket above; 4650 g is 0 0 1 0; 5700 g is 0 0 0 1. "
        "3 boundaries, 4 buckets.",
    )


def draw_one_hot() -> Picture:
    """Words and years, each beside its row; what is not in the vocabulary has no one."""
    figure, axes = drawing(columns=24, rows=7.6, width=10)
    _one_hot(axes, 0.6, "island", ("Dream", "Biscoe", "Torgersen", "Anvers"), _ISLANDS)
    _one_hot(axes, 12.8, "year", (2009, 2007, 2007, 2012), (2007, 2008, 2009))
    write(axes, 12, 7.1, "not in the vocabulary: a row of zeros", fontsize=12, color=RED)
    return Picture(
        figure,
        "One-hot rows. With the vocabulary Biscoe, Dream, Torgersen, the word Dream becomes 0 1 0, "
        "Biscoe 1 0 0, Torgersen 0 0 1, and Anvers, which is not in the vocabulary, 0 0 0. With "
        "the vocabulary 2007, 2008, 2009, the year 2009 becomes 0 0 1, 2007 becomes 1 0 0, and "
        "2012 becomes 0 0 0.",
    )


def draw_embedding() -> Picture:
    """One-hot rows times a table: each word takes its own row along."""
    words = ("Dream", "Biscoe", "Dream", "Anvers")
    rows = np.array([[int(word == island) for island in _ISLANDS] for word in words])
    table = np.array([[5, -1], [2, 3], [-4, 0]])
    figure, axes = drawing(columns=22, rows=8, width=9.6)
    _name(axes, 6.3, 0.6, "one-hot rows", "(batch, words) = (4, 3)")
    _name(axes, 13, 0.6, "table", "(words, dimension) = (3, 2)")
    _name(axes, 19.4, 0.6, "outputs", "(batch, dimension) = (4, 2)")
    for row, word in enumerate(words):
        known = word in _ISLANDS
        write(axes, 4.3, 3 + row, word, fontsize=12, ha="right", color=INK if known else RED)
    cells(axes, rows, 4.8, 2.5, PALE_BLUE)
    cells(axes, table, 12, 3, PALE_ORANGE)
    cells(axes, rows @ table, 18.4, 2.5, PALE_GREEN)
    for row, island in enumerate(_ISLANDS):
        write(axes, 11.7, 3.5 + row, island, fontsize=10, ha="right", color=FAINT)
    write(axes, 8.6, 4.5, "@", fontsize=18)
    write(axes, 16.2, 4.5, "=", fontsize=18)
    outline(axes, 4.8, 2.5, 3, 1, RED)
    outline(axes, 12, 4, 2, 1, RED)
    outline(axes, 18.4, 2.5, 2, 1, RED)
    write(axes, 11, 7.4, "parameters:   3 words × 2 numbers = 6, all of them learned", fontsize=13)
    return Picture(
        figure,
        "An embedding as a product: one-hot rows of shape (4, 3) times a table of shape (3, 2) "
        "gives outputs of shape (4, 2). Dream's row 0 1 0 picks the table's middle row, 2 3, both "
        "times that it occurs. Biscoe picks 5 -1. Anvers, not in the vocabulary, has a row of "
        "zeros and comes out as 0 0. Parameters: 3 words x 2 numbers = 6, all of them learned.",
    )


def draw_dense_features() -> Picture:
    """Three birds' columns above, and the dense tensor that is made of them below."""
    birds = {
        "island": ("Dream", "Biscoe", "Torgersen"),
        "sex": ("male", "female", "unknown"),
        "body_mass": ("3700", "5000", "3300"),
        "bill_depth": ("19.2", "15.2", "17.2"),
    }
    blocks: Sequence[tuple[str, Any, str]] = (
        ("bill_depth", [[1], [-1], [0]], PALE_BLUE),
        ("body_mass_bucketized", [[0, 1, 0, 0], [0, 0, 0, 1], [1, 0, 0, 0]], PALE_RED),
        ("island_X_sex_indicator", [[0, 0, 1, 0], [0, 1, 0, 0], [0, 0, 1, 0]], PALE_GREEN),
        ("island_embedding", [[2, 3], [5, -1], [-4, 0]], PALE_ORANGE),
        ("sex_indicator", [[0, 1], [1, 0], [0, 0]], PALE_BLUE),
    )
    figure, axes = drawing(columns=24, rows=13, width=10)
    write(axes, 12, 0.6, "a dict of columns", fontsize=13, weight="bold")
    for index, (feature, values) in enumerate(birds.items()):
        left = 3.2 + 4.5 * index
        write(axes, left + 2, 1.5, feature, fontsize=12, color=FAINT)
        for row, value in enumerate(values):
            corner = (left, 2 + row)
            axes.add_patch(Rectangle(corner, 4, 1, facecolor=PAPER, edgecolor=INK, lw=1))
            write(axes, left + 2, 2.5 + row, value)
    arrow(axes, (12, 5.4), (12, 6.9))
    write(axes, 12.6, 6.15, "DenseFeatures", fontsize=13, weight="bold", ha="left")

    left = 3.4
    for index, (name, values, tint) in enumerate(blocks):
        cells(axes, values, left, 8.7, tint)
        middle, width = left + len(values[0]) / 2, len(values[0])
        low = index % 2
        height = 12.4 if low else 7.7
        write(axes, middle, height, name, fontsize=11)
        ends = (11.75, 12.1) if low else (8.05, 8.6)
        axes.plot([middle] * 2, ends, color=FAINT, lw=1)
        left += width + 1
    return Picture(
        figure,
        "A dict of four columns, island, sex, body_mass and bill_depth, of three birds becomes one "
        "dense tensor of three rows. Its blocks stand in alphabetical order of their names: "
        "bill_depth (1 cell), body_mass_bucketized (4), island_X_sex_indicator (4), "
        "island_embedding (2), sex_indicator (2). A bird of 5000 g falls into the last bucket, "
        "and the bird of unknown sex has 0 0 in sex_indicator.",
    )


def _one_hot(
    axes: Axes, left: float, feature: str, values: Sequence[Any], vocabulary: Sequence[Any]
) -> None:
    """A column of values, an arrow, and a one-hot row for each; the vocabulary stands above."""
    write(axes, left + 2.4, 1.7, feature, fontsize=13, weight="bold", ha="right")
    for place, word in enumerate(vocabulary):
        write(axes, left + 5.9 + place, 1.9, str(word), rotation=35, ha="left", va="bottom")
    for row, value in enumerate(values):
        known = value in vocabulary
        middle = 2.8 + row
        ink = INK if known else RED
        write(axes, left + 2.4, middle, str(value), fontsize=13, ha="right", color=ink)
        arrow(axes, (left + 3, middle), (left + 5, middle), color=ink)
        tint = PALE_BLUE if known else PAPER
        row_of = [[int(value == word) for word in vocabulary]]
        cells(axes, row_of, left + 5.5, middle - 0.5, tint)


def _name(axes: Axes, x: float, y: float, name: str, shape: str) -> None:
    write(axes, x, y, name, fontsize=13, weight="bold")
    write(axes, x, y + 0.65, shape, fontsize=11, color=FAINT)
