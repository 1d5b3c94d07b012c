"""Pictures for the unit "Pooling": windows, edges, receptive fields, whole pictures."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Polygon

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


def draw_windows() -> Picture:
    """A (5, 6) channel pooled by windows of (2, 3): the largest of each, and the mean of each."""
    values = np.array(
        [
            [1, 4, 0, 2, 2, -1],
            [3, -2, 6, 0, 5, 1],
            [-5, -3, -2, 8, 0, 0],
            [-4, -1, -3, 0, 1, 3],
            [7, 9, 2, 4, 6, 5],
        ]
    )
    blocks = values[:4].reshape(2, 2, 2, 3)
    largest, means = blocks.max(axis=(1, 3)), blocks.mean(axis=(1, 3))
    figure, axes = drawing(columns=19.5, rows=8.4, width=9.2)
    _name(axes, 4, 0.5, "one channel", "(height, width) = (5, 6)")
    cells(axes, values[:4], 1, 2, PAPER)
    cells(axes, values[4:], 1, 6, PALE_RED)
    for i in range(2):
        for j in range(2):
            outline(axes, 1 + 3 * j, 2 + 2 * i, 3, 2, INK)
    outline(axes, 1, 4, 3, 2, RED)
    write(axes, 4, 7.6, "this row fills no window:\nvalid drops it", fontsize=11, color=FAINT)
    arrow(axes, (7.4, 4), (9.6, 4))
    write(axes, 8.5, 3.1, "pool_size\n(2, 3)", fontsize=11)
    _name(axes, 11.5, 1.6, "maximum", "(2, 2)")
    cells(axes, largest, 10.5, 3, PALE_BLUE)
    outline(axes, 10.5, 4, 1, 1, RED)
    _name(axes, 16, 1.6, "mean", "(2, 2)")
    cells(axes, [[f"{mean:.3g}" for mean in row] for row in means], 15, 3, PALE_GREEN)
    outline(axes, 15, 4, 1, 1, RED)
    write(axes, 13.7, 6.3, "the red window: −5 −3 −2 −4 −1 −3", fontsize=12)
    write(axes, 13.7, 7.0, "its largest number is −1, its mean is −3", fontsize=12)
    return Picture(
        figure,
        "One channel of 5 rows and 6 columns, covered by four windows of 2 rows and 3 columns that "
        "lie side by side. Each window becomes one number: its maximum (6, 5, -1, 8) or its "
        "mean. A window of negative numbers only is framed in red: its maximum is -1, its mean -3. "
        "The fifth row fills no window, and padding valid drops it.",
    )


def draw_edges() -> Picture:
    """A row of 7 pixels with `same`: windows of 4 with strides of 3 reach beyond both ends."""
    row = np.array([-2, -6, -1, -3, -9, -4, -2])
    figure, axes = drawing(columns=17, rows=9.2, width=8.6)
    left = 3.5
    write(axes, 8, 0.5, "pool_size 4, strides 3, padding same", fontsize=13, weight="bold")
    for at in (-1, 7, 8):
        cells(axes, [["?"]], left + at, 1.5, PALE_RED)
    cells(axes, [row], left, 1.5, PAPER)
    for index, color in enumerate((PALE_BLUE, PALE_ORANGE, PALE_GREEN)):
        start, top = 3 * index - 1, 3.0 + 0.75 * index
        axes.barh(top, 4, left=left + start, height=0.5, color=color, edgecolor=INK)
        write(axes, left + start + 2, top, f"window {index}", fontsize=10)
    rows: dict[str, Sequence[str]] = {
        "pixels that exist": ("3", "4", "2"),
        "maximum": ("−1", "−1", "−2"),
        "maximum, with 0 for ?": ("0", "−1", "0"),
        "mean": ("−3", "−4.25", "−3"),
        "mean, with 0 for ?": ("−2.25", "−4.25", "−1.5"),
    }
    for index, (name, entries) in enumerate(rows.items()):
        wrong = "with 0" in name
        y = 5.7 + 0.72 * index
        write(axes, 6.2, y, name, ha="right", color=RED if wrong else INK)
        for column, entry in enumerate(entries):
            write(axes, 7.7 + 2.4 * column, y, entry, color=RED if wrong else INK)
    return Picture(
        figure,
        "A row of the seven pixels -2 -6 -1 -3 -9 -4 -2 with padding same, windows of 4 and "
        "strides of 3: one missing pixel before it, two after it. The three windows hold 3, 4 and "
        "2 real pixels. Their maxima are -1, -1, -2; with zeros for the missing pixels they would "
        "be 0, -1, 0. Their means are -3, -4.25, -3; with the missing pixels counted as zeros "
        "they would be -2.25, -4.25, -1.5.",
    )


def draw_receptive_field() -> Picture:
    """Three layers over a row of pixels, and the receptive field of one number on top."""
    windows = [(3, 1), (2, 2), (3, 1)]
    figure, axes = drawing(columns=17, rows=8.6, width=9)
    names = ["the picture", "convolution 3", "pooling 2, strides 2", "convolution 3"]
    field, jump, begin = [1], [1], [0.0]
    for size, stride in windows:
        field.append(field[-1] + (size - 1) * jump[-1])
        begin.append(begin[-1] + (size - 1) * jump[-1] / 2)
        jump.append(jump[-1] * stride)
    left, pixels = 5.2, 10
    tops = [7.1, 5.1, 3.1, 1.1]
    seen = _seen(windows)
    for level, (name, top) in enumerate(zip(names, tops, strict=True)):
        count = (pixels - field[level]) // jump[level] + 1
        write(axes, left - 0.5, top + 0.3, name, ha="right", fontsize=12)
        write(
            axes,
            left - 0.5,
            top + 0.85,
            f"sees {field[level]}",
            ha="right",
            color=FAINT,
            fontsize=11,
        )
        for index in range(count):
            inside = index in seen[level]
            x = left + begin[level] + index * jump[level]
            fill = PALE_ORANGE if inside else PAPER
            cells(axes, [[""]], x, top, fill)
    for level in range(3):
        low = [left + begin[level] + i * jump[level] for i in seen[level]]
        high = [left + begin[level + 1] + i * jump[level + 1] for i in seen[level + 1]]
        corners = [
            (min(high), tops[level + 1] + 1),
            (max(high) + 1, tops[level + 1] + 1),
            (max(low) + 1, tops[level]),
            (min(low), tops[level]),
        ]
        axes.add_patch(Polygon(corners, facecolor=BLUE, alpha=0.12, lw=0))
    return Picture(
        figure,
        "A pyramid over a row of ten pixels: a convolution with a kernel of 3, a pooling of 2 with "
        "strides of 2, another convolution of 3. The first number of the top row depends on three "
        "numbers below it, on six below those, and on 8 pixels of the picture. The receptive "
        "fields of the three layers are 3, 4 and 8 pixels.",
    )


def _seen(windows: Sequence[tuple[int, int]]) -> list[list[int]]:
    """For each level, the picture first, which of its numbers the top's first one depends on."""
    levels = [[0]]
    for size, stride in reversed(windows):
        below = {index * stride + place for index in levels[0] for place in range(size)}
        levels.insert(0, sorted(below))
    return levels


