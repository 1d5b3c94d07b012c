"""Pictures for the unit "Attention"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from grader.pictures.show import (
    BLUE,
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


def draw_attention() -> Picture:
    """Scores, weights and weighted means, for two queries and three places."""
    query, key = np.array([[1, 0], [0, 2]]), np.array([[2, 0], [0, 1], [1, 1]])
    value = np.array([[10, 0], [0, 10], [5, 5]])
    scores = query @ key.T
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    figure, axes = drawing(columns=25, rows=7.4, width=10)
    cells(axes, query, 0.6, 2.5, PALE_BLUE)
    cells(axes, key.T, 3.5, 2.5, PALE_ORANGE)
    cells(axes, scores, 7.5, 2.5)
    cells(axes, _rounded(weights, 2), 12.9, 2.5, PALE_RED)
    cells(axes, value, 16.8, 2, PALE_GREEN)
    cells(axes, _rounded(weights @ value, 1), 20.4, 2.5, PALE_BLUE)
    for x, sign in (3.05, "@"), (7, "="), (16.35, "@"), (19.6, "="):
        write(axes, x, 3.5, sign, fontsize=16)
    arrow(axes, (10.8, 3.5), (12.6, 3.5))
    write(axes, 11.7, 3.1, "softmax", fontsize=10)
    heads = (
        (1.6, "query", "(2, dim)"), (5, "key, transposed", "(dim, 3)"), (9, "scores", "(2, 3)"),
        (14.4, "weights", "(2, 3)"), (17.8, "value", "(3, width)"), (21.4, "output", "(2, width)"),
    )  # fmt: skip
    for x, name, shape in heads:
        write(axes, x, 0.6, name, fontsize=12.5, weight="bold")
        write(axes, x, 1.25, shape, fontsize=10, color=FAINT)
    outline(axes, 0.6, 2.5, 2, 1, RED)
    outline(axes, 7.5, 2.5, 3, 1, RED)
    outline(axes, 12.9, 2.5, 3, 1, RED)
    outline(axes, 20.4, 2.5, 2, 1, RED)
    said = "query 0 fits place 0 best: it takes 67% of value 0, 9% of value 1 and 24% of value 2"
    write(axes, 12.5, 6, said, fontsize=12)
    write(axes, 12.5, 6.8, "each row of the weights sums to 1", fontsize=11, color=FAINT)
    return Picture(
        figure,
        "Attention with two queries and three places. Query times key gives scores of shape (2, "
        "3); softmax along each row gives weights; weights times value gives the output. Query 0 "
        f"has the scores 2, 0, 1: {said}. The output of query 0 is 7.9, 2.1.",
    )


def draw_additive() -> Picture:
    """One score: query and key added, bent, weighed and summed."""
    query, key, scale = (
        np.array([2.0, -1.0, 0.5]),
        np.array([-1.0, -0.5, 1.0]),
        np.array([1.0, -2.0, 0.5]),
    )
    bent = np.tanh(query + key)
    figure, axes = drawing(columns=24, rows=4.8, width=10)
    columns = (
        (0.6, query, PALE_BLUE, "query"), (4.6, key, PALE_ORANGE, "key"),
        (9.8, bent, PAPER, "tanh(query + key)"), (14.8, scale, PALE_GREEN, "scale, learned"),
    )  # fmt: skip
    for x, values, tint, name in columns:
        cells(axes, _rounded(values[None], 2), x, 2, tint)
        write(axes, x + 1.5, 1.2, name, fontsize=12, weight="bold")
    for x, sign in (4.1, "+"), (14.3, "·"), (18.5, "="):
        write(axes, x, 2.5, sign, fontsize=18)
    arrow(axes, (7.9, 2.5), (9.5, 2.5))
    write(axes, 8.7, 2.05, "tanh", fontsize=10)
    cells(axes, [[f"{float(bent @ scale):.2f}"]], 19.2, 2, PALE_RED)
    write(axes, 19.7, 1.2, "score", fontsize=12, weight="bold")
    pairs = ((f"{b:.2f}", f"{s:g}") for b, s in zip(bent, scale, strict=True))
    terms = " + ".join(f"{_bracketed(b)} · {_bracketed(s)}" for b, s in pairs)
    write(axes, 12, 4.1, terms.replace("-", "−"), fontsize=12, color=FAINT)
    return Picture(
        figure,
        "One score of AdditiveAttention. A query of three numbers and a key of three are added "
        "number by number, the sum goes through tanh, each number is multiplied by one of the "
        f"learned scale, and all are summed: {float(bent @ scale):.2f}.",
    )


def _bracketed(number: str) -> str:
    return f"({number})" if number.startswith("-") else number


def draw_look(
    scores: np.ndarray | None = None,
    words: Sequence[str] = ("to", "be", "or", "not", "to", "be"),
    query: int = 4,
    scale: float = 1.0,
    causal: bool = False,
) -> Picture:
    """Where one word looks: its row of the scores, times a scale, after softmax.

    `scores` has a row for each word that looks and a column for each place; without it, equal words
    fit each other and no others do.
    """
    if scores is None:
        scores = 3.0 * np.array([[one == other for other in words] for one in words])
    open_ = np.arange(len(words)) <= (query if causal else len(words))
    raised = np.where(open_, scale * scores[query], -np.inf)
    weights = np.exp(raised - raised.max())
    weights = weights / weights.sum()
    wide = 23 / len(words)
    figure, axes = drawing(columns=25, rows=9.4, width=9.4)
    title = f"where {words[query]!r}, word {query}, looks: scores times {scale:g}, after softmax"
    write(axes, 12.5, 0.6, title, fontsize=12.5, weight="bold")
    for place, (word, weight) in enumerate(zip(words, weights, strict=True)):
        x = 1 + wide * (place + 0.5)
        bar = (x - 0.35 * wide, 7.2 - 5 * weight)
        axes.add_patch(Rectangle(bar, 0.7 * wide, 5 * weight, facecolor=BLUE, edgecolor=INK))
        number = f"{weight:.2f}" if open_[place] else "hidden"
        write(axes, x, 6.8 - 5 * weight, number, fontsize=10, color=INK if open_[place] else RED)
        write(axes, x, 7.9, word, fontsize=11.5, weight="bold" if place == query else "normal")
    axes.plot((1, 24), (7.2, 7.2), color=INK, lw=1.2)
    outline(axes, 1 + wide * query, 7.4, wide, 1, RED)
    write(axes, 12.5, 9, "the weights sum to 1", fontsize=11, color=FAINT)
    told = ", ".join(
        f"{word} {weight:.2f}"
        for word, weight in zip(words, weights, strict=True)
        if weight >= 0.005
    )
    return Picture(
        figure,
        f"A bar for each word of a sentence: its weight for the query {words[query]!r}, word "
        f"{query}, with all scores times {scale:g}{' and the future hidden' if causal else ''}. "
        f"Weights of at least 0.005: {told}.",
    )


def draw_heads() -> Picture:
    """Three projections into each head, an attention in each, and one projection out of all."""
    figure, axes = drawing(columns=24, rows=9.4, width=10)
    for row, (name, tint) in enumerate(
        (("query", PALE_BLUE), ("key", PALE_ORANGE), ("value", PALE_GREEN))
    ):
        y = 1.6 + 2.4 * row
        _slab(axes, 2.2, y, 2.8, 1.2, name, tint)
        for head in range(2):
            _slab(axes, 7.8, y - 0.55 + 1.1 * head, 2.8, 0.9, f"head {head}", tint)
            arrow(axes, (3.7, y), (6.3, y - 0.55 + 1.1 * head))
    write(axes, 5, 8.1, "one Dense for each head", fontsize=10.5, color=FAINT)
    for head in range(2):
        y = 2.9 + 2.2 * head
        _slab(axes, 13.6, y, 3.6, 1.2, f"attention {head}", PALE_RED)
        for row in range(3):
            arrow(axes, (9.3, 1.05 + 2.4 * row + 1.1 * head), (11.7, y), lw=1.0, color=FAINT)
        arrow(axes, (15.5, y), (17.6, 4))
    _slab(axes, 18.6, 4, 1.8, 3.2, "side\nby\nside", PAPER)
    arrow(axes, (19.6, 4), (21, 4))
    _slab(axes, 22.2, 4, 2.2, 1.6, "output", PALE_BLUE)
    write(axes, 13.6, 7.4, "scores divided by the root of key_dim", fontsize=10.5, color=FAINT)
    write(axes, 20.6, 6.3, "one Dense\nfor all heads", fontsize=10.5, color=FAINT)
    return Picture(
        figure,
        "MultiHeadAttention with two heads. Query, key and value each go through a Dense layer of "
        "their own for each head. In each head there is an attention, with scores divided by the "
        "root of key_dim. The answers of the heads are laid side by side, and one last Dense layer "
        "makes the output of them.",
    )


def heat_map(
    weights: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str
) -> Figure:
    """The weights of attention as a grid: a row for each query, a column for each place."""
    figure, axes = plt.subplots(figsize=(0.42 * len(columns) + 2.2, 0.36 * len(rows) + 1.8))
    axes.imshow(weights, cmap="Blues", vmin=0, vmax=max(float(weights.max()), 1e-3))
    axes.set_xticks(range(len(columns)), columns, rotation=60, ha="right", rotation_mode="anchor")
    axes.set_yticks(range(len(rows)), rows)
    axes.set(xlabel="looked at", ylabel="looking")
    axes.set_title(title, color=INK, fontsize=12)
    return figure


def head_maps(maps: Mapping[str, np.ndarray], answers: Sequence[str]) -> Figure:
    """A row of maps for each text, a map for each head, each with a scale of its own.

    `maps` holds weights (heads, answer, places) by the text that is looked at; `answers` are the
    texts that are written meanwhile.
    """
    heads = len(next(iter(maps.values())))
    figure, panels = plt.subplots(
        len(maps), heads, figsize=(11, 2.5 * len(maps)), layout="constrained", squeeze=False
    )
    for line, (text, weights), answer in zip(panels, maps.items(), answers, strict=True):
        for head, panel in enumerate(line):
            panel.imshow(weights[head], cmap="Blues", vmin=0, vmax=weights[head].max())
            panel.set_xticks(range(len(text)), text)
            panel.set_yticks(range(len(answer)), answer)
            panel.set_title(f"head {head}", fontsize=11)
        line[0].set_ylabel("next letter")
    panels[-1, heads // 2].set_xlabel("looked at")
    return figure


def _rounded(values: np.ndarray, digits: int) -> list[list[str]]:
    """The values as words that fit into a cell: .67 for 0.67, and 2 for 2.0."""
    return [
        [f"{value:.{digits}f}".rstrip("0").rstrip(".").replace("0.", ".", 1) for value in row]
        for row in values
    ]


def _slab(axes: Axes, x: float, y: float, wide: float, high: float, text: str, fill: str) -> None:
    axes.add_patch(
        Rectangle((x - wide / 2, y - high / 2), wide, high, fc=fill, ec=INK, lw=1.2, zorder=3)
    )
    write(axes, x, y, text, fontsize=11, zorder=4)
