"""Pictures for the unit "First layers": Dense, Activation, Flatten and Reshape."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from grader.pictures.show import (
    BLUE,
    FAINT,
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


def draw_dense() -> Picture:
    """inputs @ kernel + bias, with one output followed from its row and its column."""
    inputs = np.array([[1, 2, 0], [3, -1, 2]])
    kernel = np.array([[1, 0, -1, 2], [0, 1, 1, -1], [2, -1, 0, 1]])
    bias = np.array([[1, 0, -2, 3]])
    outputs = inputs @ kernel + bias

    figure, axes = drawing(columns=21.8, rows=7.6, width=9.6)
    cells(axes, inputs, 1.2, 2.5, PALE_BLUE)
    cells(axes, kernel, 5.9, 2, PALE_ORANGE)
    cells(axes, bias, 11.3, 3, PALE_ORANGE)
    cells(axes, outputs, 16.7, 2.5, PALE_GREEN)
    for x, sign in (5.05, "@"), (10.6, "+"), (16, "="):
        write(axes, x, 3.5, sign, fontsize=18)
    _name(axes, 2.7, 0.75, "inputs", "(batch, features) = (2, 3)")
    _name(axes, 7.9, 0.75, "kernel", "(features, units) = (3, 4)")
    _name(axes, 13.3, 0.75, "bias", "(units,) = (4,)")
    _name(axes, 18.7, 0.75, "outputs", "(batch, units) = (2, 4)")
    outline(axes, 1.2, 3.5, 3, 1, RED)
    outline(axes, 7.9, 2, 1, 3, RED)
    outline(axes, 13.3, 3, 1, 1, RED)
    outline(axes, 18.7, 3.5, 1, 1, RED)

    pairs = zip(inputs[1], kernel[:, 2], strict=True)
    terms = " + ".join(f"{_signed(x)}·{_signed(w)}" for x, w in pairs)
    sentence = f"sample 1, unit 2:   {terms} + {_signed(bias[0, 2])} = {outputs[1, 2]}"
    write(axes, 10.9, 6, sentence.replace("-", "−"), fontsize=13)
    count = f"{kernel.size} + {bias.size} = {kernel.size + bias.size}"
    write(axes, 10.9, 7, f"parameters:   3 × 4 + 4 = {count}", fontsize=13)
    return Picture(
        figure,
        "Dense as a product of blocks: inputs of shape (2, 3) times a kernel of shape (3, 4), plus "
        f"a bias of shape (4,), gives outputs of shape (2, 4). One number is followed: {sentence}. "
        f"Parameters: 3 x 4 + 4 = {kernel.size + bias.size}.",
    )


def draw_activation() -> Picture:
    """Five curves that bend each number by itself, and softmax, which looks at a whole row."""
    x = np.linspace(-5, 5, 501)
    curves = {
        "relu": np.maximum(x, 0),
        "leaky_relu": np.where(x > 0, x, 0.2 * x),
        "sigmoid": 1 / (1 + np.exp(-x)),
        "hard_sigmoid": np.clip(x + 3, 0, 6) / 6,
        "tanh": np.tanh(x),
    }
    layout = ConstrainedLayoutEngine(h_pad=0.12)
    figure = Figure(figsize=(9, 5.2), facecolor=PAPER, layout=layout)
    figure.subplots(2, 3)
    for axes, (name, y) in zip(figure.axes[:5], curves.items(), strict=True):
        _curve(axes, name, x, y)
    shadow = figure.axes[3]
    shadow.plot(x, curves["sigmoid"], color=FAINT, lw=1.5, ls="--")
    shadow.text(1.3, 0.4, "dashed:\nsigmoid", color=FAINT, fontsize=10, va="top")
    _softmax_bars(figure.axes[5])
    return Picture(
        figure,
        "Six activations. relu is 0 below zero and x above. leaky_relu keeps a slope of 0.2 below "
        "zero. sigmoid climbs smoothly from 0 to 1, hard_sigmoid in a straight line between -3 and "
        "3. tanh climbs from -1 to 1. softmax turns the row 2, 1, 0, -1 into 0.64, 0.24, 0.09, "
        "0.03, which sum to 1.",
    )


def draw_flatten() -> Picture:
    """Two samples of shape (2, 3, 2), each read out row by row into one row of 12."""
    figure, axes = drawing(columns=24.4, rows=9.7, width=10)
    for sample, top in (0, 2.6), (1, 6):
        values = np.arange(12 * sample, 12 * sample + 12)
        for row, tint in enumerate((PALE_BLUE, PALE_ORANGE)):
            for pixel in range(3):
                start = 6 * row + 2 * pixel
                cells(axes, [values[start : start + 2]], 1.7 + 2.4 * pixel, top + row, tint)
            write(axes, 0.8, top + row + 0.5, f"row {row}", color=FAINT, fontsize=10)
        for pixel in range(3):
            write(axes, 2.7 + 2.4 * pixel, top - 0.4, f"pixel {pixel}", color=FAINT, fontsize=10)
        write(axes, 10.2, top + 0.5, f"sample {sample}", fontsize=11)
        arrow(axes, (9, top + 1), (11.4, top + 1))
        cells(axes, [values[:6]], 11.9, top + 0.5, PALE_BLUE)
        cells(axes, [values[6:]], 17.9, top + 0.5, PALE_ORANGE)
        write(axes, 14.9, top + 0.1, "row 0", color=FAINT, fontsize=10)
        write(axes, 20.9, top + 0.1, "row 1", color=FAINT, fontsize=10)
    _name(axes, 5.1, 0.5, "inputs", "(batch, 2, 3, 2)")
    _name(axes, 17.9, 0.5, "outputs", "(batch, 12)")
    order = "row by row, in a row pixel by pixel, in a pixel channel by channel"
    write(axes, 12.2, 9.1, order, fontsize=12)
    return Picture(
        figure,
        "Flatten: each sample of shape (2, 3, 2), two rows of three pixels with two channels, is "
        "read out row by row, in a row pixel by pixel, in a pixel channel by channel. Sample 0 "
        "holds 0 to 11 and becomes one row 0 to 11; sample 1 becomes a row of its own, 12 to 23. "
        "The batch axis stays.",
    )


def draw_reshape() -> Picture:
    """A (2, 3) sample reshaped to (3, 2), against the same sample transposed."""
    sample = np.arange(6).reshape(2, 3)
    tints = (PALE_BLUE, PALE_ORANGE)
    figure, axes = drawing(columns=21, rows=10.6)
    _name(axes, 2.5, 0.5, "inputs", "(batch, 2, 3)")
    _name(axes, 18.8, 0.5, "outputs", "(batch, 3, 2)")

    cells(axes, sample, 1, 3, tints)
    arrow(axes, (4.4, 4), (6.4, 4))
    cells(axes, [sample[0]], 6.9, 3.5, PALE_BLUE)
    cells(axes, [sample[1]], 9.9, 3.5, PALE_ORANGE)
    arrow(axes, (13.4, 4), (17.2, 4))
    write(axes, 9.9, 2.2, "Reshape((3, 2))", fontsize=14, weight="bold", color=BLUE)
    write(axes, 9.9, 5.1, "read out row by row, fill in row by row:", fontsize=11)
    write(axes, 9.9, 5.7, "the order 0 1 2 3 4 5 stays", fontsize=11)
    _split(axes, sample.reshape(3, 2), 17.8, 2.5)

    cells(axes, sample, 1, 7.9, tints)
    arrow(axes, (4.4, 8.9), (17.2, 8.9))
    write(axes, 9.9, 8.2, "transpose: another thing", fontsize=14, weight="bold", color=RED)
    write(axes, 9.9, 9.6, "rows become columns: the order is now 0 3 1 4 2 5", fontsize=11)
    _split(axes, sample.T, 17.8, 7.4)
    return Picture(
        figure,
        "Reshape against transpose, both from a sample of shape (2, 3) with rows 0 1 2 and 3 4 5 "
        "to shape (3, 2). Reshape keeps the order of reading: rows 0 1, 2 3, 4 5. A transpose "
        "turns rows into columns: rows 0 3, 1 4, 2 5.",
    )


def _name(axes: Axes, x: float, y: float, name: str, shape: str) -> None:
    write(axes, x, y, name, fontsize=13, weight="bold")
    write(axes, x, y + 0.65, shape, fontsize=11, color=FAINT)


def _signed(number: int) -> str:
    return f"({number})" if number < 0 else str(number)


def _curve(axes: Axes, name: str, x: np.ndarray, y: np.ndarray) -> None:
    """One activation, with its values at -1 and 1 in the corner that every curve leaves free."""
    _plain(axes, name)
    axes.axhline(0, color=FAINT, lw=0.8)
    axes.axvline(0, color=FAINT, lw=0.8)
    axes.plot(x, y, color=BLUE, lw=2.5)
    low, high = (float(np.interp(at, x, y)) for at in (-1, 1))
    axes.plot([-1, 1], [low, high], "o", color=RED, ms=6)
    values = f"f(-1) = {low:.3g}\nf(1) = {high:.3g}".replace("-", "−")
    axes.text(0.03, 0.96, values, transform=axes.transAxes, va="top", color=INK, fontsize=10.5)
    top = 4 if y.max() > 1.1 else 1
    bottom = -1 if top == 4 or y.min() < -0.1 else 0
    axes.set(xlim=(-5, 5), ylim=(bottom - 0.06 * (top - bottom), 1.25 * top))
    axes.set_xticks((-4, -2, 0, 2, 4))
    axes.set_yticks((-1, 0, 1, 2, 3, 4) if top == 4 else np.arange(bottom, 1.1, 0.5))


def _softmax_bars(axes: Axes) -> None:
    logits = np.array([2, 1, 0, -1])
    shares = np.exp(logits) / np.exp(logits).sum()
    _plain(axes, "softmax")
    bars = axes.bar(range(4), shares, color=PALE_ORANGE, edgecolor=ORANGE, lw=2)
    axes.bar_label(bars, [f"{share:.2f}" for share in shares], color=INK, fontsize=10, padding=2)
    axes.set_xticks(range(4), [str(logit).replace("-", "−") for logit in logits])
    axes.set(ylim=(0, 0.8), xlabel="the row that goes in")
    axes.text(3.4, 0.68, "sum = 1", ha="right", color=INK, fontsize=11)


def _plain(axes: Axes, title: str) -> None:
    axes.set_facecolor(PAPER)
    axes.set_title(title, color=INK, fontsize=13, weight="bold")
    axes.tick_params(colors=INK, labelsize=10)
    axes.xaxis.label.set_color(INK)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["bottom", "left"]].set_color(FAINT)


def _split(axes: Axes, values: np.ndarray, left: float, top: float) -> None:
    """A (3, 2) block in which each cell keeps the tint of the row that it came from."""
    for (i, j), value in np.ndenumerate(values):
        cells(axes, [[value]], left + j, top + i, PALE_BLUE if value < 3 else PALE_ORANGE)
