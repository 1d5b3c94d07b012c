"""The plots of the class report: SVG that is a part of the page, and takes its colours from it."""

from __future__ import annotations

import html
import io
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

_INK = "#123456"
"""Stands for the colour of the page's text, which is not known here."""
_WIDTH = 7.2
_STYLE: Any = {
    "svg.fonttype": "none",
    "svg.hashsalt": "layer by layer",
    "font.family": "sans-serif",
    "font.size": 10,
    "hatch.linewidth": 0.8,
    **{f"{part}.color": _INK for part in ("text", "xtick", "ytick")},
    "axes.labelcolor": _INK,
    "axes.edgecolor": _INK,
}
_BLUE, _RED = "#0072b2", "#d55e00"
_OUTLINED: dict[str, Any] = {"facecolor": "none", "edgecolor": _INK, "lw": 0.8}
OUTCOMES: Mapping[str, dict[str, Any]] = {
    "all points": {"color": _BLUE, "lw": 0},
    "some points": {"color": "#8cc5e8", "lw": 0},
    "no points": {"color": _RED, "lw": 0},
    "not attempted": {**_OUTLINED, "hatch": "///"},
    "to be graded": _OUTLINED,
}
"""How each outcome is drawn: told apart without colours too, and on paper."""


def histogram(counts: Sequence[int], labels: Sequence[str], alt: str) -> str:
    """A bar for each range of points."""
    figure, axes = _paper(2.6)
    axes.bar(range(len(counts)), counts, width=0.92, color=_BLUE)
    axes.set_xticks(range(len(labels)), labels)
    axes.set(xlabel="share of the points, in %", ylabel="submissions")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    return _svg(figure, alt)


def outcomes(names: Sequence[str], counts: Mapping[str, Sequence[int]], alt: str) -> str:
    """A bar for each question, divided by outcome; `counts` are by outcome."""
    figure, axes = _paper(0.9 + 0.3 * len(names))
    left = [0] * len(names)
    for outcome, style in OUTCOMES.items():
        if any(counts[outcome]):
            axes.barh(range(len(names)), counts[outcome], 0.7, left, label=outcome, **style)
            left = [start + count for start, count in zip(left, counts[outcome], strict=True)]
    _rows(axes, names)
    figure.legend(loc="outside upper left", ncols=len(OUTCOMES), frameon=False, labelcolor=_INK)
    return _svg(figure, alt)


def bars(
    names: Sequence[str], counts: Sequence[float], alt: str, label: str = "submissions"
) -> str:
    """A bar for each name; `label` says what its length is."""
    figure, axes = _paper(0.7 + 0.3 * len(names))
    axes.barh(range(len(names)), counts, 0.7, color=_RED)
    _rows(axes, names)
    axes.set_xlabel(label)
    return _svg(figure, alt)


def over_time(labels: Sequence[str], shares: Sequence[tuple[float, float, float]], alt: str) -> str:
    """The middle of the class from unit to unit, and where its middle half is; in percent."""
    figure, axes = _paper(2.8)
    low, middle, high = zip(*shares, strict=True)
    places = range(len(labels))
    axes.fill_between(places, low, high, color="#8cc5e8", alpha=0.5, lw=0, label="middle half")
    axes.plot(places, middle, color=_BLUE, marker="o", label="median")
    axes.set_xticks(places, labels)
    axes.set(ylabel="% of the points", ylim=(0, 103))
    figure.legend(loc="outside upper left", ncols=2, frameon=False, labelcolor=_INK)
    return _svg(figure, alt)


def _paper(height: float) -> tuple[Figure, Axes]:
    with rc_context(_STYLE):
        figure = Figure(figsize=(_WIDTH, height), layout="constrained")
        axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _rows(axes: Axes, names: Sequence[str]) -> None:
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("submissions")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _svg(figure: Figure, alt: str) -> str:
    """The figure as an element of the page, with an alternative text."""
    buffer = io.StringIO()
    with rc_context(_STYLE):
        nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
        figure.savefig(buffer, format="svg", transparent=True, metadata=nothing)
    text = buffer.getvalue()
    text = text[text.index("<svg") :].replace(_INK, "currentColor")
    return text.replace("<svg", f'<svg role="img" aria-label="{html.escape(alt)}"', 1)
