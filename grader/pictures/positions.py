"""Pictures for the unit "Positions and heads"."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Rectangle

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
    outline,
    write,
)


def draw_table() -> Picture:
    """A table of five rows; a text of three positions that begins at position 1."""
    table = np.array([[0.1, -0.3], [0.7, 0.2], [-0.5, 0.4], [0.3, 0.9], [-0.8, 0.6]])
    figure, axes = drawing(columns=24, rows=8.2, width=10)
    tints = [PAPER, PALE_GREEN, PALE_GREEN, PALE_GREEN, PAPER]
    cells(axes, table, 3, 1.9, tints)
    for position in range(5):
        write(
            axes, 2.2, 2.4 + position, f"position {position}", fontsize=11, color=FAINT, ha="right"
        )
    write(axes, 4, 0.5, "table, learned", fontsize=12.5, weight="bold")
    write(axes, 4, 1.2, "(sequence_length, features)", fontsize=10, color=FAINT)
    outline(axes, 3, 2.9, 2, 3, RED)
    arrow(axes, (5.4, 4.4), (9, 4.4))
    write(axes, 7.2, 3.7, "3 positions,", fontsize=10.5)
    write(axes, 7.2, 5, "start_index=1", fontsize=10.5)
    for sample in range(2):
        x = 10.5 + 4.4 * sample
        cells(axes, table[1:4], x, 2.9, PALE_GREEN)
        write(axes, x + 1, 6.5, f"text {sample}", fontsize=11, color=FAINT)
    write(axes, 13.7, 0.5, "output", fontsize=12.5, weight="bold")
    write(axes, 13.7, 1.2, "(batch, length, features)", fontsize=10, color=FAINT)
    write(axes, 18.2, 4.4, "+", fontsize=18)
    _slab(axes, 21.3, 4.4, 4.6, 3, "vectors of\nthe words", PALE_BLUE)
    write(axes, 12, 7.6, "the sum is made outside of the layer", fontsize=11, color=FAINT)
    return Picture(
        figure,
        "PositionEmbedding: a learned table with five rows, one for each position, and two "
        "features. For texts of three words that begin at position 1, rows 1, 2 and 3 are taken: "
        "0.7 and 0.2, −0.5 and 0.4, 0.3 and 0.9. The output holds these rows once for each text of "
        "the batch. Outside of the layer they are added to the vectors of the words.",
    )


def draw_waves(features: int = 6, max_wavelength: int = 100) -> Picture:
    """The first positions with numbers, and two of the waves that they are taken from."""
    positions = np.arange(4)
    values = _encoded(positions, features, max_wavelength)
    wide = max(18.5 - features, 6)
    figure, axes = drawing(columns=28, rows=8.6, width=11)
    tints = [PALE_BLUE if j % 2 == 0 else PALE_ORANGE for j in range(features)]
    for j in range(features):
        column = [[f"{value:.2f}"] for value in values[:, j]]
        _wide_cells(axes, column, 2.6 + 1.45 * j, 2.4, 1.45, tints[j])
        write(axes, 3.33 + 1.45 * j, 1.9, "sin" if j % 2 == 0 else "cos", fontsize=10.5)
    for pair in range(features // 2):
        wave = 2 * math.pi * max_wavelength ** (2 * pair / features)
        x = 2.6 + 1.45 * (2 * pair + 1)
        write(axes, x, 1.2, f"pair {pair}", fontsize=11, weight="bold")
        write(axes, x, 7, f"repeats after\n{wave:.0f} positions", fontsize=10, color=FAINT)
    for position in positions:
        write(
            axes, 2.3, 2.9 + position, f"position {position}", fontsize=11, color=FAINT, ha="right"
        )
    left = 28 - wide
    for j, (color, middle) in enumerate(((BLUE, 2.6), (GREEN, 5.6))):
        along = np.linspace(0, 40, 400)
        wave = np.sin(along / max_wavelength ** (2 * j / features))
        axes.plot(left + along / 40 * (wide - 0.8), middle - 1.0 * wave, color=color, lw=2)
        write(axes, left + wide / 2 - 0.4, middle - 1.5, f"feature {2 * j}", fontsize=10.5)
    write(axes, left + wide / 2 - 0.4, 7.4, "positions 0 to 40", fontsize=10.5, color=FAINT)
    write(axes, 7, 0.4, "the vectors of four positions", fontsize=12.5, weight="bold")
    rows = "; ".join(
        f"position {position}: {', '.join(f'{value:.2f}' for value in row)}"
        for position, row in zip(positions, values, strict=True)
    )
    return Picture(
        figure,
        f"SinePositionEncoding with {features} features and a max_wavelength of {max_wavelength}. "
        "Even features are sines and odd ones cosines; two neighbours are a pair with the same "
        f"wavelength. {rows}. Beside it are the waves of features 0 and 2 for positions 0 to 40: "
        "the second one is much slower.",
    )


def draw_halves() -> Picture:
    """Six features in two halves: which two are turned together, with numbers for position 1."""
    vector = np.array([1.0, 2.0, 0.0, 0.0, 1.0, 2.0])
    angles = 1 / 100 ** (np.arange(3) / 3)
    one, two = vector[:3], vector[3:]
    turned = np.concatenate(
        [one * np.cos(angles) - two * np.sin(angles), two * np.cos(angles) + one * np.sin(angles)]
    )
    tints = (PALE_BLUE, PALE_ORANGE, PALE_GREEN)
    figure, axes = drawing(columns=22, rows=8.4, width=10)
    for j in range(6):
        x = 3 + 2.6 * j + 0.9 * (j > 2)
        _wide_cells(axes, [[f"{vector[j]:g}"]], x, 1.9, 1.7, tints[j % 3])
        _wide_cells(axes, [[f"{turned[j]:.2f}"]], x, 5.4, 1.7, tints[j % 3])
        write(axes, x + 0.85, 1.4, f"feature {j}", fontsize=10.5, color=FAINT)
    for j in range(3):
        left, right = 3.85 + 2.6 * j, 12.55 + 2.6 * j
        y = 3.3 + 0.55 * j
        axes.plot((left, left, right, right), (2.9, y, y, 2.9), color=INK, lw=1.3)
        write(axes, 10.6, y, f" by {angles[j]:.2f} ", fontsize=10.5, backgroundcolor=PAPER)
    write(axes, 2.6, 2.4, "position 1,\nbefore", fontsize=10.5, ha="right")
    write(axes, 2.6, 5.9, "after\nthe turn", fontsize=10.5, ha="right")
    write(axes, 6.4, 0.5, "first half", fontsize=12.5, weight="bold")
    write(axes, 15.2, 0.5, "second half", fontsize=12.5, weight="bold")
    said = "each pair keeps its length: " + ", ".join(
        f"√({a:g}² + {b:g}²) = {math.hypot(a, b):.2f}" for a, b in zip(one, two, strict=True)
    )
    write(axes, 11, 7.4, said, fontsize=10.5, color=FAINT)
    return Picture(
        figure,
        "RotaryEmbedding on one vector of six features at position 1; max_wavelength is 100. "
        "Feature 0 is turned together with feature 3, 1 with 4, and 2 with 5, by the angles "
        f"{', '.join(f'{angle:.2f}' for angle in angles)}. The vector "
        f"{', '.join(f'{value:g}' for value in vector)} becomes "
        f"{', '.join(f'{value:.2f}' for value in turned)}. Each pair keeps its length.",
    )


def draw_turn(query_place: int = 5, key_place: int = 2, speed: float = 0.4) -> Picture:
    """One pair of a query and one of a key: both are turned, and the angle between them counts."""
    figure, axes = drawing(columns=20, rows=11, width=8)
    middle = (6, 5.6)
    for position, angle, color, name in (
        (query_place, 0.9, BLUE, "query"),
        (key_place, 0.3, GREEN, "key"),
    ):
        _pointer(axes, middle, angle, 3.4, FAINT)
        _pointer(axes, middle, angle + speed * position, 4.4, color)
        end = _at(middle, angle + speed * position, 5.1)
        write(axes, *end, name, fontsize=12, color=color, weight="bold")
    between = 0.6 + speed * (query_place - key_place)
    score = math.cos(between)
    first, last = sorted((0.9 + speed * query_place, 0.3 + speed * key_place))
    arc = Arc(middle, 3, 3, theta1=-math.degrees(last), theta2=-math.degrees(first), color=RED)
    arc.set_linewidth(2.5)
    axes.add_patch(arc)
    lines = (
        (f"query at position {query_place}: turned by {speed * query_place:.1f}", BLUE),
        (f"key at position {key_place}: turned by {speed * key_place:.1f}", GREEN),
        (f"distance: {query_place - key_place}", INK),
        (f"angle between them: {between:.1f}", RED),
        (f"score: {score:.2f}", RED),
    )
    for row, (line, color) in enumerate(lines):
        text = line.replace("-", "−")
        write(axes, 12.3, 3.2 + 1.1 * row, text, fontsize=12, ha="left", color=color)
    write(axes, 12.3, 9, "grey: before the turn", fontsize=10.5, color=FAINT, ha="left")
    return Picture(
        figure,
        "One pair of features of a query and of a key, drawn as arrows of length 1. At position 0 "
        f"the angle from the key to the query would be 0.6. The query at position {query_place} is "
        f"turned by {speed * query_place:.1f}, the key at position {key_place} by "
        f"{speed * key_place:.1f}. "
        f"The distance of the positions is {query_place - key_place}, the angle between the arrows "
        f"{between:.1f}, and their score {score:.2f}.",
    )


def draw_groups() -> Picture:
    """Four query heads with four, two and one heads of keys and values."""
    figure, axes = drawing(columns=30, rows=8.6, width=11)
    plans = (
        (4, "MultiHeadAttention", "num_key_value_heads=4"),
        (2, "GroupQueryAttention", "num_key_value_heads=2"),
        (1, "multi-query attention", "num_key_value_heads=1"),
    )
    tints = (PALE_GREEN, PALE_ORANGE, PALE_RED, PAPER)
    for column, (groups, name, argument) in enumerate(plans):
        left = 0.8 + 10 * column
        write(axes, left + 4.2, 0.5, name, fontsize=12, weight="bold")
        write(axes, left + 4.2, 1.2, argument, fontsize=10, color=FAINT)
        for group in range(groups):
            x = left + 8.4 * (group + 0.5) / groups
            _slab(axes, x, 2.6, 1.7, 1.2, f"k, v {group}", tints[group])
        for head in range(4):
            x, group = left + 2.1 * head + 1.05, head * groups // 4
            _slab(axes, x, 5.8, 1.7, 1.2, f"query {head}", tints[group])
            arrow(axes, (x, 5.2), (left + 8.4 * (group + 0.5) / groups, 3.3), lw=1.2)
        write(axes, left + 4.2, 7.2, f"kept for each word: {2 * groups} × head_dim numbers",
              fontsize=10.5)  # fmt: skip
    write(axes, 15, 8.2, "four query heads in each: they look at the keys of their group",
          fontsize=11, color=FAINT)  # fmt: skip
    return Picture(
        figure,
        "Four query heads three times. With four heads of keys and values each query head has its "
        "own: MultiHeadAttention. With two, query heads 0 and 1 share head 0 of keys and values, "
        "and query heads 2 and 3 share head 1: GroupQueryAttention. With one, all four share it: "
        "multi-query attention. For each word 8, 4 or 2 times head_dim numbers are kept.",
    )


def bars(shares: Mapping[str, Mapping[str, float]], chance: float, title: str) -> Figure:
    """A group of bars for each model: shares of right answers, by what was tried."""
    figure, axes = plt.subplots(figsize=(8.5, 3.6), layout="constrained")
    tried = list(next(iter(shares.values())))
    wide = 0.8 / len(tried)
    for number, name in enumerate(tried):
        x = np.arange(len(shares)) + wide * (number - (len(tried) - 1) / 2)
        found = [shares[kind][name] for kind in shares]
        drawn = axes.bar(x, found, wide * 0.92, label=name)
        axes.bar_label(drawn, [f"{share:.0%}" for share in found], fontsize=9)
    axes.axhline(chance, color=INK, lw=1, ls=":", label="by chance")
    axes.set_xticks(range(len(shares)), list(shares))
    axes.set(ylabel="right letters", ylim=(0, 1.12))
    axes.set_title(title, color=INK, fontsize=12)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def lines(
    curves: Mapping[str, Sequence[float]], along: Sequence[float], title: str, **labels: str
) -> Figure:
    """A line for each name."""
    figure, axes = plt.subplots(figsize=(8, 3.6), layout="constrained")
    for name, values in curves.items():
        axes.plot(along, values, label=name, lw=2)
    axes.set(**labels)
    axes.set_title(title, color=INK, fontsize=12)
    axes.legend(loc="upper left", bbox_to_anchor=(1, 1))
    return figure


def score_map(scores: np.ndarray, title: str) -> Figure:
    """Scores of the same vector at all pairs of positions."""
    figure, axes = plt.subplots(figsize=(5, 4.2), layout="constrained")
    most = float(np.abs(scores).max())
    image = axes.imshow(scores, cmap="signed", vmin=-most, vmax=most)
    axes.set(xlabel="position of the key", ylabel="position of the query")
    axes.set_title(title, color=INK, fontsize=12)
    figure.colorbar(image, ax=axes, label="score")
    return figure


def _encoded(positions: np.ndarray, features: int, max_wavelength: float) -> np.ndarray:
    exponents = 2 * (np.arange(features) // 2) / features
    angles = positions[:, None] / max_wavelength**exponents
    return np.where(np.arange(features) % 2 == 0, np.sin(angles), np.cos(angles))


def _name_of_row(axes: Axes, x: float, y: float, position: int) -> None:
    write(axes, x, y, f"position {position}", fontsize=11, color=FAINT, ha="right")


def _at(middle: tuple[float, float], angle: float, far: float) -> tuple[float, float]:
    """A point by its angle, counted against the clock from the right; y runs downwards."""
    return middle[0] + far * math.cos(angle), middle[1] - far * math.sin(angle)


def _pointer(
    axes: Axes, middle: tuple[float, float], angle: float, length: float, color: str
) -> None:
    arrow(axes, middle, _at(middle, angle, length), color=color, lw=2.2, shrinkA=0, shrinkB=0)


def _wide_cells(
    axes: Axes, values: Sequence[Sequence[str]], left: float, top: float, wide: float, fill: str
) -> None:
    """A column of cells that are wider than high."""
    for row, (value,) in enumerate(values):
        corner = (left, top + row)
        axes.add_patch(Rectangle(corner, wide, 1, facecolor=fill, edgecolor=INK, lw=1))
        text = value.replace("-", "−")
        write(axes, left + wide / 2, top + row + 0.5, text, fontsize=11)


def _slab(axes: Axes, x: float, y: float, wide: float, high: float, text: str, fill: str) -> None:
    corner = (x - wide / 2, y - high / 2)
    axes.add_patch(Rectangle(corner, wide, high, fc=fill, ec=INK, lw=1.2, zorder=3))
    write(axes, x, y, text, fontsize=10.5, zorder=4)
