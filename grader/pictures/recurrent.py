"""Pictures for the unit "Recurrent layers"."""

from __future__ import annotations

from matplotlib.axes import Axes

from grader.pictures.flow import box, flow, node
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
    cells,
    drawing,
    write,
)


def draw_loop() -> Picture:
    """A cell taken along four steps; what return_sequences and return_state give back."""
    figure, axes = drawing(columns=24, rows=10.6, width=10)
    write(axes, 1.2, 4.6, "initial_state\nor zeros", fontsize=10)
    _steps(axes, ["x1", "x2", "x3", "x4"], y=4.6)
    flow(axes, (18.2, 4.6), (19.9, 4.6), color=ORANGE, lw=3)
    box(axes, 21.4, 4.6, "states", PALE_ORANGE, wide=2.8)
    write(axes, 21.4, 5.8, "return_state=True", fontsize=10.5, color=FAINT)
    for step in range(4):
        x = 5 + 4 * step
        tint = PALE_GREEN if step == 3 else PALE_BLUE
        cells(axes, [[f"y{step + 1}"]], x - 0.5, 7.2, tint)
    write(axes, 9, 9.0, "return_sequences=True: all of them, (batch, time, units)", fontsize=11)
    write(axes, 17, 9.9, "return_sequences=False: the last one alone, (batch, units)", fontsize=11)
    write(axes, 11, 0.6, "one cell, the same weights at each step", fontsize=11, color=FAINT)
    return Picture(
        figure,
        "A recurrent layer: one cell is drawn four times, once for each step. It takes the inputs "
        "x1 to x4 from above, hands its states on to the right, and gives the outputs y1 to y4 "
        "below. The first states are initial_state or zeros. With return_sequences=True all "
        "outputs come back, of shape (batch, time, units), else only y4, of shape (batch, units); "
        "with return_state=True the states after the last step come back as well.",
    )


def draw_masked() -> Picture:
    """A running sum with a masked step: what holding means, and two ways of not holding."""
    figure, axes = drawing(columns=24, rows=10.4, width=10)
    rows = (
        ("inputs", ["1", "2", "7", "4"], PAPER),
        ("mask", ["True", "True", "False", "True"], PAPER),
        ("held: right", ["1", "3", "3", "7"], PALE_GREEN),
        ("reset to zero", ["1", "3", "0", "4"], PALE_RED),
        ("mask ignored", ["1", "3", "10", "14"], PALE_RED),
    )
    for index, (name, values, tint) in enumerate(rows):
        top = 1.2 + 1.75 * index
        write(axes, 3.4, top + 0.65, name, fontsize=12, weight="bold" if index == 2 else "normal")
        for step, value in enumerate(values):
            x = 8 + 4 * step
            masked = step == 2
            color = (GREEN if index == 2 else RED) if masked and index > 1 else INK
            box(axes, x, top + 0.65, value, tint if index > 1 or not masked else PALE_ORANGE, 2.4)
            if index > 1 and step:
                flow(axes, (x - 2.7, top + 0.65), (x - 1.3, top + 0.65), color=color)
    write(axes, 16, 0.5, "this step is padding", fontsize=11, color=ORANGE, weight="bold")
    return Picture(
        figure,
        "A running sum reads 1, 2, 7 and 4, and the mask says that the 7 is padding. If the "
        "masked step is held, the outputs are 1, 3, 3, 7. If it sets the state to zero they are 1, "
        "3, 0, 4; if the mask is ignored, 1, 3, 10, 14. The first is right.",
    )


def draw_backwards() -> Picture:
    """With go_backwards the last input is read first, and its output stands first."""
    figure, axes = drawing(columns=24, rows=9.4, width=10)
    word = "lea"
    write(axes, 12, 0.6, "go_backwards=True reads the word lea", fontsize=12, weight="bold")
    _steps(axes, list(word[::-1]), y=4.6, left=5.5, apart=6.5)
    for step in range(3):
        x = 5.5 + 6.5 * step
        cells(axes, [[f"y{step + 1}"]], x - 0.5, 7.2, PALE_BLUE)
        seen = ", ".join(word[::-1][: step + 1])
        write(axes, x, 8.8, f"has seen {seen}", fontsize=11, color=FAINT)
    return Picture(
        figure,
        'The word "lea", read with go_backwards=True: the cell reads a first, then e, then l. The '
        "first output y1 has seen a, the second y2 a and e, the third y3 all three letters. The "
        "outputs stay in the order in which they were made.",
    )


