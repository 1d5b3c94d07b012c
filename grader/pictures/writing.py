"""Pictures for the unit "A model that writes"."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from grader.pictures.flow import box, flow, node
from grader.pictures.show import (
    BLUE,
    FAINT,
    INK,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PAPER,
    RED,
    Picture,
    cells,
    drawing,
    write,
)


def draw_growing(cached: int = 4, steps: int = 2) -> Picture:
    """A cache that grows: keys with their turns, and what each new token sees."""
    total = cached + steps
    figure, axes = drawing(columns=24, rows=5.4 + 1.2 * steps, width=10)
    left, wide = 8.2, 1.6

    def row(y: float, count: int) -> None:
        for place in range(count):
            tint = PALE_BLUE if place < cached else PALE_ORANGE
            cells(axes, [[f"k{place}"]], left + wide * place, y, tint)

    for place in range(total):
        write(axes, left + wide * place + 0.5, 0.6, str(place), fontsize=10.5, color=FAINT)
    write(axes, 7.7, 0.6, "position", ha="right", fontsize=10.5, color=FAINT)
    write(axes, 7.7, 1.6, "cache before the call", ha="right")
    row(1.1, cached)
    if not cached:
        write(axes, left + 0.2, 1.6, "None", ha="left", color=FAINT)
    write(axes, 7.7, 3.2, "cache that is returned", ha="right")
    row(2.7, total)
    for step in range(steps):
        y, place = 4.6 + 1.2 * step, cached + step
        write(axes, 7.7, y, f"query turned by {place} sees", ha="right")
        for other in range(total):
            sign, color = ("✓", INK) if other <= place else ("×", RED)
            write(axes, left + wide * other + 0.5, y, sign, color=color, fontsize=13)
    new = " and ".join(str(place) for place in range(cached, total))
    sees = "; ".join(f"the query at {p} sees 0 to {p}" for p in range(cached, total))
    return Picture(
        figure,
        f"A cache that grows. Before the call it holds the keys of {cached} positions, which were "
        f"turned when they came. The new tokens stand at {new}: their keys are turned by these "
        f"positions and added after the others, so {total} are returned. {sees[0].upper()}"
        f"{sees[1:]}.",
    )


def draw_model() -> Picture:
    """The whole model from left to right, with its stages."""
    figure, axes = drawing(columns=31, rows=7.6, width=11)
    y, above = 3.6, 1.5
    write(axes, 1.1, y, "tokens", fontsize=11.5)
    box(axes, 3.9, y, "embedding", PALE_GREEN, wide=3.2)
    flow(axes, (5.5, y), (6.9, y))
    for number in range(2):
        start = 6.9 + 9.3 * number
        write(axes, start + 3.9, 0.6, f"block {number}", weight="bold")
        _sum(axes, start, "attention", PALE_ORANGE, y, above)
        _sum(axes, start + 4.6, "SwiGLU", PALE_BLUE, y, above)
    flow(axes, (24.9, y), (25.5, y))
    box(axes, 26.4, y, "norm", PAPER, wide=1.8)
    flow(axes, (27.3, y), (27.9, y))
    box(axes, 29.4, y, "reverse", PALE_GREEN, wide=2.8)
    halves = ["attention", "feed-forward"]
    names = ["embedding", *halves, *halves, "norm", "logits"]
    at = [6.2, 11.0, 15.6, 20.3, 24.9, 27.6, 30.4]
    for number, (name, x) in enumerate(zip(names, at, strict=True)):
        low = 5.5 if number % 2 else 6.4
        flow(axes, (x, y + 0.5), (x, low - 0.3), color=FAINT, head=False)
        write(axes, x, low, name, fontsize=10.5, color=FAINT)
    write(axes, 3.2, 5.9, "the stages:", fontsize=11.5, weight="bold")
    under = "a normalization stands before each attention and each SwiGLU"
    write(axes, 15.5, 7.3, under, fontsize=11)
    return Picture(
        figure,
        "The model from left to right. Tokens go through the embedding, then through block 0 and "
        "block 1, each with attention and SwiGLU, then through a normalization and the embedding "
        "in reverse. Seven stages are marked: after the embedding, after attention and after the "
        "feed-forward layer of each block, after the last normalization, and the logits.",
    )


def _sum(axes: Axes, left: float, name: str, tint: str, y: float, above: float) -> None:
    """A layer and the sum behind it, with the line around the layer."""
    box(axes, left + 1.8, y, name, tint, wide=2.6)
    node(axes, left + 3.7, y, "+")
    flow(axes, (left, y), (left + 0.5, y))
    flow(axes, (left + 3.1, y), (left + 3.3, y), head=False)
    around = ((left, y), (left, above), (left + 3.7, above), (left + 3.7, y - 0.42))
    flow(axes, *around, color=RED, lw=1.8)
    flow(axes, (left + 4.1, y), (left + 4.6, y), head=False)


LETTERS = ("e", "a", "i", "o", "r", "l", "z")
LOGITS = np.array([2.6, 2.2, 1.6, 1.1, 0.3, -0.4, -1.8])


def draw_chances(temperature: float = 1.0, k: int = 7, p: float = 1.0) -> Picture:
    """Seven letters: their probabilities at a temperature, and what stays after top-k and top-p."""
    probabilities = np.exp(LOGITS / temperature)
    probabilities /= probabilities.sum()
    before = np.cumsum(probabilities) - probabilities
    stays = (np.arange(len(LETTERS)) < k) & (before < p)
    left = np.where(stays, probabilities, 0.0) / probabilities[stays].sum()
    figure, axes = drawing(columns=24, rows=8.4, width=9)
    base, tall = 6.9, 5.6
    for at, letter in enumerate(LETTERS):
        x = 2.4 + 3 * at
        for shift, value, tint in ((0.0, probabilities[at], PALE_BLUE), (1.1, left[at], BLUE)):
            height = tall * value
            axes.fill(
                [x + shift, x + shift + 1, x + shift + 1, x + shift],
                [base, base, base - height, base - height],
                facecolor=tint,
                edgecolor=INK,
                lw=1,
            )
            write(axes, x + shift + 0.5, base - height - 0.35, _share(value), fontsize=10)
        write(axes, x + 1.05, base + 0.6, letter, fontsize=13, color=INK if stays[at] else FAINT)
    axes.plot([2, 23.6], [base, base], color=INK, lw=1)
    write(axes, 12.5, 0.5, f"temperature {temperature:g}, k = {k}, p = {p:g}", weight="bold")
    bars = "pale: all letters at this temperature; dark: after top-k and top-p"
    write(axes, 12.5, 8.1, bars, fontsize=10.5)
    told = ", ".join(
        f"{letter} {_share(value)}" for letter, value in zip(LETTERS, left, strict=True)
    )
    return Picture(
        figure,
        f"Bars for seven letters at temperature {temperature:g}, with k = {k} and p = {p:g}. "
        f"{int(stays.sum())} of the letters stay. The probabilities by which one is drawn: {told}.",
    )


def _share(value: float) -> str:
    """Two digits, and a plain 0 for nothing."""
    return f"{value:.2f}".removeprefix("0") if value else "0"
