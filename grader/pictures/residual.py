"""Pictures for the unit "Residual networks": what each block does to a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

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
    cells,
    drawing,
    outline,
    write,
)


def draw_blocks() -> Picture:
    """The residual block twice: with its inputs as the shortcut, and with a projection."""
    figure, axes = drawing(columns=30, rows=16.4, width=10.2)
    write(axes, 7, 0.7, "the shape stays", fontsize=13, weight="bold")
    write(axes, 22, 0.7, "the shape changes", fontsize=13, weight="bold")
    _block(axes, 1, ("8 × 8 × 16", "8 × 8 × 16"), "conv 3 × 3", ())
    _block(
        axes,
        16,
        ("8 × 8 × 16", "4 × 4 × 32"),
        "conv 3 × 3, strides 2",
        ("conv 1 × 1, strides 2", "normalization"),
    )
    return Picture(
        figure,
        "Two residual blocks. In both, the inputs pass through a convolution of 3 by 3, a "
        "normalization, relu, another convolution of 3 by 3 and another normalization. Then the "
        "shortcut is added, and relu is applied to the sum. On the left the shape stays 8 by 8 by "
        "16, and the shortcut is the inputs as they are. On the right the first convolution has "
        "strides of 2 and 32 filters, so the shape becomes 4 by 4 by 32; there the shortcut is a "
        "projection: a convolution of 1 by 1 with strides of 2 and 32 filters, and a "
        "normalization.",
    )


def _block(axes: Axes, left: float, shapes: Sequence[str], first: str, way: Sequence[str]) -> None:
    steps = (first, "normalization", "relu", "conv 3 × 3", "normalization")
    middle = left + 3.2
    write(axes, middle, 1.9, f"inputs  {shapes[0]}", fontsize=10.5, color=FAINT)
    arrow(axes, (middle, 2.4), (middle, 3.5))
    for index, step in enumerate(steps):
        top = 3.6 + 1.75 * index
        _box(axes, left, top, 6.4, step, PALE_ORANGE if step == "relu" else PALE_BLUE)
        arrow(axes, (middle, top + 1.1), (middle, top + 1.7))
    _box(axes, left + 2.6, 12.35, 1.2, "+", PAPER)
    arrow(axes, (middle, 13.45), (middle, 14.05))
    _box(axes, left, 14.1, 6.4, "relu", PALE_ORANGE)
    write(axes, middle, 15.9, f"outputs  {shapes[1]}", fontsize=10.5, color=FAINT)
    across = left + 10
    axes.plot((middle, across), (2.9, 2.9), color=BLUE, lw=2.4)
    axes.plot((across, across), (2.9, 12.9), color=BLUE, lw=2.4)
    arrow(axes, (across, 12.9), (left + 3.9, 12.9), color=BLUE, lw=2.4)
    if not way:
        write(axes, across - 0.3, 7.6, "shortcut", fontsize=10.5, ha="right", color=BLUE)
    for index, step in enumerate(way):
        _box(axes, across - 3, 6.2 + 1.75 * index, 6, step, PALE_GREEN)
    if way:
        write(axes, across - 0.3, 5.4, "shortcut", fontsize=10.5, ha="right", color=BLUE)


def draw_sum() -> Picture:
    """The end of a block in numbers, as it should be and with relu in the wrong place."""
    inner, inputs = np.array([-3, 2, -1, 4]), np.array([1, 3, 2, 0])
    right, wrong = np.maximum(inner + inputs, 0), np.maximum(inner, 0) + inputs
    figure, axes = drawing(columns=32, rows=6.2, width=10.2)
    for row, (name, after) in enumerate((("relu(inner + inputs)", right), ("", wrong))):
        top = 1.5 + 2.6 * row
        shown = inner if row == 0 else np.maximum(inner, 0)
        _small(axes, shown[None], 1, top, PALE_BLUE)
        write(axes, 6, top + 0.5, "+", fontsize=15)
        _small(axes, inputs[None], 7, top, PALE_GREEN)
        arrow(axes, (11.6, top + 0.5), (13.4, top + 0.5))
        _small(axes, (shown + inputs)[None], 14, top, PAPER)
        arrow(axes, (18.6, top + 0.5), (20.9, top + 0.5))
        if row == 0:
            write(axes, 19.75, top + 0.05, "relu", fontsize=10)
        _small(axes, after[None], 21.4, top, PALE_ORANGE if row == 0 else PALE_RED)
        if row == 0:
            write(axes, 26, top + 0.5, name, fontsize=10.5, ha="left")
        else:
            write(axes, 26, top + 0.5, "wrong: relu(inner) + inputs", fontsize=10.5, ha="left")
    write(axes, 3, 0.7, "inner", fontsize=10.5, weight="bold")
    write(axes, 9, 0.7, "inputs", fontsize=10.5, weight="bold")
    write(axes, 16, 0.7, "sum", fontsize=10.5, weight="bold")
    write(axes, 23.4, 0.7, "outputs", fontsize=10.5, weight="bold")
    write(axes, 3, 5.6, "relu first: no number below 0", fontsize=9.5, color=FAINT)
    return Picture(
        figure,
        "The end of a residual block for four numbers. The convolutions give -3, 2, -1, 4, the "
        "inputs are 1, 3, 2, 0. Their sum is -2, 5, 1, 4, and relu makes 0, 5, 1, 4 of it. With "
        "relu before the sum, the convolutions give 0, 2, 0, 4, and the outputs are 1, 5, 2, 4: "
        "no output is smaller than its input.",
    )


def draw_squeeze_excitation() -> Picture:
    """Four channels of 2 by 2 pixels: their means, the two Dense layers, the scales."""
    picture = np.array([[[1, 3], [2, 2]], [[10, 5], [0, 5]], [[10, 20], [5, 5]], [[4, 4], [8, 0]]])
    means = picture.mean(axis=(1, 2)).astype(int)
    hidden, logits = np.array([1.39, 0]), np.array([0, 1.39, -1.39, 0])
    scales = np.round(1 / (1 + np.exp(-logits)), 2)
    outputs = picture * scales[:, None, None]
    figure, axes = drawing(columns=33, rows=13, width=10.4)
    for x, text, more in (
        (2, "inputs", "4 channels"),
        (7.9, "squeezed", "the mean"),
        (14.1, "hidden", "Dense, relu"),
        (20.3, "scales", "Dense, sigmoid"),
        (30, "outputs", "inputs × scale"),
    ):
        write(axes, x, 0.6, text, fontsize=11, weight="bold")
        write(axes, x, 1.4, more, fontsize=9.5, color=FAINT)
    for channel in range(4):
        top = 2.2 + 2.7 * channel
        _small(axes, picture[channel], 1, top, PALE_BLUE)
        arrow(axes, (3.2, top + 1), (7.2, top + 1))
        _small(axes, means[[channel], None], 7.4, top + 0.5, PAPER)
        _small(axes, scales[[channel], None], 19.6, top + 0.5, PALE_ORANGE, wide=1.4)
        arrow(axes, (21.2, top + 1), (28.6, top + 1))
        write(axes, 24.9, top + 0.55, f"× {scales[channel]:g}", fontsize=10)
        _small(axes, outputs[channel], 29, top, PALE_GREEN)
    for unit in range(2):
        _small(axes, hidden[[unit], None], 13.4, 4.7 + 4 * unit, PAPER, wide=1.4)
        for channel in range(4):
            height, middle = 3.2 + 2.7 * channel, 5.2 + 4 * unit
            axes.plot((8.5, 13.3), (height, middle), color=FAINT, lw=1)
            axes.plot((14.9, 19.5), (middle, height), color=FAINT, lw=1)
    return Picture(
        figure,
        "Squeeze-and-excitation on a picture of 2 by 2 pixels with 4 channels and a ratio of 2. "
        "The means of the channels are 2, 5, 10 and 4. A Dense layer with relu makes two numbers "
        "of all four: 1.39 and 0. Another one with sigmoid makes four scales: 0.5, 0.8, 0.2 and "
        "0.5. Each channel is multiplied by its scale: the second one, 10, 5, 0, 5, becomes 8, 4, "
        "0, 4, and the third one, 10, 20, 5, 5, becomes 2, 4, 1, 1.",
    )


def draw_inverted() -> Picture:
    """The channels of a bottleneck block and of an inverted one, as wide as they are many."""
    figure, axes = drawing(columns=32, rows=12.6, width=10.4)
    for left, title, channels, steps, shortcut in (
        (
            *(8, "bottleneck (ResNet)", (96, 16, 16, 96)),
            *(("1 × 1", "3 × 3", "1 × 1"), "adds 96 channels"),
        ),
        (
            *(24, "inverted residual (MobileNetV2)", (16, 96, 96, 16)),
            *(("1 × 1", "3 × 3, depthwise", "1 × 1"), "adds 16 channels"),
        ),
    ):
        write(axes, left, 0.7, title, fontsize=12, weight="bold")
        kernels = [
            1 * channels[0] * channels[1],
            9 * channels[1] * (1 if "depthwise" in steps[1] else channels[2]),
            1 * channels[2] * channels[3],
        ]
        for index, count in enumerate(channels):
            top, width = 1.8 + 2.9 * index, count / 10
            color = (PALE_BLUE, PALE_ORANGE, PALE_ORANGE, PALE_GREEN)[index]
            box = Rectangle((left - width / 2, top), width, 0.9, facecolor=color, edgecolor=INK)
            axes.add_patch(box)
            write(axes, left, top + 0.45, str(count), fontsize=10.5)
            if index < 3:
                arrow(axes, (left, top + 0.95), (left, top + 2.85))
                write(axes, left + 0.4, top + 1.6, steps[index], fontsize=10, ha="left")
                said = f"{kernels[index]} weights"
                write(axes, left + 0.4, top + 2.25, said, fontsize=9, ha="left", color=FAINT)
        across = left - 6.6
        edge = left - channels[0] / 20
        axes.plot((edge, across, across), (2.25, 2.25, 10.95), color=BLUE, lw=2.4)
        arrow(axes, (across, 10.95), (edge - 0.1, 10.95), color=BLUE, lw=2.4)
        write(axes, across - 0.3, 6.6, shortcut, fontsize=10, color=BLUE, rotation=90)
        total = f"{sum(kernels)} weights in all"
        write(axes, left, 12.1, total, fontsize=10.5)
    return Picture(
        figure,
        "Two residual blocks; each stage is drawn as wide as it has channels. The bottleneck block "
        "of ResNet goes from 96 channels to 16, 16 and 96; its kernels have 1536, 2304 and 1536 "
        "weights, 5376 in all, and the shortcut adds 96 channels. The inverted residual goes from "
        "16 channels to 96, 96 and 16; the convolution in its middle is depthwise. Its kernels "
        "have 1536, 864 and 1536 weights, 3936 in all, and the shortcut adds 16 channels.",
    )


def draw_up_sampling() -> Picture:
    """A picture of four pixels, twice as large in two ways."""
    picture = np.array([[0, 8], [16, 24]])
    lines = np.array([[1, 0], [0.75, 0.25], [0.25, 0.75], [0, 1]])
    nearest = picture.repeat(2, axis=0).repeat(2, axis=1)
    bilinear = (lines @ picture @ lines.T).astype(int)
    figure, axes = drawing(columns=24, rows=6.6, width=9.2)
    write(axes, 2.5, 0.7, "inputs", fontsize=11, weight="bold")
    write(axes, 11, 0.7, "nearest", fontsize=11, weight="bold")
    write(axes, 20, 0.7, "bilinear", fontsize=11, weight="bold")
    for grid, left, top in ((picture, 1.5, 2.6), (nearest, 9, 1.6), (bilinear, 18, 1.6)):
        for row, values in enumerate(grid):
            for column, value in enumerate(values):
                shade = (PAPER, PALE_BLUE, PALE_GREEN, PALE_ORANGE)[min(3, int(value) // 7)]
                _small(axes, np.array([[value]]), left + column, top + row, shade)
    outline(axes, 1.5, 2.6, 2, 1, RED)
    outline(axes, 9, 1.6, 4, 1, RED)
    outline(axes, 18, 1.6, 4, 1, RED)
    arrow(axes, (4, 3.6), (8.5, 3.6))
    write(axes, 15.5, 3.6, "or", fontsize=11)
    return Picture(
        figure,
        "A picture of 2 by 2 pixels, 0 and 8 above 16 and 24, under UpSampling2D with size 2. "
        "Nearest repeats each pixel: the first row is 0, 0, 8, 8. Bilinear mixes neighbours: the "
        "first row is 0, 2, 6, 8, the second 4, 6, 10, 12, the third 12, 14, 18, 20 and the last "
        "16, 18, 22, 24. The four corners are the old pixels.",
    )


def draw_middles() -> Picture:
    """Where the new pixels of a row lie: on the line between the old ones, and level beyond."""
    figure, axes = drawing(columns=24, rows=8, width=9.2)
    old, new = np.array([0, 8]), np.array([0, 2, 6, 8])
    left, wide, ground, unit = 4.0, 7.0, 6.7, 0.6
    for index, value in enumerate(old):
        start = left + wide * index
        axes.plot((start, start + wide), (ground, ground), color=INK, lw=1.6)
        for edge in (start, start + wide):
            axes.plot((edge, edge), (ground - 0.25, ground + 0.25), color=INK, lw=1.6)
        middle = start + wide / 2
        axes.plot(middle, ground - unit * value, "o", color=BLUE, ms=13, zorder=4)
        write(axes, middle, ground + 0.8, f"pixel {index}", fontsize=10.5, color=BLUE)
    places = left + wide * (np.arange(4) + 0.5) / 2
    line = (left, left + wide / 2, left + 1.5 * wide, left + 2 * wide)
    heights = [ground - unit * value for value in (0, 0, 8, 8)]
    axes.plot(line, heights, color=ORANGE, lw=2.2)
    for place, value in zip(places, new, strict=True):
        height = ground - unit * value
        axes.plot((place, place), (ground, height), color=FAINT, lw=1, ls=":")
        axes.plot(place, height, "s", color=ORANGE, ms=9, zorder=5, markeredgecolor=INK)
        write(axes, place, height - 0.75, str(value), fontsize=12, weight="bold")
    write(axes, 18.6, 1.9, "level beyond\nthe last middle", fontsize=10, ha="left", color=FAINT)
    write(axes, 3.4, 6.1, "level before\nthe first", fontsize=10, ha="right", color=FAINT)
    return Picture(
        figure,
        "A row of two pixels, 0 and 8, becomes four. The old pixels have their middles at 0.5 and "
        "1.5; the new ones are half as wide and have their middles at 0.25, 0.75, 1.25 and 1.75. "
        "Their values are read from a line that joins the old middles and is level beyond them: "
        "0, 2, 6 and 8.",
    )


def draw_gains() -> Picture:
    """How often each output of a row gets something from the inputs: two ways to twice the size."""
    figure, axes = drawing(columns=32, rows=11.4, width=10.4)
    write(axes, 8, 0.6, "transposed convolution", fontsize=12, weight="bold")
    write(axes, 8, 1.5, "kernel 3, strides 2", fontsize=10, color=FAINT)
    write(axes, 24, 0.6, "UpSampling2D, then a convolution", fontsize=12, weight="bold")
    write(axes, 24, 1.5, "size 2, then kernel 3", fontsize=10, color=FAINT)
    for pixel in range(3):
        _small(axes, np.ones((1, 1), int), 3.5 + 3.5 * pixel, 2.4, PALE_BLUE)
        _small(axes, np.ones((1, 1), int), 20 + 3.0 * pixel, 2.4, PALE_BLUE)
    stamped = np.zeros(7, int)
    for pixel in range(3):
        stamped[2 * pixel : 2 * pixel + 3] += 1
        for step in range(3):
            start, end = 4 + 3.5 * pixel, 5 + 2 * pixel + step
            axes.plot((start, end), (3.45, 7.4), color=FAINT, lw=1.1)
    larger = np.ones(6, int)
    convolved = np.convolve(larger, np.ones(3, int), mode="same")
    _small(axes, larger[None], 20.5, 4.7, PALE_BLUE)
    for place in range(6):
        axes.plot((20.5 + 3.0 * (place // 2), 21 + place), (3.45, 4.65), color=FAINT, lw=1.1)
        for step in (-1, 0, 1):
            if 0 <= place + step < 6:
                axes.plot((21 + place + step, 21 + place), (5.75, 7.4), color=FAINT, lw=1.1)
    for values, left in ((stamped, 4.5), (convolved, 20.5)):
        for place, value in enumerate(values):
            shade = (PAPER, PALE_BLUE, PALE_ORANGE, PALE_RED)[value]
            _small(axes, np.array([[value]]), left + place, 7.5, shade)
    outline(axes, 6.5, 7.5, 3, 1, RED)
    outline(axes, 21.5, 7.5, 4, 1, BLUE)
    write(axes, 8, 9.4, "inside: 2, 1, 2 by turns", fontsize=10.5, color=RED)
    write(axes, 23.5, 9.4, "inside: 3 everywhere", fontsize=10.5, color=BLUE)
    write(axes, 16, 10.8, "inputs of 1, kernels of ones, without biases", fontsize=9.5, color=FAINT)
    return Picture(
        figure,
        "Two ways to make a row of three ones larger, with kernels of ones. A transposed "
        "convolution with a kernel of 3 and strides of 2 gives 1, 1, 2, 1, 2, 1, 1: inside, 2 and "
        "1 by turns. UpSampling2D with size 2 gives six ones, and a convolution with a kernel of 3 "
        "makes 2, 3, 3, 3, 3, 2 of them: inside, 3 everywhere.",
    )


def _box(axes: Axes, left: float, top: float, width: float, text: str, fill: str) -> None:
    corner = (left, top)  # above the line of the shortcut
    axes.add_patch(Rectangle(corner, width, 1.1, facecolor=fill, edgecolor=INK, lw=1.2, zorder=3))
    write(axes, left + width / 2, top + 0.55, text, fontsize=10.5, zorder=4)


def _small(
    axes: Axes, values: np.ndarray, left: float, top: float, fill: str, wide: float = 1
) -> None:
    """Cells with smaller numbers; zeros without a sign, no more digits than needed."""
    if wide == 1:
        cells(axes, [["" for _ in row] for row in values], left, top, fill)
    for i, row in enumerate(values):
        for j, value in enumerate(row):
            if wide != 1:
                corner = (left + wide * j, top + i)
                axes.add_patch(Rectangle(corner, wide, 1, facecolor=fill, edgecolor=INK, lw=1))
            text = f"{value:g}".replace("-", "−")
            write(axes, left + wide * (j + 0.5), top + i + 0.5, text, fontsize=10.5)