def draw_stack() -> Picture:
    """Two cells, one above the other: the output of the lower is the input of the upper."""
    figure, axes = drawing(columns=22, rows=9.6, width=9.4)
    for row, (name, tint, color) in enumerate(
        (("cell 2", PALE_ORANGE, ORANGE), ("cell 1", PALE_BLUE, BLUE))
    ):
        y = 2.9 + 3.1 * row
        for step in range(4):
            x = 5 + 4 * step
            box(axes, x, y, name, tint, wide=2.1, high=1.3)
            flow(axes, (x, y + 2.45), (x, y + 0.65))
            flow(axes, (x - 2.95, y), (x - 1.05, y), color=color, lw=3)
        flow(axes, (18.05, y), (19.6, y), color=color, lw=3)
        write(axes, 20.8, y, f"states\nof {name}", fontsize=10.5)
    for step in range(4):
        x = 5 + 4 * step
        flow(axes, (x, 2.25), (x, 1.1))
        write(axes, x, 0.7, f"y{step + 1}", fontsize=13)
        write(axes, x, 8.9, f"x{step + 1}", fontsize=13)
    return Picture(
        figure,
        "A stack of two cells over four steps. Each input x goes into cell 1; the output of cell 1 "
        "goes into cell 2, and the output of cell 2 is that of the stack, y. Each cell has states "
        "of its own, which it hands on to itself in the next step.",
    )


def draw_back_in_time() -> Picture:
    """The way of a gradient from the end to the beginning: the same factor at each step."""
    figure, axes = drawing(columns=24, rows=7.2, width=10)
    for step in range(5):
        x = 3.4 + 4.2 * step
        box(axes, x, 2.6, "cell", PALE_BLUE, wide=1.9, high=1.3)
        flow(axes, (x, 0.9), (x, 1.95))
        write(axes, x, 0.5, f"x{step + 1}", fontsize=13)
        if step:
            flow(axes, (x - 3.25, 2.6), (x - 0.95, 2.6), color=ORANGE, lw=3)
            flow(axes, (x - 0.6, 4.1), (x - 3.6, 4.1), color=RED, lw=2.4)
            node(axes, x - 2.1, 4.1, "×")
            write(axes, x - 2.1, 4.95, "tanh′ · U", fontsize=10.5, color=RED)
    flow(axes, (21.15, 2.6), (22.6, 2.6))
    write(axes, 23.2, 2.6, "loss", fontsize=12)
    write(
        axes, 12, 6.3, "the gradient goes back through the same factors, one for each step",
        fontsize=11, color=FAINT,
    )  # fmt: skip
    return Picture(
        figure,
        "Five steps of a simple cell, from x1 to x5, and a loss at the end. Forwards the state "
        "goes from step to step; backwards the gradient takes the same way and is multiplied by "
        "the slope of tanh and by U at each step, four times from the end to the beginning.",
    )


def _steps(
    axes: Axes,
    inputs: list[str],
    y: float,
    left: float = 5.0,
    apart: float = 4.0,
) -> None:
    """A row of cells with inputs from above and arrows between them."""
    for step, name in enumerate(inputs):
        x = left + apart * step
        box(axes, x, y, "cell", PALE_BLUE, wide=2.2, high=1.5)
        flow(axes, (x, y - 2.2), (x, y - 0.75))
        write(axes, x, y - 2.7, name, fontsize=14)
        flow(axes, (x, y + 0.75), (x, y + 2.5))
        start = x - apart + 1.1 if step else x - 2.4
        flow(axes, (start, y), (x - 1.1, y), color=ORANGE, lw=3)
