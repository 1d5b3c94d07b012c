"""Pictures for the unit "Recurrent wrappers": two directions, one layer at each step, images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch, Rectangle

from grader.pictures.show import (
    BLUE,
    FAINT,
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
    drawing,
    outline,
    write,
)


def draw_bidirectional() -> Picture:
    """Both directions, and where their outputs meet."""
    figure, axes = drawing(columns=26, rows=12.4, width=10)
    for index, letter in enumerate("ma?ia"):
        x = 3.2 + 3 * index
        write(axes, x, 11.6, letter, fontsize=17, weight="bold", color=RED if index == 2 else INK)
        arrow(axes, (x, 11), (x, 9.9))
        _box(axes, x, 9.2, "layer", PALE_ORANGE)
        arrow(axes, (x - 0.45, 8.5), (x - 0.45, 4.3), color=ORANGE, lw=1.4)
        _box(axes, x + 0.3, 6.4, "copy", PALE_BLUE)
        arrow(axes, (x + 0.9, 11), (x + 0.9, 7.1), color=BLUE, lw=1.2)
        arrow(axes, (x + 0.3, 5.7), (x + 0.3, 4.3), color=BLUE, lw=1.4)
        _pair(axes, x, 2.9)
    for index in range(4):
        x = 3.2 + 3 * index
        arrow(axes, (x + 0.95, 9.2), (x + 2.05, 9.2), color=ORANGE, lw=2.4)
        arrow(axes, (x + 2.35, 6.4), (x + 1.25, 6.4), color=BLUE, lw=2.4)
    write(axes, 0.9, 9.2, "forward", color=ORANGE, weight="bold", fontsize=10)
    write(axes, 0.9, 6.4, "back-\nward", color=BLUE, weight="bold", fontsize=10)
    write(axes, 9.2, 1, "joined step by step, along the features", fontsize=11)
    write(axes, 21.6, 1, "the copy begins at the end", fontsize=11, weight="bold")
    _letters(axes, 18.8, 3.1, "ai?am", PALE_BLUE)
    write(axes, 21.3, 2.5, "its outputs, as they are made", fontsize=10.5, color=FAINT)
    arrow(axes, (21.3, 4.5), (21.3, 6.2), color=BLUE, lw=2)
    write(axes, 22.9, 5.3, "reverse", fontsize=11, color=BLUE)
    _letters(axes, 18.8, 6.6, "ma?ia", PALE_BLUE)
    _letters(axes, 18.8, 8.2, "ma?ia", PALE_ORANGE)
    outline(axes, 20.8, 6.5, 1, 2.8, RED)
    write(axes, 21.3, 10.1, "now each step meets its own", fontsize=10.5, color=FAINT)
    return Picture(
        figure,
        "Bidirectional on the letters m, a, a gap, i, a. A layer reads them from left to right, a "
        "copy of it with weights of its own from right to left; at each step the two outputs are "
        "joined along the features. Right: the copy makes its outputs in the order a, i, gap, a, "
        "m, so they must be reversed before they are joined with those of the forward layer.",
    )


def draw_time_distributed() -> Picture:
    """One layer for each step; and the same thing with the steps as samples."""
    figure, axes = drawing(columns=26, rows=9.6, width=10)
    tints = (PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE_RED)
    for index, (digit, tint) in enumerate(zip("1857", tints, strict=True)):
        x = 2 + 2.7 * index
        _tile(axes, x, 2.5, digit, tint)
        arrow(axes, (x, 3.5), (x, 4.5))
        _box(axes, x, 5.2, "layer", PAPER)
        arrow(axes, (x, 5.9), (x, 6.9))
        _tile(axes, x, 7.6, "", tint, wide=1.6, high=1)
        write(axes, x, 7.6, f"step {index}", fontsize=10)
    axes.plot((2, 10.1), (5.2, 5.2), color=INK, lw=1.2, ls=":", zorder=0)
    write(axes, 6.05, 9, "one layer: the same weights at each step", fontsize=11, color=FAINT)
    write(axes, 6.05, 0.7, "the time, step by step", fontsize=12, weight="bold")
    write(axes, 19.6, 0.7, "or all steps as samples of one batch", fontsize=12, weight="bold")
    for sample in range(2):
        for index, tint in enumerate(tints):
            _tile(axes, 14.6 + 1.05 * index, 3.6 + 1.05 * sample, "", tint, wide=1, high=1)
            top = 1.6 + 0.75 * (4 * sample + index)
            _tile(axes, 20.6, top, "", tint, wide=0.7, high=0.7)
            _tile(axes, 24, top, "", tint, wide=0.7, high=0.7)
    write(axes, 16.2, 6.1, "(batch, time, ...)\n= (2, 4, ...)", fontsize=10.5)
    arrow(axes, (18.4, 4.1), (19.9, 4.1))
    write(axes, 22.3, 3.4, "layer", fontsize=12)
    arrow(axes, (21.2, 4.1), (23.4, 4.1))
    write(axes, 20.6, 8.3, "(8, ...)", fontsize=10.5)
    write(axes, 24, 8.3, "(8, ...)", fontsize=10.5)
    write(axes, 20.6, 9, "and back again in the end", fontsize=11, color=FAINT)
    return Picture(
        figure,
        "TimeDistributed, in two ways that give the same. Left: four images, one for each step, go "
        "through one and the same layer, each separately. Right: a batch of 2 samples with 4 steps "
        "each is laid out as 8 samples, sample by sample; the layer takes them all at once, and "
        "the outputs are put back into 2 samples of 4 steps.",
    )


def draw_conv_lstm() -> Picture:
    """What comes in shrinks as it must; the state keeps its size."""
    figure, axes = drawing(columns=27, rows=15, width=10)
    _grid(axes, 1, 1.6, 6, 6, PALE_ORANGE)
    outline(axes, 2, 2.6, 3, 3, ORANGE)
    write(axes, 4, 1, "frame x, 6 × 6", weight="bold")
    arrow(axes, (7.3, 4), (10, 4), color=ORANGE, lw=2)
    write(axes, 8.6, 3.3, "kernel W", color=ORANGE)
    write(axes, 8.6, 4.7, "padding='valid'", fontsize=10, color=FAINT)
    _grid(axes, 10.3, 2.5, 4, 4, PALE_ORANGE, 0.8)
    write(axes, 11.9, 1.9, "4 × 4", fontsize=11)
    _grid(axes, 1.4, 8, 6, 6, PAPER, 0.8, color=FAINT)
    _grid(axes, 2.2, 8.8, 4, 4, PALE_BLUE, 0.8)
    outline(axes, 1.4, 8, 2.4, 2.4, BLUE)
    write(axes, 3.9, 14.2, "zeros all around, for 'same'", fontsize=10, color=FAINT)
    write(axes, 3.9, 13.4, "state h, 4 × 4", weight="bold")
    arrow(axes, (6.6, 10.3), (10, 10.3), color=BLUE, lw=2)
    write(axes, 8.4, 9.6, "kernel U", color=BLUE)
    write(axes, 8.4, 11, "always 'same'", fontsize=10, color=BLUE)
    _grid(axes, 10.3, 8.7, 4, 4, PALE_BLUE, 0.8)
    write(axes, 11.9, 12.4, "4 × 4", fontsize=11)
    write(axes, 11.9, 7.2, "+   b", fontsize=17)
    arrow(axes, (14, 7.2), (15.6, 7.2), lw=2)
    names = (("i", PALE_GREEN), ("f", PALE_BLUE), ("c", PALE_ORANGE), ("o", PALE_RED))
    for index, (name, tint) in enumerate(names):
        top = 3.6 + 2 * index
        for back in (0.45, 0):
            axes.add_patch(Rectangle((16 + back, top - back), 1.6, 1.6, fc=tint, ec=INK, lw=1))
        write(axes, 16.8, top + 0.8, name, fontsize=14, weight="bold")
    write(axes, 17, 2.3, "four blocks of\nchannels", fontsize=11)
    write(axes, 22.6, 4.6, "pixel by pixel, as in an LSTM:", fontsize=11, color=FAINT)
    write(axes, 22.6, 5.9, "c = f · c + i · tanh(…)", fontsize=12)
    write(axes, 22.6, 7.1, "h = o · tanh(c)", fontsize=12)
    write(
        axes, 22.6, 8.7, "h and c are images, 4 × 4,\nwith a channel for each filter", fontsize=11
    )
    arrow(axes, (18.3, 7.2), (19, 7.2), lw=2)
    arrow(axes, (22.6, 9.6), (6.8, 13.5), color=BLUE, lw=1.6, connectionstyle="arc3,rad=-0.2")
    write(axes, 20.6, 13.4, "to the next step", fontsize=11, color=BLUE)
    return Picture(
        figure,
        "One step of ConvLSTM2D. A frame of 6 by 6 pixels is convolved with the kernel W without "
        "padding and becomes 4 by 4. The state h has 4 by 4 pixels; with zeros around it is "
        "convolved with the kernel U and stays 4 by 4, with any padding of the frame. Both and "
        "the bias b are added. The channels of the sum are four blocks, i, f, c and o; pixel by "
        "pixel they make the new c and the new h as in an LSTM.",
    )


def strips(images: np.ndarray, said: Sequence[str], axes: Sequence[Axes]) -> None:
    """Draw strips of images, shape (strips, steps, rows, columns), each with what was read."""
    for panel, strip, text in zip(axes, images, said, strict=True):
        panel.imshow(np.hstack(list(strip)), cmap="gray_r")
        panel.set_title(text, fontsize=14)
        panel.axis("off")


def _box(axes: Axes, x: float, y: float, text: str, fill: str) -> None:
    """A rounded box with a word, centred on a point."""
    style = "round,pad=0,rounding_size=0.25"
    axes.add_patch(
        FancyBboxPatch((x - 0.85, y - 0.6), 1.7, 1.2, boxstyle=style, fc=fill, ec=INK, zorder=3)
    )
    write(axes, x, y, text, fontsize=11, zorder=4)


def _pair(axes: Axes, x: float, y: float) -> None:
    """Two outputs end to end."""
    for left, fill in ((x - 1.1, PALE_ORANGE), (x, PALE_BLUE)):
        axes.add_patch(Rectangle((left, y - 0.5), 1.1, 1.2, fc=fill, ec=INK, lw=1.2))


def _letters(axes: Axes, left: float, top: float, letters: str, fill: str) -> None:
    for index, letter in enumerate(letters):
        axes.add_patch(Rectangle((left + index, top), 1, 1, fc=fill, ec=INK, lw=1))
        write(axes, left + index + 0.5, top + 0.5, letter)


def _tile(
    axes: Axes, x: float, y: float, text: str, fill: str, wide: float = 1.8, high: float = 1.8
) -> None:
    axes.add_patch(Rectangle((x - wide / 2, y - high / 2), wide, high, fc=fill, ec=INK, lw=1.1))
    write(axes, x, y, text, fontsize=17, weight="bold")


def _grid(
    axes: Axes,
    left: float,
    top: float,
    columns: int,
    rows: int,
    fill: str,
    size: float = 1,
    color: str = INK,
) -> None:
    """Empty pixels."""
    for row in range(rows):
        for column in range(columns):
            corner = (left + size * column, top + size * row)
            axes.add_patch(Rectangle(corner, size, size, fc=fill, ec=color, lw=0.8))