def draw_global() -> Picture:
    """Three channels of a picture, each pooled to one number."""
    channels = (
        np.array([[0, 0, 1], [0, 9, 0]]),
        np.array([[4, 4, 4], [4, 4, 4]]),
        np.array([[-3, 0, 0], [2, 0, 7]]),
    )
    tints = (PALE_BLUE, PALE_ORANGE, PALE_GREEN)
    figure, axes = drawing(columns=16.5, rows=8.9, width=8.4)
    _name(axes, 3, 0.5, "one picture", "(height, width, channels) = (2, 3, 3)")
    _name(axes, 10, 0.5, "maximum", "(3,)")
    _name(axes, 14, 0.5, "mean", "(3,)")
    for index, (values, tint) in enumerate(zip(channels, tints, strict=True)):
        top = 1.8 + 2.4 * index
        cells(axes, values, 1.5, top, tint)
        write(axes, 0.7, top + 1, f"{index}", color=FAINT)
        arrow(axes, (5, top + 1), (9.1, top + 1))
        cells(axes, [[values.max()]], 9.5, top + 0.5, tint)
        cells(axes, [[f"{values.mean():.3g}"]], 13.5, top + 0.5, tint)
    return Picture(
        figure,
        "Global pooling of one picture with three channels of 2 rows and 3 columns: each channel "
        "becomes one number. The maxima are 9, 4 and 7, the means 1.67, 4 and 1. A single bright "
        "pixel decides the maximum of channel 0 and hardly moves its mean.",
    )


def _name(axes: Axes, x: float, y: float, name: str, shape: str) -> None:
    write(axes, x, y, name, fontsize=13, weight="bold")
    write(axes, x, y + 0.65, shape, fontsize=11, color=FAINT)
