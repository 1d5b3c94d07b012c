"""Pictures for the unit "The convolution family": who meets whom, and stamps on a strip."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from grader.pictures.convolution import CHANNELS, TABLES
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
    outline,
    write,
)

_TINTS = (PALE_BLUE, PALE_ORANGE, PALE_GREEN)
_COLORS = (BLUE, ORANGE, GREEN)


def draw_channels() -> Picture:
    """Which input channels an output channel depends on: Conv2D, depthwise, separable."""
    figure, axes = drawing(columns=21, rows=8.6, width=10)
    _name(axes, 3, "Conv2D", "each output depends on all")
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
    _name(axes, 17.3, "SeparableConv2D", "first pixels, then channels")
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
    write(axes, 9.5, 0.9, "pixel × kernel", weight="bold", fontsize=13)
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
    write(axes, 9.5, 7.3, "here two results overlap: 4 − 1 = 3", color=RED)
    write(axes, 9.5, 8.1, "(2 − 1) · 2 + 3 = 5 pixels", color=INK)
    return Picture(
        figure,
        "A strip of the two pixels 2 and -1 under a transposed convolution with the kernel 1 3 2 "
        "and strides of 2. The first pixel gives 2 6 4 at the start, the second gives -1 -3 -2 two "
        "pixels further. Their sum is the strip 2 6 3 -3 -2 of five pixels; the two results "
        "overlap in the middle, where 4 - 1 = 3.",
    )


PIXELS = np.array([[2, 1, 3], [1, 2, 1]])
STAMP = np.array([[1, 2, 1], [0, 3, 1], [1, 0, 2]])
"""A picture of 2 x 3 pixels and a kernel of 3 x 3, which turned round would be another one."""


def stamped(pixel: int, strides: int) -> tuple[np.ndarray, np.ndarray]:
    """The output after the pixels 0 to `pixel`, and how many results lie on each of its places."""
    rows, columns = PIXELS.shape
    shape = ((rows - 1) * strides + 3, (columns - 1) * strides + 3)
    outputs, count = np.zeros(shape, int), np.zeros(shape, int)
    for index in range(pixel + 1):
        row, column = divmod(index, columns)
        place = np.s_[row * strides : row * strides + 3, column * strides : column * strides + 3]
        outputs[place] += PIXELS[row, column] * STAMP
        count[place] += 1
    return outputs, count


def draw_stamp(pixel: int = 1, strides: int = 2) -> Picture:
    """A pixel times the whole kernel, added to the output of a transposed convolution."""
    row, column = divmod(pixel, PIXELS.shape[1])
    outputs, count = stamped(pixel, strides)
    high, wide = outputs.shape
    figure, axes = drawing(columns=25, rows=9.4, width=9.8)
    shapes = ("inputs, 2 × 3", 2.2), ("kernel, 3 × 3", 7.6), (f"output, {high} × {wide}", 19)
    for name, x in shapes:
        write(axes, x, 0.5, name, fontsize=12.5, weight="bold")
    cells(axes, PIXELS, 0.7, 2.4, PALE_BLUE)
    outline(axes, 0.7 + column, 2.4 + row, 1, 1, RED)
    write(axes, 5, 3.4, "·", fontsize=22)
    cells(axes, STAMP, 6.1, 1.9, PALE_ORANGE)
    arrow(axes, (10, 3.4), (13, 3.4))
    left, top = 14.2, 1.4
    for (down, across), value in np.ndenumerate(outputs):
        on = count[down, across]
        fill = PAPER if on == 0 else PALE_GREEN if on == 1 else PALE_RED
        cells(axes, [[value if on else ""]], left + across, top + down, fill)
    outline(axes, left + column * strides, top + row * strides, 3, 3, RED)
    value = PIXELS[row, column]
    write(axes, 5, 6.1, f"pixel {pixel} is {value}: add {value} × kernel", fontsize=12)
    corner = f"at row {row * strides}, column {column * strides}"
    write(axes, 5, 6.9, corner, fontsize=12)
    overlap = int((count > 1).sum())
    write(axes, 5, 8.3, f"overlap so far: {overlap} numbers", fontsize=12, color=RED)
    return Picture(
        figure,
        f"A transposed convolution with a kernel of 3 x 3 and strides of {strides} on a picture "
        f"of 2 x 3 pixels. Pixel {pixel} is {value}: the kernel times {value} is added to the "
        f"output of {high} x {wide}, with its corner {corner}. After this pixel, {overlap} numbers "
        "of the output, drawn in red, hold the sum of several results.",
    )


MIXING = np.array([[1, 2, 0], [-1, 1, 1]])
"""The pointwise kernel of a separable convolution: from two channels to three filters."""


def draw_two_steps() -> Picture:
    """A separable convolution at one place: a number for each channel, then a weighted sum."""
    windows = CHANNELS[:, :2, :3]
    parts = [int(np.sum(window * table)) for window, table in zip(windows, TABLES, strict=True)]
    figure, axes = drawing(columns=27, rows=10.6, width=10)
    names = ((2.6, "two channels"), (8.7, "depthwise kernel"), (14.2, "two numbers"))
    for x, name in (*names, (19.2, "pointwise kernel"), (24.6, "three filters")):
        write(axes, x, 0.5, name, fontsize=12, weight="bold")
    for channel, (tint, part) in enumerate(zip((PALE_ORANGE, PALE_BLUE), parts, strict=True)):
        top = 1.5 + 4.3 * channel
        cells(axes, CHANNELS[channel], 0.6, top, tint)
        outline(axes, 0.6, top, 3, 2, RED)
        write(axes, 6.0, top + 1.5, "·", fontsize=22)
        cells(axes, TABLES[channel], 7.2, top + 0.5, tint)
        write(axes, 11.8, top + 1.5, "=", fontsize=18)
        cells(axes, [[part]], 13.7, top + 1, tint)
        arrow(axes, (15, top + 1.5), (17.2, 4.4 + 1.0 * channel))
    write(axes, 12.4, 9.9, "first: each channel for itself", fontsize=11.5, color=FAINT, ha="right")
    cells(axes, MIXING, 17.7, 3.9, [PALE_ORANGE, PALE_BLUE])
    arrow(axes, (21, 4.9), (22.6, 4.9))
    cells(axes, [np.array(parts) @ MIXING], 23.1, 4.4, PALE_GREEN)
    first = " + ".join(f"({n})·({w})" for n, w in zip(parts, MIXING[:, 0], strict=True))
    first = first.replace("(2)", "2").replace("(1)", "1").replace("-", "−")
    write(axes, 20.6, 6.8, f"{first} = {np.array(parts) @ MIXING[:, 0]} and so on", fontsize=11)
    write(axes, 20.6, 9.9, "then: weighted sums of these numbers", fontsize=11.5, color=FAINT)
    return Picture(
        figure,
        f"A separable convolution at one place. First the depthwise kernel gives one number for "
        f"each channel: {parts[0]} for channel 0 and {parts[1]} for channel 1; they are not added. "
        "Then the pointwise kernel, a table of 2 x 3 weights, makes three weighted sums of these "
        f"two numbers: {', '.join(str(n) for n in np.array(parts) @ MIXING)}.",
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
