"""Pictures for the unit "Regularize and normalize": what falls together, and two sets of means."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

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


def draw_dropout() -> Picture:
    """Two training calls with masks of their own, and one call at inference; rate 0.25."""
    inputs = np.array([[3, 6, 9, 3], [6, 3, 12, 6], [9, 3, 6, 6]])
    masks = np.ones((3, 3, 4), int)
    masks[0, (0, 1, 2), (1, 3, 0)] = masks[1, (0, 0, 2), (0, 2, 1)] = 0
    names = "training,\ncall 1", "training,\ncall 2", "inference"

    figure, axes = drawing(columns=24, rows=14.2, width=9.6)
    _name(axes, 6.5, 0.7, "inputs", "(batch, features) = (3, 4)")
    _name(axes, 13.5, 0.7, "mask", "rate = 0.25")
    _name(axes, 20.5, 0.7, "outputs", "inputs × mask")
    sums = []
    for name, mask, top in zip(names, masks, (2.1, 6.2, 10.3), strict=True):
        outputs = inputs if name == "inference" else inputs * mask * 4 // 3
        sums.append(int(outputs.sum()))
        write(axes, 1.9, top + 1.5, name, fontsize=12, weight="bold")
        cells(axes, inputs, 4.5, top, PALE_BLUE)
        write(axes, 6.5, top + 3.4, f"sum {inputs.sum()}", fontsize=10.5, color=FAINT)
        if name == "inference":
            arrow(axes, (9, top + 1.5), (18, top + 1.5))
            write(axes, 13.5, top + 0.9, "no mask, no scale", fontsize=11)
        else:
            arrow(axes, (9, top + 1.5), (11, top + 1.5))
            _gaps(axes, np.full((3, 4), "4/3"), mask, 11.5, top, PAPER)
            arrow(axes, (16, top + 1.5), (18, top + 1.5))
        _gaps(axes, outputs, mask, 18.5, top, PALE_GREEN)
        write(axes, 20.5, top + 3.4, f"sum {sums[-1]}", fontsize=10.5, color=FAINT)
    return Picture(
        figure,
        "Dropout with a rate of 0.25 on inputs of shape (3, 4), which sum to "
        f"{inputs.sum()}. In a training call a mask holds a coin for each number: 0 for about a "
        "quarter of them, 4/3 for the rest, so that a kept 3 becomes 4. The next call has another "
        f"mask. The outputs of the two calls sum to {sums[0]} and {sums[1]}. At inference the "
        "outputs are the inputs.",
    )


def draw_rate(rate: float = 0.25, call: int = 1) -> Picture:
    """128 ones under Dropout: which are kept, what they become, and the mean with it."""
    kept = np.random.default_rng(call).random((8, 16)) >= rate
    scale, mean = 1 / (1 - rate), kept.mean()
    figure, axes = drawing(columns=29, rows=10.4, width=9.6)
    _name(axes, 8.5, 0.6, "128 ones, after Dropout", f"rate = {rate:g}, call {call}")
    for (i, j), stays in np.ndenumerate(kept):
        fill, mark = (PALE_GREEN, f"{scale:.2g}") if stays else (PALE_RED, "0")
        cells(axes, [[""]], 0.5 + j, 1.9 + i, fill)
        color = INK if stays else RED
        write(axes, 1 + j, 2.4 + i, mark, fontsize=9, color=color)
    bars = (("rescaled", mean * scale, BLUE), ("not rescaled", mean, ORANGE))
    write(axes, 23.2, 0.6, "mean of the outputs", fontsize=13, weight="bold")
    for row, (name, value, color) in enumerate(bars):
        top = 3.2 + 2.8 * row
        axes.add_patch(Rectangle((18.6, top), 5 * value, 1.1, facecolor=color, edgecolor=INK))
        write(axes, 18.6, top - 0.5, f"{name}: {value:.2f}", fontsize=11, ha="left")
    axes.plot((23.6, 23.6), (2.2, 8), color=INK, lw=1.6, ls="--")
    write(axes, 23.6, 8.6, "1, the mean of the inputs", fontsize=10.5, color=FAINT)
    said = f"{kept.sum()} of 128 are kept, and each becomes {scale:.2f}"
    return Picture(
        figure,
        f"128 ones after Dropout with a rate of {rate:g}, in training call {call}: {said}, the "
        f"others are 0. The mean of the outputs is {mean * scale:.2f}; without the rescaling it "
        f"would be {mean:.2f}.",
    )


def draw_spatial_dropout() -> Picture:
    """The same two samples of four maps, under Dropout and under SpatialDropout2D."""
    figure, axes = drawing(columns=29, rows=14, width=10)
    fallen = np.random.default_rng(8).random((2, 4, 3, 3)) < 0.3
    maps = np.zeros((2, 4, 3, 3), bool)
    maps[0, 1] = maps[1, 0] = maps[1, 3] = True
    rows = (
        ("Dropout", "coins: 2 × 3 × 3 × 4 = 72", fallen, 1.4),
        ("SpatialDropout2D", "coins: 2 × 1 × 1 × 4 = 8", maps, 8),
    )
    for name, coins, mask, top in rows:
        write(axes, 0.4, top + 1.6, name, fontsize=14, weight="bold", color=BLUE, ha="left")
        write(axes, 0.4, top + 2.6, coins, fontsize=11, ha="left")
        for sample in range(2):
            left = 9 + 10.2 * sample
            write(axes, left + 4.2, top - 0.5, f"sample {sample}", fontsize=11)
            for index, tint in enumerate((PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE_RED)):
                corner = left + 4.4 * (index % 2), top + 2.6 * (index // 2)
                _map(axes, mask[sample, index], *corner, tint)
    write(axes, 18.3, 13.6, "four maps of 3 × 3 for each sample; white: dropped", fontsize=11)
    return Picture(
        figure,
        "Two samples, each with four feature maps of 3 by 3. Under Dropout single values are "
        "missing here and there in every map: 72 coins. Under SpatialDropout2D a map is whole or "
        "gone, in every sample others: 8 coins.",
    )


def draw_batch_normalization() -> Picture:
    """Four samples with three channels; one channel is followed down to its outputs."""
    inputs = np.array([[1, 1, 30], [1, 9, 10], [5, 15, 10], [5, 7, 30]])
    gamma, beta = np.array([2, 10, 1]), np.array([0, 3, -1])
    mean, variance = inputs.mean(axis=0).astype(int), inputs.var(axis=0).astype(int)
    normal = (inputs - mean) / np.sqrt(variance)
    outputs = gamma * normal + beta

    figure, axes = drawing(columns=25, rows=10, width=9.8)
    _small(axes, inputs, 1.6, 2.2, PALE_BLUE)
    _small(axes, normal, 11, 2.2, PALE_ORANGE)
    _small(axes, outputs, 20.4, 2.2, PALE_GREEN)
    _name(axes, 3.1, 0.6, "inputs", "(batch, channels) = (4, 3)")
    _name(axes, 12.5, 0.6, "normalized", "mean 0, variance 1")
    _name(axes, 21.9, 0.6, "outputs", "mean β, variance γ²")
    for left in (2.6, 12, 21.4):
        outline(axes, left, 2.2, 1, 4, RED)
    arrow(axes, (5, 4.2), (10.6, 4.2))
    arrow(axes, (14.4, 4.2), (20, 4.2))
    write(axes, 7.8, 3.5, "− mean, / √variance", fontsize=11)
    write(axes, 17.2, 3.5, "× gamma, + beta", fontsize=11)
    for row, (name, values) in enumerate((("mean", mean), ("variance", variance))):
        _small(axes, values[None], 1.6, 7 + 1.3 * row, PAPER)
        write(axes, 4.9, 7.5 + 1.3 * row, f"{name} of the batch", fontsize=11, ha="left")
    for row, (name, values) in enumerate((("gamma", gamma), ("beta", beta))):
        _small(axes, values[None], 15.7, 7 + 1.3 * row, PAPER)
        write(axes, 19, 7.5 + 1.3 * row, f"{name}, learned", fontsize=11, ha="left")
    return Picture(
        figure,
        "BatchNormalization in training, on a batch of 4 samples with 3 channels. Each channel is "
        "a column and has a mean and a variance of its own. The middle channel holds 1, 9, 15, 7: "
        "its mean is 8, its variance 25, so it becomes -1.4, 0.2, 1.4, -0.2. Times its gamma, 10, "
        "and plus its beta, 3, that is -11, 5, 17, 1. Epsilon is left out.",
    )


def draw_moving() -> Picture:
    """Where each mode takes its statistics from, and how the moving ones follow the batches."""
    figure, axes = drawing(columns=26, rows=8.6, width=10.4)
    for top, mode, source in (
        (1.2, "training", "statistics of this batch"),
        (5.8, "inference", "moving statistics"),
    ):
        write(axes, 0.3, top + 0.7, mode, fontsize=13, weight="bold", ha="left")
        _box(axes, 4, top, 6.4, source, PALE_ORANGE if mode == "training" else PALE_GREEN)
        arrow(axes, (10.5, top + 0.75), (11.7, top + 0.75))
        write(axes, 13.2, top + 0.75, "normalize", fontsize=11)
    arrow(axes, (7.2, 2.8), (7.2, 5.7), color=RED, lw=2)
    write(axes, 7.6, 4.3, "update, at each\ntraining call", fontsize=11, color=RED, ha="left")

    chart = figure.add_axes((0.635, 0.16, 0.35, 0.72), facecolor=PAPER)
    batches = 5 + np.random.default_rng(3).normal(size=60)
    chart.plot(batches, "o", color=ORANGE, ms=3.5)
    for momentum, color, x, y in ((0.8, BLUE, 1.5, 6.15), (0.95, GREEN, 22, 1.2)):
        moving = np.zeros(60)
        for step in range(1, 60):
            moving[step] = momentum * moving[step - 1] + (1 - momentum) * batches[step]
        chart.plot(moving, color=color, lw=2.5)
        chart.text(x, y, f"momentum {momentum}", color=color, fontsize=10)
    chart.set(xlim=(-1, 60), ylim=(-0.3, 8))
    chart.set_xlabel("training call", color=INK)
    chart.set_title("dots: mean of the batch;  lines: moving mean", fontsize=11, color=INK)
    chart.tick_params(colors=INK, labelsize=9)
    chart.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        "In training the layer normalizes by the statistics of this batch, and each call updates "
        "the moving statistics. At inference it normalizes by the moving statistics. A chart of 60 "
        "training calls: the batches' means scatter around 5; a moving mean with momentum 0.8 has "
        "climbed from 0 to 5 after some 15 calls and trembles a little, one with momentum 0.95 "
        "takes all 60 and is smooth.",
    )


def _name(axes: Axes, x: float, y: float, name: str, shape: str) -> None:
    write(axes, x, y, name, fontsize=13, weight="bold")
    write(axes, x, y + 0.75, shape, fontsize=11, color=FAINT)


def _gaps(
    axes: Axes, values: np.ndarray, mask: np.ndarray, left: float, top: float, fill: str
) -> None:
    """A block of cells; where the mask is 0 there stands a red 0."""
    for (i, j), kept in np.ndenumerate(mask):
        color = INK if kept else RED
        cells(axes, [[""]], left + j, top + i, fill if kept else PALE_RED)
        text = str(values[i, j]) if kept else "0"
        write(axes, left + j + 0.5, top + i + 0.5, text, color=color, fontsize=11)


def _small(axes: Axes, values: np.ndarray, left: float, top: float, fill: str) -> None:
    """A block of cells in smaller figures, so that numbers with decimals have room."""
    cells(axes, np.full(values.shape, ""), left, top, fill)
    for (i, j), value in np.ndenumerate(values):
        text = f"{round(float(value), 1):g}".replace("-", "−")
        write(axes, left + j + 0.5, top + i + 0.5, text, fontsize=10)


def _map(axes: Axes, fallen: np.ndarray, left: float, top: float, tint: str) -> None:
    """One feature map, wider than high; what has fallen is white."""
    for (i, j), gone in np.ndenumerate(fallen):
        corner = (left + 1.3 * j, top + 0.75 * i)
        fill = "white" if gone else tint
        axes.add_patch(Rectangle(corner, 1.3, 0.75, facecolor=fill, edgecolor=INK, lw=1))


def _box(axes: Axes, left: float, top: float, width: float, text: str, tint: str) -> None:
    axes.add_patch(Rectangle((left, top), width, 1.5, facecolor=tint, edgecolor=INK, lw=1))
    write(axes, left + width / 2, top + 0.75, text, fontsize=11)
