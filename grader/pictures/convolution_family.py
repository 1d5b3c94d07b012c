"""Pictures for the unit "The convolution family": who meets whom, and stamps on a strip."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from grader.pictures.show import (
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
    Picture,
    arrow,
    cells,
    drawing,
    write,
)

_TINTS = (PALE_BLUE, PALE_ORANGE, PALE_GREEN)
_COLORS = (BLUE, ORANGE, GREEN)


def draw_channels() -> Picture:
    """Which input channels an output channel depends on: Conv2D, depthwise, separable."""
    figure, axes = drawing(columns=21, rows=8.6, width=10)
    _name(axes, 3, "Conv2D", "every output sees all")
    _column(axes, 1, ["0", "1", "2"], _TINTS)
    _column(axes, 4, ["", "", "", ""], (PAPER,) * 4)
    for low in range(3):
        for high in range(4):
            _line(axes, 1, low, 3, 4, high, 4, FAINT)
    _name(axes, 10, "DepthwiseConv2D", "two filters for each channel")
    _column(axes, 8, ["0", "1", "2"], _TINTS)
    sixfold = [f"{c},{q}" for c in range(3) for q in range(2)]
    _column(axes, 11, sixfold, [_TINTS[k // 2] for k in range(6)])
    for k in range(6):
        _line(axes, 8, k // 2, 3, 11, k, 6, _COLORS[k // 2])
    _name(axes, 17.3, "SeparableConv2D", "first look, then mix")
    _column(axes, 14.2, ["0", "1", "2"], _TINTS)
    _column(axes, 16.8, sixfold, [_TINTS[k // 2] for k in range(6)])
    _column(axes, 19.4, ["", "", "", ""], (PAPER,) * 4)
    for k in range(6):
        _line(axes, 14.2, k // 2, 3, 16.8, k, 6, _COLORS[k // 2])
        for high in range(4):
            _line(axes, 16.8, k, 6, 19.4, high, 4, FAINT)
    return Picture(
        figure,
        "Three ways from three input channels to outputs. In Conv2D each of four outputs depends "
        "on all three channels. In DepthwiseConv2D with two filters for each channel there are six "
        "outputs, in the order channel 0 filter 0, channel 0 filter 1, channel 1 filter 0 and so "
        "on, and each depends on one channel only. SeparableConv2D does that first and then mixes "
        "the six into four.",
    )


def _column(axes: Axes, left: float, names: list[str], tints: tuple[str, ...] | list[str]) -> None:
    for index, (name, tint) in enumerate(zip(names, tints, strict=True)):
        cells(axes, [[name]], left, _top(index, len(names)), tint)


def _top(index: int, count: int) -> float:
    return 5.0 + 1.12 * (index - count / 2)


def _line(
    axes: Axes, left: float, low: int, lows: int, right: float, high: int, highs: int, color: str
) -> None:
    ends = (_top(low, lows) + 0.5, _top(high, highs) + 0.5)
    axes.plot((left + 1, right), ends, color=color, lw=1.3, zorder=0)


def draw_stamps() -> Picture:
    """Two pixels of a strip stamp a kernel of 3 with strides of 2 onto a strip of 5."""
    strip, kernel = np.array([2, -1]), np.array([1, 3, 2])
    figure, axes = drawing(columns=16, rows=8.8, width=8.2)
    left, result = 7.0, np.zeros(5, int)
    write(axes, 3.2, 0.9, "two pixels", weight="bold", fontsize=13)
    write(axes, 9.5, 0.9, "the kernel, stamped", weight="bold", fontsize=13)
    for index, pixel in enumerate(strip):
        top = 1.9 + 1.7 * index
        cells(axes, [[pixel]], 2.7, top, _TINTS[index])
        write(axes, 4.9, top + 0.5, f"{pixel} · (1 3 2)".replace("-", "−"), fontsize=11)
        arrow(axes, (3.8, top + 0.95), (left + 2 * index - 0.1, top + 0.95))
        cells(axes, [pixel * kernel], left + 2 * index, top, _TINTS[index])
        result[2 * index : 2 * index + 3] += pixel * kernel
    write(axes, 3.2, 6.1, "their sum", weight="bold", fontsize=13)
    cells(axes, [result], left, 5.6, PAPER)
    cells(axes, [[result[2]]], left + 2, 5.6, PALE_RED)
    write(axes, 9.5, 7.3, "here two stamps overlap: 4 − 1 = 3", color=RED)
    write(axes, 9.5, 8.1, "(2 − 1) · 2 + 3 = 5 pixels", color=INK)
    return Picture(
        figure,
        "A strip of the two pixels 2 and -1 under a transposed convolution with the kernel 1 3 2 "
        "and strides of 2. The first pixel stamps 2 6 4 at the start, the second stamps -1 -3 -2 "
        "two pixels further. Their sum is the strip 2 6 3 -3 -2 of five pixels; the stamps overlap "
        "in the middle, where 4 - 1 = 3.",
    )


def draw_local() -> Picture:
    """A strip under one shared kernel, and under a kernel for each window."""
    figure, axes = drawing(columns=17, rows=6.8, width=8.6)
    for left, title, shared in (0.5, "Conv2D: one kernel", True), (9, "LocallyConnected2D", False):
        write(axes, left + 3.5, 0.7, title, weight="bold", fontsize=13)
        cells(axes, [["x"] * 5], left + 1, 5.2, PAPER)
        for window in range(3):
            tint = PALE_BLUE if shared else _TINTS[window]
            names = ["a", "b", "c"] if shared else [f"{n}{window}" for n in "abc"]
            cells(axes, [names], left + 1 + window, 1.6 + 1.1 * window, tint)
    return Picture(
        figure,
        "A strip of five pixels with three windows of 3. Under Conv2D the same kernel a b c lies "
        "in each window: three numbers to learn. Under LocallyConnected2D each window has a kernel "
        "of its own, a0 b0 c0, a1 b1 c1 and a2 b2 c2: nine numbers to learn.",
    )


def _name(axes: Axes, x: float, name: str, says: str) -> None:
    write(axes, x, 0.5, name, fontsize=13, weight="bold")
    write(axes, x, 1.1, says, fontsize=10, color=FAINT)
