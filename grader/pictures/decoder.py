"""Pictures for the unit "The decoder block"."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes

from grader.pictures.flow import box, flow, node
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


def draw_gate() -> Picture:
    """SwiGLU with numbers: two branches, a product, and the way back to the width."""
    inputs = np.array([[1.0, -2.0]])
    gate = inputs @ np.array([[3.0, 1.0, 2.0], [0.0, 1.0, 1.0]])
    value = inputs @ np.array([[1.0, 0.0, 2.0], [0.0, -1.0, -1.0]])
    opened = gate / (1 + np.exp(-gate))
    passed = opened * value
    output = passed @ np.array([[1.0, 0.0], [0.0, -2.0], [1.0, 1.0]])
    figure, axes = drawing(columns=25, rows=7.6, width=10)
    cells(axes, _short(inputs), 0.6, 3.3, PALE_BLUE)
    write(axes, 1.6, 2.8, "input", weight="bold")
    for y, name, values, tint in (
        (1.6, "gate", gate, PALE_ORANGE),
        (5, "value", value, PALE_GREEN),
    ):
        arrow(axes, (2.8, 3.8), (4.8, y + 0.5))
        cells(axes, _short(values), 5, y, tint)
        write(axes, 6.5, y - 0.5, f"{name}: input times {name[0].upper()}", fontsize=11)
    arrow(axes, (8.2, 2.1), (10.2, 2.1))
    write(axes, 9.2, 1.65, "silu", fontsize=11)
    cells(axes, _short(opened), 10.4, 1.6, PALE_ORANGE)
    node(axes, 14.6, 3.8, "×")
    flow(axes, (13.6, 2.1), (14.6, 2.1), (14.6, 3.35))
    flow(axes, (8.2, 5.5), (14.6, 5.5), (14.6, 4.25))
    arrow(axes, (15.1, 3.8), (16.1, 3.8))
    cells(axes, _short(passed), 16.3, 3.3, PALE_RED)
    write(axes, 17.8, 2.8, "what passes", weight="bold")
    arrow(axes, (19.5, 3.8), (21.6, 3.8))
    write(axes, 20.55, 3.35, "times O", fontsize=11)
    cells(axes, _short(output), 21.8, 3.3, PALE_BLUE)
    write(axes, 22.8, 2.8, "output", weight="bold")
    write(axes, 12.5, 7.1, "a gate of 0 lets nothing pass, whatever its value is")
    told = [", ".join(_short(row)[0]) for row in (gate, value, opened, passed, output)]
    return Picture(
        figure,
        "SwiGLU with two numbers in and three inside. The input 1, −2 goes through two matrices: "
        f"the gate is {told[0]}, the value {told[1]}. silu makes {told[2]} of the gate. Gate times "
        f"value, number by number, is {told[3]}, and a third matrix makes the output {told[4]} of "
        "it.",
    )


def draw_tied() -> Picture:
    """One matrix, read by rows on the way in, and multiplied row by row on the way out."""
    words = ("a", "b", "c", "end")
    table = np.array([[1, 0, 2], [0, -1, 1], [2, 1, 0], [-1, 2, 0]])
    vector = np.array([[2, 1, 1]])
    logits = vector @ table.T
    figure, axes = drawing(columns=24, rows=7, width=10)
    write(axes, 4.6, 0.6, "words to vectors", weight="bold")
    cells(axes, [["2"]], 0.6, 3.8, PALE_ORANGE)
    write(axes, 1.1, 5.2, "number of c", fontsize=10.5, color=FAINT)
    arrow(axes, (1.8, 4.3), (3.6, 4.3))
    cells(axes, table, 4.6, 1.8, PALE_BLUE)
    for row, word in enumerate(words):
        write(axes, 4.1, 2.3 + row, word, fontsize=11, color=FAINT)
    outline(axes, 4.6, 3.8, 3, 1, RED)
    write(axes, 6.1, 6.4, "(vocabulary, width)", fontsize=10.5, color=FAINT)
    write(axes, 17, 0.6, "reverse: vectors to logits", weight="bold")
    cells(axes, vector, 9.8, 3.3, PALE_ORANGE)
    write(axes, 11.3, 4.8, "a vector", fontsize=10.5, color=FAINT)
    write(axes, 13.4, 3.8, "@", fontsize=16)
    cells(axes, table.T, 14, 2.3, PALE_BLUE)
    outline(axes, 16, 2.3, 1, 3, RED)
    write(axes, 16, 6.4, "the same matrix, transposed", fontsize=10.5, color=FAINT)
    write(axes, 18.5, 3.8, "=", fontsize=16)
    cells(axes, logits, 19, 3.3, PALE_GREEN)
    for column, word in enumerate(words):
        write(axes, 19.5 + column, 2.8, word, fontsize=11, color=FAINT)
    write(axes, 21, 4.8, "logits", fontsize=10.5, color=FAINT)
    return Picture(
        figure,
        "One matrix used twice. Left: word 2, the letter c, becomes row 2 of the matrix, 2, 1, 0. "
        "Right: the vector 2, 1, 1 times the transposed matrix, whose column 2 is that row, gives "
        f"a logit for each word: {', '.join(map(str, logits[0]))}. The letter c has the largest.",
    )


def draw_cache(start: int = 4, steps: int = 1, places: int = 9) -> Picture:
    """A cache before and after a call, and what each new token sees."""
    steps = min(steps, places - start)
    figure, axes = drawing(columns=24, rows=5.6 + 1.3 * steps, width=10)
    left = 8.2

    def row(y: float, filled: int, new: int) -> None:
        tints = [PALE_BLUE] * filled + [PALE_ORANGE] * new + [PAPER] * (places - filled - new)
        for place, tint in enumerate(tints):
            text = f"k{place}" if place < filled + new else "?"
            cells(axes, [[text]], left + 1.5 * place, y, tint)

    for place in range(places):
        write(axes, left + 1.5 * place + 0.5, 0.6, str(place), fontsize=10.5, color=FAINT)
    write(axes, 7.7, 0.6, "place", ha="right", fontsize=10.5, color=FAINT)
    row(1.1, start, 0)
    write(axes, 7.7, 1.6, "cache before the call", ha="right")
    row(2.9, start, steps)
    write(axes, 7.7, 3.4, "cache that is returned", ha="right")
    for step in range(steps):
        y = 4.9 + 1.3 * step
        write(axes, 7.7, y, f"token at place {start + step} sees", ha="right")
        for place in range(places):
            seen = place <= start + step
            sign, color = ("✓", INK) if seen else ("×", RED)
            write(axes, left + 1.5 * place + 0.5, y, sign, color=color, fontsize=13)
    new = " and ".join(str(start + step) for step in range(steps))
    sees = "; ".join(f"the token at place {p} sees 0 to {p}" for p in range(start, start + steps))
    return Picture(
        figure,
        f"A cache with {places} places, and a call with start={start}; the number of new tokens is "
        f"{steps}. Before it, {start} places hold keys, and the others hold anything. Afterwards "
        f"the new keys stand at {new}. Of the places {sees}.",
    )


def draw_block() -> Picture:
    """The two halves of a pre-norm block, with the residual connection around each."""
    figure, axes = drawing(columns=26, rows=6.6, width=10.5)
    y, above = 4.2, 1.6
    write(axes, 1.2, y, "x", fontsize=15, weight="bold")
    arrow(axes, (1.7, y), (3.6, y))
    _half(axes, 3.6, "attention", PALE_ORANGE, y, above)
    _half(axes, 14.1, "SwiGLU", PALE_GREEN, y, above)
    flow(axes, (12.6, y), (14.3, y))
    flow(axes, (23.1, y), (24.6, y))
    write(axes, 25.2, y, "y", fontsize=15, weight="bold")
    write(axes, 13.3, y + 0.6, "h", fontsize=13, weight="bold")
    write(axes, 13, 0.5, "nothing stands on the red lines", color=RED, fontsize=11.5)
    write(axes, 7.6, 6.1, "h = x + attention(norm(x))", fontsize=12, color=FAINT)
    write(axes, 18.3, 6.1, "y = h + SwiGLU(norm(h))", fontsize=12, color=FAINT)
    return Picture(
        figure,
        "A pre-norm decoder block from left to right. The input x goes through a normalization and "
        "attention, and x itself is added: h. Then h goes through another normalization and "
        "SwiGLU, and h itself is added: the output y. The two residual lines pass nothing.",
    )


def _half(axes: Axes, left: float, name: str, tint: str, y: float, above: float) -> None:
    """A normalization, a layer and a sum, and the line around them."""
    box(axes, left + 2.2, y, "norm", PALE_BLUE, wide=2.2)
    flow(axes, (left, y), (left + 1.1, y), head=False)
    box(axes, left + 5.9, y, name, tint, wide=3)
    flow(axes, (left + 3.3, y), (left + 4.4, y))
    flow(axes, (left + 7.4, y), (left + 8.2, y))
    node(axes, left + 8.6, y, "+")
    around = ((left, y), (left, above), (left + 8.6, above), (left + 8.6, y - 0.42))
    flow(axes, *around, color=RED, lw=2.2)


def _short(values: np.ndarray) -> list[list[str]]:
    """One digit after the point at most, and none before it where that is a 0."""
    return [
        [f"{value:.1f}".removesuffix(".0").replace("0.", ".") for value in row]
        for row in values + 0.0
    ]
