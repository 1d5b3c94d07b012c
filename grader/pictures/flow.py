"""Boxes, nodes and lines: what the drawings of cells and of loops are made of."""

from __future__ import annotations

import itertools

from matplotlib.axes import Axes
from matplotlib.patches import Circle, FancyBboxPatch

from grader.pictures.show import FAINT, INK, PAPER, arrow, write


def box(
    axes: Axes, x: float, y: float, text: str, fill: str, wide: float = 1.4, high: float = 1.2
) -> None:
    """A rounded box with a word, centred on a point."""
    corner = (x - wide / 2, y - high / 2)
    style = "round,pad=0,rounding_size=0.25"
    axes.add_patch(
        FancyBboxPatch(corner, wide, high, boxstyle=style, fc=fill, ec=INK, lw=1.2, zorder=3)
    )
    write(axes, x, y, text, fontsize=12, zorder=4)


def node(axes: Axes, x: float, y: float, sign: str) -> None:
    """A round node in which two lines meet."""
    axes.add_patch(Circle((x, y), 0.4, fc=PAPER, ec=INK, lw=1.4, zorder=3))
    write(axes, x, y, sign, fontsize=13, zorder=4)


def flow(
    axes: Axes, *points: tuple[float, float], color: str = INK, lw: float = 1.6, head: bool = True
) -> None:
    """A line through the points, with an arrow at its end."""
    for start, end in itertools.pairwise(points[:-1]):
        axes.plot(*zip(start, end, strict=True), color=color, lw=lw, solid_capstyle="round")
    if head:
        arrow(axes, points[-2], points[-1], color=color, lw=lw, shrinkA=0, shrinkB=0)
    else:
        axes.plot(*zip(*points[-2:], strict=True), color=color, lw=lw)


def frame(axes: Axes, left: float, top: float, wide: float, high: float) -> None:
    """The border of a cell."""
    style = "round,pad=0,rounding_size=0.4"
    axes.add_patch(
        FancyBboxPatch((left, top), wide, high, boxstyle=style, fc="#f1f1ee", ec=FAINT, lw=1.2)
    )
