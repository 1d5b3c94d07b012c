"""The common hand of the pictures: paper, ink, cells of numbers, and the way onto the page."""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from grader.pictures.style import (
    BLUE,
    FAINT,
    GREEN,
    INK,
    ORANGE,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PALE_RED,
    PAPER,
    RED,
)

__all__ = [
    "BLUE",
    "FAINT",
    "GREEN",
    "INK",
    "ORANGE",
    "PALE_BLUE",
    "PALE_GREEN",
    "PALE_ORANGE",
    "PALE_RED",
    "PAPER",
    "RED",
    "Picture",
    "arrow",
    "cells",
    "drawing",
    "outline",
    "show",
    "write",
]


@dataclass(frozen=True)
class Picture:
    """A figure, and in words what a reader who cannot see it should know."""

    figure: Figure
    alt: str

    def show(self) -> None:
        """Put the picture on the page."""
        show(self.figure, self.alt)

    def bundle(self) -> dict[str, str]:
        """The picture as a page takes it: an image, and its alternative text in its place."""
        return _bundle(self.figure, self.alt)


def show(figure: Figure, alt: str) -> None:
    """Put a figure on the page as an image with an alternative text, and close it."""
    display(_bundle(figure, alt), raw=True)


def _bundle(figure: Figure, alt: str) -> dict[str, str]:
    if not alt.strip():
        raise ValueError("a picture needs an alt text: say what it shows")
    buffer = io.BytesIO()
    # Opaque paper keeps the ink readable on a dark page too.
    style: dict[str, Any] = {"dpi": 160, "bbox_inches": "tight", "pad_inches": 0.15}
    figure.savefig(buffer, format="png", facecolor=PAPER, **style)
    plt.close(figure)
    png = buffer.getvalue()
    width = int.from_bytes(png[16:20], "big") // 2  # two pixels for each one of the page
    data = base64.b64encode(png).decode()
    image = (
        f'<img alt="{html.escape(alt)}" width="{width}" style="max-width:100%" '
        f'src="data:image/png;base64,{data}">'
    )
    return {"text/html": image, "text/plain": alt}


def drawing(columns: float, rows: float, width: float = 9.0) -> tuple[Figure, Axes]:
    """Bare paper, measured in cells: x from 0 to `columns`, y from 0 down to `rows`."""
    figure = Figure(figsize=(width, width * rows / columns), facecolor=PAPER)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, columns), ylim=(rows, 0))
    axes.axis("off")
    return figure, axes


def cells(
    axes: Axes,
    values: Iterable[Iterable[Any]],
    left: float,
    top: float,
    fill: str | Sequence[str] = PAPER,
) -> None:
    """A grid of unit cells with a value in each; `fill` is one colour, or one for each row."""
    for i, row in enumerate(values):
        color = fill if isinstance(fill, str) else fill[i]
        for j, value in enumerate(row):
            corner = (left + j, top + i)
            axes.add_patch(Rectangle(corner, 1, 1, facecolor=color, edgecolor=INK, lw=1))
            text = str(value).replace("-", "−")
            write(axes, left + j + 0.5, top + i + 0.5, text, fontsize=_fitting(axes, text))


def _fitting(axes: Axes, text: str) -> float:
    """The size of font, 12 points at most, at which a text does not touch the sides of its cell."""
    inches = axes.get_window_extent().transformed(axes.figure.dpi_scale_trans.inverted())
    points = 72 * inches.width / abs(np.subtract(*axes.get_xlim()))
    return min(12.0, 0.9 * points / (0.62 * max(len(text), 1)))


def outline(axes: Axes, left: float, top: float, columns: float, rows: float, color: str) -> None:
    """A thick frame around a block of cells."""
    axes.add_patch(
        Rectangle((left, top), columns, rows, fill=False, edgecolor=color, lw=3.5, zorder=3)
    )


def write(axes: Axes, x: float, y: float, text: str, **style: Any) -> None:
    """Text in ink, centred on a point unless told otherwise."""
    usual: dict[str, Any] = {"ha": "center", "va": "center", "color": INK, "fontsize": 12}
    axes.text(x, y, text, **usual | style)


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float], **style: Any) -> None:
    """An arrow from one point to another."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "-|>", "color": INK, "lw": 1.6} | style)
