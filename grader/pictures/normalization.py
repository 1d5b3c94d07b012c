"""Pictures for the unit "Normalization": which numbers share a mean, and what becomes of them."""

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
    PAPER,
    RED,
    Picture,
    arrow,
    cells,
    drawing,
    outline,
    write,
)

SAMPLES, PLACES, CHANNELS = 3, 4, 6


def draw_shared() -> Picture:
    """The same batch under five layers: the numbers that share a mean with the first one."""
    panels = (
        ("BatchNormalization", "", SAMPLES * PLACES, 1),
        ("LayerNormalization", "", 1, CHANNELS),
        ("GroupNormalization", "groups=1", PLACES, CHANNELS),
        ("GroupNormalization", "groups=2", PLACES, CHANNELS // 2),
        ("GroupNormalization", "groups=6", PLACES, 1),
    )
    figure, axes = drawing(columns=45, rows=20, width=10.8)
    said = []
    for index, (name, groups, rows, columns) in enumerate(panels):
        left = 3.6 + 8.4 * index
        together = rows * columns
        means = SAMPLES * PLACES * CHANNELS // together
        write(axes, left + 3, 0.7, name, fontsize=10.5, weight="bold")
        write(axes, left + 3, 1.9, groups, fontsize=10.5, color=BLUE)
        _batch(axes, left, 3, rows, columns)
        write(axes, left + 3, 17.4, f"{together} numbers share a mean", fontsize=9.5)
        write(axes, left + 3, 18.7, f"{means} means in all", fontsize=9.5, color=FAINT)
        said.append(f"{name} {groups}".strip() + f": {together} numbers, {means} means")
    for sample in range(SAMPLES):
        top = 3 + (PLACES + 0.5) * sample
        write(axes, 1.6, top + PLACES / 2, f"sample {sample}\n4 places", fontsize=9.5)
    write(axes, 1.6, 1.9, "6 channels", fontsize=9.5, color=FAINT)
    return Picture(
        figure,
        "A batch of 3 samples, each with 4 places and 6 channels, drawn five times. In each, the "
        "numbers that share one mean and one variance are framed. BatchNormalization: one channel "
        "of all samples. LayerNormalization: all channels of one place. GroupNormalization: some "
        f"channels of all places of one sample. Counted: {'; '.join(said)}.",
    )


def draw_layer_normalization() -> Picture:
    """Three vectors, each with its own mean and variance; one is followed to its outputs."""
    inputs = np.array([[1, 9, 15, 7], [30, 10, 10, 30], [2, 2, 4, 4]])
    mean, variance = inputs.mean(axis=1).astype(int), inputs.var(axis=1).astype(int)
    normal = (inputs - mean[:, None]) / np.sqrt(variance)[:, None]
    gamma, beta = np.array([5, 10, 1, 2]), np.array([0, 3, -1, 0])

    figure, axes = drawing(columns=32, rows=8, width=10.4)
    _name(axes, 2.5, 0.6, "inputs", "(places, features)")
    _name(axes, 9.2, 0.6, "mean and variance", "of each row")
    _name(axes, 17.5, 0.6, "normalized", "mean 0, variance 1")
    _name(axes, 28.5, 0.6, "outputs", "")
    _small(axes, inputs, 0.5, 2.2, PALE_BLUE)
    _small(axes, np.stack([mean, variance], axis=1), 8.2, 2.2, PAPER)
    _small(axes, normal, 15.5, 2.2, PALE_ORANGE)
    _small(axes, gamma * normal + beta, 26.5, 2.2, PALE_GREEN)
    arrow(axes, (4.9, 3.7), (7.8, 3.7))
    arrow(axes, (10.6, 3.7), (15.1, 3.7))
    write(axes, 12.8, 3.1, "(x − mean) / √var", fontsize=10)
    arrow(axes, (19.9, 3.7), (26.1, 3.7))
    write(axes, 23, 3.1, "× gamma, + beta", fontsize=10)
    for row, (name, values) in enumerate((("gamma", gamma), ("beta", beta))):
        _small(axes, values[None], 21, 5.6 + 1.1 * row, PAPER)
        write(axes, 25.4, 6.1 + 1.1 * row, f"{name}: one for each feature", fontsize=10, ha="left")
    for left, width in ((0.5, 4), (8.2, 2), (15.5, 4), (26.5, 4)):
        outline(axes, left, 2.2, width, 1, RED)
    return Picture(
        figure,
        "LayerNormalization on three vectors of 4 features. Each vector is a row and has a mean "
        "and a variance of its own. The first row holds 1, 9, 15, 7: its mean is 8, its variance "
        "25, so it becomes -1.4, 0.2, 1.4, -0.2. Times gamma (5, 10, 1, 2), plus beta (0, 3, -1, "
        "0), that is -7, 5, 0.4, -0.4. Epsilon is left out.",
    )


def draw_rms_normalization() -> Picture:
    """Three vectors, each divided by the root of its mean square."""
    inputs = np.array([[1, -1, 7, 7], [30, 30, -30, 30], [0, 0, 8, -6]])
    square = (inputs**2).mean(axis=1).astype(int)
    normal = inputs / np.sqrt(square)[:, None]
    scale = np.array([5, 10, 1, 2])

    figure, axes = drawing(columns=32, rows=7.4, width=10.4)
    _name(axes, 2.5, 0.6, "inputs", "(places, features)")
    _name(axes, 9.2, 0.6, "mean square", "of each row")
    _name(axes, 17.5, 0.6, "normalized", "mean square 1")
    _name(axes, 28.5, 0.6, "outputs", "")
    _small(axes, inputs, 0.5, 2.2, PALE_BLUE)
    _small(axes, square[:, None], 8.7, 2.2, PAPER)
    _small(axes, normal, 15.5, 2.2, PALE_ORANGE)
    _small(axes, scale * normal, 26.5, 2.2, PALE_GREEN)
    arrow(axes, (4.9, 3.7), (8.3, 3.7))
    arrow(axes, (10.1, 3.7), (15.1, 3.7))
    write(axes, 12.6, 3.1, "x / √mean square", fontsize=10)
    arrow(axes, (19.9, 3.7), (26.1, 3.7))
    write(axes, 23, 3.1, "× scale", fontsize=10)
    _small(axes, scale[None], 21, 5.6, PAPER)
    write(axes, 25.4, 6.1, "scale: one for each feature", fontsize=10, ha="left")
    for left, width in ((0.5, 4), (8.7, 1), (15.5, 4), (26.5, 4)):
        outline(axes, left, 2.2, width, 1, RED)
    return Picture(
        figure,
        "RMSNormalization on three vectors of 4 features. The first row holds 1, -1, 7, 7. Its "
        "squares are 1, 1, 49, 49, with the mean 25, so it is divided by 5 and becomes 0.2, -0.2, "
        "1.4, 1.4. No mean is subtracted: 0 stays 0. Times scale (5, 10, 1, 2), that is 1, -2, "
        "1.4, 2.8. Epsilon is left out.",
    )


def draw_group_normalization() -> Picture:
    """One sample with four places and four channels, in two groups."""
    inputs = np.array([[1, 15, 30, 10], [9, 7, 10, 10], [15, 1, 10, 30], [7, 9, 30, 30]])
    parts = inputs.reshape(4, 2, 2)
    mean = parts.mean(axis=(0, 2))
    variance = parts.var(axis=(0, 2))
    normal = ((parts - mean[:, None]) / np.sqrt(variance)[:, None]).reshape(4, 4)
    gamma, beta = np.array([5, 10, 1, 2]), np.array([0, 3, -1, 0])

    figure, axes = drawing(columns=32, rows=9.4, width=10.4)
    _name(axes, 2.5, 0.6, "one sample", "(places, channels)")
    _name(axes, 9.4, 0.6, "mean and variance", "of each group")
    _name(axes, 17.5, 0.6, "normalized", "mean 0, variance 1")
    _name(axes, 28.5, 0.6, "outputs", "")
    _small(axes, inputs, 0.5, 2.2, PALE_BLUE)
    _small(axes, normal, 15.5, 2.2, PALE_ORANGE)
    _small(axes, gamma * normal + beta, 26.5, 2.2, PALE_GREEN)
    for group, color in enumerate((RED, BLUE)):
        top = 2.6 + 1.8 * group
        _small(axes, np.array([[mean[group], variance[group]]]), 8.4, top, PAPER)
        outline(axes, 8.4, top, 2, 1, color)
        for left in (0.5, 15.5, 26.5):
            outline(axes, left + 2 * group + 0.06, 2.2, 1.88, 4, color)
    arrow(axes, (4.9, 4.2), (8, 4.2))
    arrow(axes, (10.8, 4.2), (15.1, 4.2))
    write(axes, 12.9, 3.6, "(x − mean) / √var", fontsize=10)
    arrow(axes, (19.9, 4.2), (26.1, 4.2))
    write(axes, 23, 3.6, "× gamma, + beta", fontsize=10)
    for row, (name, values) in enumerate((("gamma", gamma), ("beta", beta))):
        _small(axes, values[None], 21, 7 + 1.1 * row, PAPER)
        write(axes, 25.4, 7.5 + 1.1 * row, f"{name}: one for each channel", fontsize=10, ha="left")
    return Picture(
        figure,
        "GroupNormalization with two groups on one sample with four places and four channels. The "
        "first group is channels 0 and 1, at all places: 8 numbers with the mean 8 and the "
        "variance 25. The second is channels 2 and 3: mean 20, variance 100. Each number is "
        "normalized with its group, then multiplied by the gamma of its channel, and the beta of "
        "its channel is added. The first place becomes -7, 17, 0, -2.",
    )


def draw_moved(plus: float = 0.0, times: float = 1.0) -> Picture:
    """One vector under three layers, after all of its numbers were multiplied and moved."""
    vector = times * np.array([-2.0, 1.0, 0.0, 4.0, 2.0]) + plus
    rest = vector - vector.mean()
    rows = {
        "the vector": vector,
        "LayerNormalization": rest / np.sqrt((rest**2).mean() + 1e-3),
        "RMSNormalization": vector / np.sqrt((vector**2).mean() + 1e-6),
    }
    figure, _ = drawing(columns=20, rows=6.4, width=9.6)
    for index, (name, values) in enumerate(rows.items()):
        chart = figure.add_axes((0.05 + 0.33 * index, 0.12, 0.27, 0.72), facecolor=PAPER)
        chart.bar(range(5), values, color=(BLUE, ORANGE, GREEN)[index], edgecolor=INK)
        chart.axhline(0, color=INK, lw=1)
        top = 16 if index == 0 else 2.4
        chart.set(ylim=(-top, top), xticks=range(5))
        chart.set_title(name, fontsize=12, color=INK)
        chart.tick_params(colors=INK, labelsize=9)
        chart.spines[["top", "right"]].set_visible(False)
    told = "; ".join(
        f"{name}: {', '.join(f'{value:.2f}' for value in values)}" for name, values in rows.items()
    )
    return Picture(
        figure,
        f"The vector -2, 1, 0, 4, 2, times {times:g}, plus {plus:g}, and what two layers make of "
        f"it. {told}.",
    )


def draw_places() -> Picture:
    """A residual block twice: normalized after the sum, and before the layers."""
    figure, axes = drawing(columns=26, rows=11, width=9.4)
    for left, name, steps, where in (
        (1.5, "post-norm (2017)", ("layers", "+", "norm"), 1),
        (14.5, "pre-norm (today)", ("norm", "layers", "+"), 2),
    ):
        write(axes, left + 5, 0.7, name, fontsize=13, weight="bold")
        arrow(axes, (left + 3, 1.4), (left + 3, 2.6))
        write(axes, left + 2.5, 1.9, "inputs", fontsize=10.5, ha="right", color=FAINT)
        for index, step in enumerate(steps):
            top = 2.7 + 2.5 * index
            _box(axes, left + 1, top, 4, step)
            arrow(axes, (left + 3, top + 1.5), (left + 3, top + 2.4))
        across = left + 8
        down = 2.7 + 2.5 * where + 0.75
        axes.plot((left + 3, across, across), (2.1, 2.1, down), color=BLUE, lw=2.4)
        arrow(axes, (across, down), (left + 5.1, down), color=BLUE, lw=2.4)
        write(axes, across + 0.3, 5.2, "the\nshortcut", fontsize=10.5, ha="left", color=BLUE)
        write(axes, left + 2.5, 10.3, "outputs", fontsize=10.5, ha="right", color=FAINT)
    return Picture(
        figure,
        "Two residual blocks. Post-norm: the inputs pass through the layers, are added to what "
        "comes out, and the sum is normalized, so the shortcut passes through the normalization "
        "too. Pre-norm: the inputs are normalized first, then pass through the layers, and are "
        "added at the very end, as they came.",
    )


def _batch(axes: Axes, left: float, top: float, rows: int, columns: int) -> None:
    """A batch as a grid; the first `rows` and `columns` of it are framed, sample by sample."""
    for sample in range(SAMPLES):
        corner = top + (PLACES + 0.5) * sample
        marked = np.zeros((PLACES, CHANNELS), bool)
        marked[: max(0, rows - PLACES * sample), :columns] = True
        for (i, j), inside in np.ndenumerate(marked):
            fill = PALE_ORANGE if inside else PAPER
            place = (left + j, corner + i)
            axes.add_patch(Rectangle(place, 1, 1, facecolor=fill, edgecolor=INK, lw=0.7))
        here = min(PLACES, rows - PLACES * sample)
        if here > 0:
            outline(axes, left, corner, columns, here, RED)


def _name(axes: Axes, x: float, y: float, name: str, shape: str) -> None:
    write(axes, x, y, name, fontsize=12, weight="bold")
    write(axes, x, y + 0.8, shape, fontsize=10, color=FAINT)


def _small(axes: Axes, values: np.ndarray, left: float, top: float, fill: str) -> None:
    """A block of cells in smaller figures, so that numbers with decimals have room."""
    cells(axes, np.full(values.shape, ""), left, top, fill)
    for (i, j), value in np.ndenumerate(values):
        text = f"{round(float(value), 1):g}".replace("-", "−")
        write(axes, left + j + 0.5, top + i + 0.5, text, fontsize=9.5 if len(text) < 4 else 8)


def _box(axes: Axes, left: float, top: float, width: float, text: str) -> None:
    tint = {"norm": PALE_ORANGE, "layers": PALE_GREEN}.get(text, PAPER)
    axes.add_patch(Rectangle((left, top), width, 1.5, facecolor=tint, edgecolor=INK, lw=1))
    write(axes, left + width / 2, top + 0.75, text, fontsize=11)
