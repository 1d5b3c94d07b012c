"""Pictures for the unit on gradients by hand and tests of one's own."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from grader.pictures.show import (
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


def draw_softmax() -> Picture:
    """Forwards from logits to a loss, and backwards: probability minus 1 for the right class."""
    logits, label = np.array([2.0, 1.0, 0.0]), 1
    powers = np.exp(logits)
    probabilities = powers / powers.sum()
    loss = -np.log(probabilities[label])
    gradient = probabilities - np.eye(3)[label]
    figure, axes = drawing(columns=27, rows=7.2, width=9.8)
    _row(axes, "logits", logits, 0.6, 1.6, PALE_BLUE)
    arrow(axes, (7, 2.1), (9.4, 2.1))
    write(axes, 8.2, 1.65, "softmax", fontsize=11)
    _row(axes, "probabilities", probabilities, 9.8, 1.6, PALE_ORANGE)
    outline(axes, 9.8 + 2 * label, 1.6, 2, 1, RED)
    arrow(axes, (16.2, 2.1), (21.6, 2.1))
    write(axes, 18.9, 1.65, "−log of the right one", fontsize=11)
    _row(axes, "loss", np.array([loss]), 22, 1.6, PALE_GREEN)
    _row(axes, "d_logits", gradient, 9.8, 4.9, PALE_RED)
    arrow(axes, (12.8, 2.8), (12.8, 3.9))
    write(
        axes,
        16.2,
        5.4,
        "the probabilities, and 1 less for the right class",
        ha="left",
        fontsize=10.5,
    )
    write(axes, 12.8, 6.5, f"sum: {abs(gradient.sum()):.2f}", color=FAINT)
    told = [_words(np.round(part, 2)[None]) for part in (probabilities, gradient)]
    return Picture(
        figure,
        f"One sample with the logits 2, 1, 0; the second class is right. Softmax gives {told[0]}. "
        f"The loss is minus the logarithm of the second one, {loss:.2f}. Below stands d_logits: "
        f"{told[1]}. It is the probabilities, with 1 less for the right class; its sum is 0.",
    )


def draw_dense() -> Picture:
    """Dense with relu: the way forwards above, the way backwards below, with numbers."""
    inputs, kernel = np.array([[1, 2], [3, -1]]), np.array([[1, 0, 2], [2, -1, 1]])
    bias, upstream = np.array([0, 1, -2]), np.array([[1, 2, 1], [-1, 3, 2]])
    sums = inputs @ kernel + bias
    given = upstream * (sums > 0)
    figure, axes = drawing(columns=24, rows=11.4, width=10)
    _block(axes, "inputs", inputs, 0.6, 1.6, PALE_BLUE)
    write(axes, 3.4, 2.6, "@", fontsize=15)
    _block(axes, "kernel", kernel, 4.2, 1.6, PALE_ORANGE)
    write(axes, 7.9, 2.6, "+", fontsize=15)
    _block(axes, "bias", bias[None], 8.6, 2.1, PALE_ORANGE)
    write(axes, 12.3, 2.6, "=", fontsize=15)
    _block(axes, "sums", sums, 13, 1.6, PAPER)
    arrow(axes, (16.4, 2.6), (19.6, 2.6))
    write(axes, 18, 2.1, "relu", fontsize=11)
    _block(axes, "outputs", np.maximum(sums, 0), 20, 1.6, PALE_GREEN)
    _block(axes, "upstream", upstream, 20, 6.4, PALE_RED)
    arrow(axes, (19.6, 7.4), (16.4, 7.4))
    write(axes, 18, 6.9, "× slope", fontsize=11)
    _block(axes, "d_sums", given, 13, 6.4, PALE_RED)
    _block(axes, "d_bias", given.sum(0)[None], 8.6, 6.9, PALE_RED)
    write(axes, 10.1, 8.4, "sum of d_sums", fontsize=10, color=FAINT)
    _block(axes, "d_kernel", inputs.T @ given, 4.2, 6.4, PALE_RED)
    write(axes, 5.7, 8.9, "inputsᵀ @ d_sums", fontsize=10, color=FAINT)
    _block(axes, "d_inputs", given @ kernel.T, 0.6, 6.4, PALE_RED)
    write(axes, 1.6, 8.9, "d_sums @", fontsize=10, color=FAINT)
    write(axes, 1.6, 9.6, "kernelᵀ", fontsize=10, color=FAINT)
    for row, column in np.argwhere(sums <= 0):
        for top in (1.6, 6.4):
            outline(axes, 13 + column, top + row, 1, 1, RED)
    write(axes, 12, 10.8, "a sum that relu made 0 has the slope 0: nothing passes there")
    told = [_words(part) for part in (sums, given, inputs.T @ given, given.sum(0)[None])]
    return Picture(
        figure,
        "A Dense layer with relu on two samples. Forwards: inputs times kernel, plus bias, gives "
        f"the sums {told[0]}; relu makes the outputs of them. Backwards: the upstream gradient "
        f"times the slope of relu gives d_sums, {told[1]}: zero where a sum is not above zero. "
        f"d_kernel is the transposed inputs times d_sums, {told[2]}. d_bias is the sum of d_sums "
        f"over the samples, {told[3]}. d_inputs is d_sums times the transposed kernel.",
    )


def draw_conv1d() -> Picture:
    """A window of three, moved by one: each output gives its share back, and shares add up."""
    kernel, upstream = np.array([1, 2, 3]), np.array([1, 0, 2, -1])
    steps = len(upstream) + len(kernel) - 1
    shares = np.zeros((len(upstream), steps), int)
    for place, value in enumerate(upstream):
        shares[place, place : place + len(kernel)] = value * kernel
    figure, axes = drawing(columns=22, rows=9.6, width=9.4)
    write(axes, 2, 0.7, "upstream", weight="bold")
    cells(axes, upstream[:, None], 1.5, 1.4, PALE_ORANGE)
    write(axes, 4.4, 3.4, "×", fontsize=15)
    write(axes, 6.8, 2.4, "kernel", weight="bold")
    cells(axes, kernel[None], 5.3, 2.9, PALE_BLUE)
    arrow(axes, (8.8, 3.4), (10.6, 3.4))
    write(axes, 14, 0.7, "the share of each window", weight="bold")
    for place, row in enumerate(shares):
        for column, value in enumerate(row):
            is_share = place <= column < place + len(kernel)
            cells(axes, [[value if is_share else ""]], 11 + column, 1.4 + place, _tint(is_share))
    arrow(axes, (14, 5.6), (14, 7.0))
    write(axes, 14.4, 6.3, "add each column", ha="left", fontsize=11)
    cells(axes, shares.sum(0)[None], 11, 7.2, PALE_RED)
    write(axes, 10.6, 7.7, "d_inputs", ha="right", weight="bold")
    write(axes, 14, 9, "an input in the middle lies in three windows", color=FAINT)
    return Picture(
        figure,
        f"The upstream gradient of four outputs is {_words(upstream[None])}. Each is multiplied by "
        f"the kernel 1, 2, 3 and put where its window stood. The columns are added up to d_inputs: "
        f"{_words(shares.sum(0)[None])}.",
    )


def draw_batch_normalization() -> Picture:
    """One channel: what is taken away from the upstream gradient, and why it is taken away."""
    inputs, upstream = np.array([1.0, 3.0, 5.0, 7.0]), np.array([2.0, 0.0, 0.0, 3.0])
    normal = (inputs - inputs.mean()) / inputs.std()
    by_mean = np.full(4, upstream.mean())
    by_variance = normal * (upstream * normal).mean()
    gradient = (upstream - by_mean - by_variance) / inputs.std()
    rows = (
        ("inputs", inputs, PALE_BLUE, ""),
        ("normalized: n", normal, PALE_BLUE, "mean 0, variance 1"),
        ("upstream", upstream, PALE_ORANGE, "gamma is 1 here"),
        ("minus mean(upstream)", by_mean, PAPER, "each input moves the mean, and so all outputs"),
        ("minus n · mean(upstream · n)", by_variance, PAPER, "each input moves the variance too"),
        ("d_inputs", gradient, PALE_RED, f"what is left, divided by {inputs.std():.2f}; sum 0"),
    )
    figure, axes = drawing(columns=24, rows=8.6, width=9.8)
    for index, (name, values, tint, said) in enumerate(rows):
        top = 0.6 + 1.3 * index
        write(axes, 6.3, top + 0.5, name, ha="right", weight="bold", fontsize=11)
        _wide(axes, values, 6.8, top, tint)
        write(axes, 15.2, top + 0.5, said, ha="left", fontsize=10.5, color=FAINT)
    told = [_words(np.round(part, 2)[None]) for part in (inputs, upstream, gradient)]
    return Picture(
        figure,
        f"One channel of four samples. The inputs are {told[0]}, the upstream gradient is "
        f"{told[1]}. Its mean is taken away, and then its part along the normalized inputs. What "
        f"is left, divided by the standard deviation, is d_inputs: {told[2]}. Its sum is 0.",
    )


def draw_lazy_test() -> Picture:
    """One number through a right and a wrong Dense: a bias of zero hides which is which."""
    figure, axes = drawing(columns=25, rows=7.8, width=9.8)
    for left, text in ((8.6, "right: tanh(x·w + b)"), (15.4, "wrong: tanh(x·w) + b")):
        write(axes, left, 0.7, text, weight="bold", fontsize=11)
    told = []
    for row, bias in enumerate((0.0, 0.5)):
        top = 1.8 + 2.9 * row
        right, wrong = np.tanh(1.0 + bias), np.tanh(1.0) + bias
        write(axes, 3.2, top + 0.2, f"x·w = 1, b = {bias:g}", fontsize=11.5)
        said = "as in a new layer" if row == 0 else "a number that you set"
        write(axes, 3.2, top + 0.9, said, fontsize=10, color=FAINT)
        _wide(axes, np.array([right]), 7.6, top, PALE_GREEN)
        _wide(axes, np.array([wrong]), 14.4, top, PALE_GREEN if right == wrong else PALE_RED)
        verdict = "equal: the fault slips through" if right == wrong else "they differ: caught"
        write(axes, 12, top + 1.7, verdict, fontsize=11, color=RED if right == wrong else INK)
        write(axes, 20.6, top + 0.5, f"difference {abs(wrong - right):.2f}", fontsize=11)
        told.append(f"With a bias of {bias:g} they give {right:.2f} and {wrong:.2f}")
    return Picture(
        figure,
        "A right Dense layer, tanh of the product plus the bias, and a wrong one that adds the "
        f"bias after tanh. The product is 1. {told[0]}: nobody can tell them apart. {told[1]}: the "
        "fault is caught.",
    )


def _wide(axes: Axes, values: np.ndarray, left: float, top: float, fill: str) -> None:
    """A row of cells twice as wide as others, for numbers with two decimals."""
    for column, value in enumerate(values):
        corner = (left + 2 * column, top)
        axes.add_patch(Rectangle(corner, 2, 1, facecolor=fill, edgecolor=INK, lw=1))
        text = f"{value + 0.0:.2f}".replace("-", "−")
        write(axes, left + 2 * column + 1, top + 0.5, text)


def _tint(is_share: bool) -> str:
    return PALE_GREEN if is_share else PAPER


def _row(axes: Axes, name: str, values: np.ndarray, left: float, top: float, fill: str) -> None:
    write(axes, left + len(values), top - 0.6, name, weight="bold")
    _wide(axes, values, left, top, fill)


def _block(axes: Axes, name: str, values: np.ndarray, left: float, top: float, fill: str) -> None:
    write(axes, left + values.shape[1] / 2, top - 0.6, name, weight="bold")
    cells(axes, values.astype(int), left, top, fill)


def _words(values: np.ndarray) -> str:
    """A table in words, row by row."""
    return "; ".join(
        ", ".join(f"{value:g}".replace("-", "−") for value in row) for row in values.tolist()
    )
