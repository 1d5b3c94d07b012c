"""Pictures for the unit "Embedding and cells"."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle

from grader.pictures.flow import box, flow, frame, node
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

_GATES = {
    "i": "i: input gate",
    "f": "f: forget gate",
    "o": "o: output gate",
    "c": "c: cell state",
    "h": "h: hidden state",
}
_TINTS = (PAPER, PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE_RED)


def draw_embedding() -> Picture:
    """The word "lea" as numbers, as one-hot rows, and as rows of a matrix; and its mask."""
    numbers, matrix = (
        [3, 2, 1, 0],
        np.array([[5, -2, 4], [2, 0, 1], [3, -1, 6], [0, 8, -3], [7, 1, 9]]),
    )
    one_hot = np.eye(5, dtype=int)[numbers]
    figure, axes = drawing(columns=25, rows=8.4, width=10)
    tints = [_TINTS[number] for number in numbers]
    for row, letter in enumerate(["l", "e", "a", "padding"]):
        write(axes, 1.1, 3.5 + row, letter, fontsize=13 if row < 3 else 10)
    cells(axes, [[number] for number in numbers], 2.1, 3, tints)
    arrow(axes, (3.3, 5), (4.5, 5))
    cells(axes, one_hot, 4.8, 3, tints)
    write(axes, 10.35, 5, "@", fontsize=18)
    cells(axes, matrix, 11, 2.5, _TINTS)
    write(axes, 14.6, 5, "=", fontsize=18)
    cells(axes, matrix[numbers], 15.2, 3, tints)
    for row, number in enumerate(numbers):
        write(axes, 21, 3.5 + row, str(number != 0), color=GREEN if number else RED)
    _head(axes, 2.6, "inputs", "(4,)")
    _head(axes, 7.3, "one-hot", "(4, 5)")
    _head(axes, 12.5, "embeddings", "(input_dim, output_dim) = (5, 3)")
    _head(axes, 17.0, "outputs", "(4, 3)")
    _head(axes, 21, "mask", "only with mask_zero")
    write(
        axes,
        12.5,
        8,
        "row 3 for l, row 2 for e, row 1 for a, row 0 for the padding",
        fontsize=11,
    )
    return Picture(
        figure,
        'Embedding: the letters of "lea" and one padding are the numbers 3, 2, 1, 0. As one-hot '
        "rows they are multiplied by a matrix of shape (5, 3), and the product is its rows 3, 2, 1 "
        "and 0. The mask is True, True, True, False: the padding has a row like every other token, "
        "and the mask tells the next layer to skip it.",
    )


def draw_simple_cell() -> Picture:
    """Inside of a SimpleRNNCell, and the same cell at three steps."""
    figure, axes = drawing(columns=24, rows=8.6, width=10)
    frame(axes, 2.6, 1.6, 8.4, 5.2)
    flow(axes, (0.7, 3.4), (3.6, 3.4))
    box(axes, 4.3, 3.4, "U", PALE_ORANGE)
    flow(axes, (5, 3.4), (6.2, 3.4))
    flow(axes, (4.3, 7.8), (4.3, 6.2))
    box(axes, 4.3, 5.6, "W", PALE_ORANGE)
    flow(axes, (5, 5.6), (6.6, 5.6), (6.6, 3.8))
    node(axes, 6.6, 3.4, "+")
    flow(axes, (6.6, 2.3), (6.6, 3))
    write(axes, 6.6, 2.05, "b", fontsize=12)
    flow(axes, (7, 3.4), (8, 3.4))
    box(axes, 8.8, 3.4, "tanh", PALE_GREEN, wide=1.6)
    flow(axes, (9.6, 3.4), (12.4, 3.4))
    flow(axes, (10.3, 3.4), (10.3, 0.9))
    write(axes, 0.9, 2.9, "h before", fontsize=11)
    write(axes, 4.3, 8.1, "x", fontsize=13)
    write(axes, 12, 2.9, "h after", fontsize=11)
    write(axes, 10.3, 0.5, "output", fontsize=11)
    for step, letter in enumerate("lea"):
        x = 15.3 + 3.2 * step
        box(axes, x, 3.4, "cell", PALE_BLUE, wide=1.6, high=1.4)
        flow(axes, (x, 6.2), (x, 4.2))
        write(axes, x, 6.6, letter, fontsize=14)
        flow(axes, (x, 2.6), (x, 1.2))
        flow(axes, (x - 2.1, 3.4), (x - 0.9, 3.4))
        write(axes, x - 1.6, 2.95, f"h{step}" if step else "0", fontsize=11)
        write(axes, x, 0.8, f"h{step + 1}", fontsize=12)
    write(
        axes,
        18.5,
        7.9,
        "the same cell, with the same weights, at each step",
        fontsize=11,
        color=FAINT,
    )
    return Picture(
        figure,
        "Left: one step of a SimpleRNNCell. The state before goes through the matrix U, the input "
        "x through the matrix W; their sum with the bias b goes through tanh, and the result is "
        "the output and also the state after. Right: the same cell used for the letters l, e, a, "
        "each time with the state of the step before; the first state is zero.",
    )


def draw_lstm_cell() -> Picture:
    """The cell state on a straight line, three gates on it, and the order of the blocks."""
    figure, axes = drawing(columns=25, rows=12.6, width=10)
    frame(axes, 2.4, 1.2, 17.4, 7.2)
    flow(axes, (0.4, 2.4), (5.5, 2.4), color=ORANGE, lw=4)
    flow(axes, (6.3, 2.4), (10.1, 2.4), color=ORANGE, lw=4)
    flow(axes, (10.9, 2.4), (22.6, 2.4), color=ORANGE, lw=4)
    write(axes, 1.1, 1.8, "c before")
    write(axes, 21.7, 1.8, "c after")
    gates = (
        ("f", 5.9, "σ", PALE_BLUE),
        ("i", 8.6, "σ", PALE_GREEN),
        ("c", 12.2, "tanh", PALE_ORANGE),
        ("o", 16.6, "σ", PALE_RED),
    )
    for name, x, bend, tint in gates:
        box(axes, x, 6.6, bend, tint, wide=1.5)
        flow(axes, (x, 8), (x, 7.2))
        write(axes, x + 1.05, 5.9, name, fontsize=14, weight="bold")
    flow(axes, (5.9, 6), (5.9, 2.85))
    node(axes, 5.9, 2.4, "×")
    flow(axes, (8.6, 6), (8.6, 4.4), (10.1, 4.4))
    flow(axes, (12.2, 6), (12.2, 4.4), (10.9, 4.4))
    node(axes, 10.5, 4.4, "×")
    flow(axes, (10.5, 4), (10.5, 2.85))
    node(axes, 10.5, 2.4, "+")
    box(axes, 18.4, 4, "tanh", PAPER, wide=1.6, high=0.9)
    flow(axes, (18.4, 2.4), (18.4, 3.5))
    flow(axes, (16.6, 6), (16.6, 5.6), (18, 5.6))
    flow(axes, (18.4, 4.5), (18.4, 5.2))
    node(axes, 18.4, 5.6, "×")
    flow(axes, (18.8, 5.6), (22.6, 5.6))
    write(axes, 21.6, 5.05, "h after, output")
    flow(axes, (0.4, 8), (16.6, 8), head=False)
    write(axes, 1.15, 7.5, "h before, x", fontsize=10)
    for index, (name, tint) in enumerate(
        zip("ifco", (PALE_GREEN, PALE_BLUE, PALE_ORANGE, PALE_RED), strict=True)
    ):
        _block(axes, 5 + 3.4 * index, 10.1, 3.4, 1.1, name, tint)
    write(axes, 2.6, 10.65, "columns of kernel,\nrecurrent_kernel\nand bias", fontsize=10.5)
    words = (
        "input: how much is added",
        "forget: how much is kept",
        "candidate: what is added",
        "output: how much is shown",
    )
    for index, word in enumerate(words):
        first, _, rest = word.partition(": ")
        write(axes, 6.7 + 3.4 * index, 11.55, first, fontsize=10.5, weight="bold")
        write(axes, 6.7 + 3.4 * index, 12.1, rest, fontsize=9.5, color=FAINT)
    return Picture(
        figure,
        "An LSTMCell. The cell state c goes through the cell on a straight line: it is multiplied "
        "by the forget gate f, then the product of the input gate i and the candidate is added. "
        "The new cell state goes through tanh and is multiplied by the output gate o; that is the "
        "new hidden state h, and the output. The gates and the candidate are computed from h "
        "before and x. Below: the columns of kernel, recurrent_kernel and bias stand in the order "
        "i, f, c, o.",
    )


def read_lstm(
    vectors: np.ndarray, kernel: np.ndarray, recurrent: np.ndarray, bias: np.ndarray
) -> dict[str, np.ndarray]:
    """What is inside an LSTMCell after each step: its three gates and its two states.

    `vectors` is (steps, features); the weights are those of a `keras.layers.LSTMCell`, in its
    order. Each of the five is an array (steps, units).
    """
    units = recurrent.shape[0]
    h = c = np.zeros(units)
    inside: dict[str, list[np.ndarray]] = {name: [] for name in _GATES}
    for vector in vectors:
        z = np.split(vector @ kernel + h @ recurrent + bias, 4)
        i, f, o = (1 / (1 + np.exp(-z[place])) for place in (0, 1, 3))
        c = f * c + i * np.tanh(z[2])
        h = o * np.tanh(c)
        for name, value in zip(_GATES, (i, f, o, c, h), strict=True):
            inside[name].append(value)
    return {name: np.array(values).reshape(-1, units) for name, values in inside.items()}


def draw_gates(
    read: Callable[[str], Mapping[str, np.ndarray]] | None = None,
    name: str = "christina",
    unit: int = 0,
) -> Picture:
    """One unit of an LSTMCell over the letters of a name: its gates and its two states.

    `read` gives what `read_lstm` gives for a name; without it, a cell is drawn at random. What is
    no letter from a to z is left out of the name, and so is all after the 13th.
    """
    letters = "".join(letter for letter in name.lower() if "a" <= letter <= "z")[:13]
    inside = (read or _random_reader)(letters)
    figure, axes = drawing(columns=21, rows=8.6, width=9.4)
    title = f"unit {unit}, from letter to letter" if letters else "no letter from a to z to read"
    write(axes, 11, 0.5, title, fontsize=13, weight="bold")
    for column, letter in enumerate(letters):
        write(axes, 6.5 + 1.1 * column, 1.6, letter, fontsize=14)
    for row, (part, what) in enumerate(_GATES.items()):
        top = 2.3 + 1.2 * row
        write(axes, 0.2, top + 0.5, what, ha="left", fontsize=11.5)
        for column, value in enumerate(inside[part][:, unit]):
            _shade(axes, 6 + 1.1 * column, top, float(value))
    told = "; ".join(
        f"{what}: " + ", ".join(f"{value:.2f}" for value in inside[part][:, unit])
        for part, what in _GATES.items()
    )
    return Picture(
        figure,
        f"What unit {unit} of an LSTMCell does while it reads {letters or 'nothing'}, a column for "
        f"each letter. {told}.",
    )


def _random_reader(letters: str) -> dict[str, np.ndarray]:
    """A cell of two units with weights drawn at random reads one-hot letters."""
    random = np.random.default_rng(5)
    vectors = np.eye(26)[[ord(letter) - ord("a") for letter in letters]]
    weights = (random.normal(size=shape) for shape in ((26, 8), (2, 8), 8))
    return read_lstm(vectors, *weights)


def _shade(axes: Axes, left: float, top: float, value: float) -> None:
    """A cell with a number, the bluer the larger, and the more orange the further below zero."""
    strength = min(abs(value), 1.0)
    color = to_rgb(BLUE if value >= 0 else ORANGE)
    fill = tuple(1 - strength * 0.75 * (1 - part) for part in color)
    axes.add_patch(Rectangle((left, top), 1.04, 1, facecolor=fill, edgecolor=INK, lw=0.8))
    number = f"{round(float(value), 2) + 0.0:.2f}".replace("-", "−")
    write(axes, left + 0.52, top + 0.5, number, fontsize=10)


def draw_gru_cell() -> Picture:
    """Old and new mixed by z; the two places where r may be used; the order of the blocks."""
    figure, axes = drawing(columns=25, rows=12.6, width=10)
    frame(axes, 2.2, 0.9, 9.9, 7.8)
    flow(axes, (0.3, 2), (4.3, 2), color=ORANGE, lw=4)
    flow(axes, (5.1, 2), (9.7, 2), color=ORANGE, lw=4)
    flow(axes, (10.5, 2), (13.4, 2), color=ORANGE, lw=4)
    write(axes, 1.0, 1.4, "h before")
    write(axes, 13, 1.4, "h after")
    node(axes, 4.7, 2, "×")
    node(axes, 10.1, 2, "+")
    box(axes, 4.7, 4.4, "z", PALE_BLUE, wide=1.2)
    flow(axes, (4.7, 3.8), (4.7, 2.45))
    flow(axes, (5.3, 4.4), (9.65, 4.4))
    write(axes, 7.4, 4.0, "1 − z", fontsize=11)
    node(axes, 10.1, 4.4, "×")
    flow(axes, (10.1, 4), (10.1, 2.45))
    box(axes, 10.1, 6.4, "candidate", PALE_ORANGE, wide=2.9, high=1.0)
    flow(axes, (10.1, 5.9), (10.1, 4.85))
    box(axes, 6.6, 6.4, "r", PALE_GREEN, wide=1.2)
    flow(axes, (7.2, 6.4), (8.6, 6.4))
    flow(axes, (0.3, 8.2), (10.1, 8.2), head=False)
    write(axes, 1.15, 7.7, "h before, x", fontsize=10)
    for x, below in ((4.7, 5.0), (6.6, 7.0), (10.1, 6.9)):
        flow(axes, (x, 8.2), (x, below))
    lines = (
        (
            "reset_after=True (Keras's default; paper, v1)",
            "candidate = tanh( x W + b₁ + r · (h U + b₂) )",
            "the state goes through U first; two rows of biases",
        ),
        (
            "reset_after=False (paper, last version, v3)",
            "candidate = tanh( x W + b + (r · h) U )",
            "the state is reset first; one row of biases",
        ),
    )
    for index, (head, formula, says) in enumerate(lines):
        y = 1.4 + 3.3 * index
        write(
            axes, 14.6, y, head, ha="left", fontsize=11.5, weight="bold", color=(BLUE, RED)[index]
        )
        write(axes, 14.6, y + 0.9, formula, ha="left", fontsize=11)
        write(axes, 14.6, y + 1.7, says, ha="left", fontsize=10, color=FAINT)
    for index, (name, tint) in enumerate(
        zip("zrh", (PALE_BLUE, PALE_GREEN, PALE_ORANGE), strict=True)
    ):
        _block(axes, 6.2 + 4 * index, 10, 4, 1.1, name, tint)
    write(axes, 3.6, 10.55, "columns of kernel,\nrecurrent_kernel\nand bias", fontsize=10.5)
    for index, (first, rest) in enumerate(
        (
            ("update", "how much is kept"),
            ("reset", "how much is used"),
            ("candidate", "what is written"),
        )
    ):
        write(axes, 8.2 + 4 * index, 11.5, first, fontsize=10.5, weight="bold")
        write(axes, 8.2 + 4 * index, 12.1, rest, fontsize=9.5, color=FAINT)
    return Picture(
        figure,
        "A GRUCell. Both gates and the candidate are computed from h before and x. The state h is "
        "multiplied by the update gate z, the candidate by 1 - z, and the sum of both is the new "
        "state. The reset gate r is used inside the candidate. With "
        "reset_after=True the candidate is tanh(x W + b1 + r (h U + b2)), with two rows of biases; "
        "with reset_after=False it is tanh(x W + b + (r h) U), with one row. The columns stand in "
        "the order z, r, h.",
    )


def draw_memory_cell() -> Picture:
    """A fast state and a slow one; each is computed from the other."""
    figure, axes = drawing(columns=22, rows=8.8, width=9.6)
    frame(axes, 3, 0.9, 14.4, 6.8)
    flow(axes, (0.5, 2.2), (12.2, 2.2), color=ORANGE, lw=4)
    flow(axes, (13, 2.2), (20.4, 2.2), color=ORANGE, lw=4)
    write(axes, 1.5, 1.6, "m before")
    write(axes, 19.5, 1.6, "m after")
    write(axes, 9.4, 1.6, "× keep", fontsize=11)
    node(axes, 12.6, 2.2, "+")
    flow(axes, (5, 2.2), (5, 3.2))
    box(axes, 5, 3.8, "R", PALE_BLUE)
    flow(axes, (5, 4.4), (5, 5.4), (6.4, 5.4))
    flow(axes, (0.5, 6.6), (4, 6.6))
    write(axes, 1.5, 6.05, "h before, x")
    box(axes, 5, 6.6, "U, W", PALE_ORANGE, wide=1.8)
    flow(axes, (5.9, 6.6), (6.8, 6.6), (6.8, 5.85))
    node(axes, 6.8, 5.4, "+")
    flow(axes, (7.2, 5.4), (8.2, 5.4))
    box(axes, 9, 5.4, "tanh", PALE_GREEN, wide=1.6)
    flow(axes, (9.8, 5.4), (20.4, 5.4))
    flow(axes, (12.6, 5.4), (12.6, 4.7))
    box(axes, 12.6, 4.1, "V", PALE_BLUE)
    flow(axes, (12.6, 3.5), (12.6, 2.65))
    write(axes, 14.4, 3.1, "× (1 − keep)", fontsize=11)
    write(axes, 19.2, 4.85, "h after, output")
    write(
        axes,
        11,
        8.3,
        "h: as many numbers as units, fast      m: as many as slots, slow",
        fontsize=11,
        color=FAINT,
    )
    return Picture(
        figure,
        "A MemoryCell. The sum of h before through U, x through W and the memory m through R goes "
        "through tanh: that is the new h, and the output. The memory is multiplied by keep, and "
        "the new h through V, times 1 - keep, is added to it. h has as many numbers as there are "
        "units, m as many as there are slots.",
    )


def _head(axes: Axes, x: float, name: str, shape: str) -> None:
    write(axes, x, 0.9, name, fontsize=13, weight="bold")
    write(axes, x, 1.55, shape, fontsize=10, color=FAINT)


def _block(
    axes: Axes, left: float, top: float, wide: float, high: float, name: str, fill: str
) -> None:
    """A block of columns with its name."""
    axes.add_patch(Rectangle((left, top), wide, high, fc=fill, ec=INK, lw=1.2))
    write(axes, left + wide / 2, top + high / 2, name, fontsize=14, weight="bold")
