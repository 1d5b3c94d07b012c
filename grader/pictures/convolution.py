"""Pictures for the unit "Convolution": a window that slides, its zeros, its channels, its block."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Circle, Rectangle

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

IMAGE = np.array([[1, 2, 0, 1, 3], [0, 1, 3, 1, 0], [2, 0, 1, 2, 1], [1, 1, 0, 3, 2]])
KERNEL = np.array([[1, 0, -1], [2, 1, 0]])
"""A picture of 4 x 5 numbers and a kernel of 2 x 3, which turned round would be another one."""


def slide_over(image: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """All windows times the kernel."""
    windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
    return np.einsum("rcij,ij->rc", windows, kernel)


def draw_window(place: int = 0) -> Picture:
    """The window at one of its nine places, row by row from 0, with the sum that comes out."""
    row, column = divmod(place, 3)
    outputs = slide_over(IMAGE, KERNEL)
    figure, axes = drawing(columns=18.6, rows=6.4, width=8.6)
    for x, name, shape in (
        (3.2, "picture", "4 × 5"),
        (9.8, "kernel", "2 × 3"),
        (15.9, "output", "3 × 3"),
    ):
        write(axes, x, 0.4, f"{name}, {shape}", fontsize=12, weight="bold")
    cells(axes, IMAGE, 0.7, 1.1)
    cells(axes, IMAGE[row : row + 2, column : column + 3], 0.7 + column, 1.1 + row, PALE_BLUE)
    outline(axes, 0.7 + column, 1.1 + row, 3, 2, RED)
    write(axes, 6.9, 3.1, "·", fontsize=22)
    cells(axes, KERNEL, 8.3, 2.1, PALE_ORANGE)
    write(axes, 12.6, 3.1, "=", fontsize=18)
    _done(axes, outputs, place, 14.4, 1.6)
    sentence = _sum(IMAGE[row : row + 2, column : column + 3], KERNEL)
    write(axes, 9.3, 5.9, sentence, fontsize=12)
    return Picture(
        figure,
        f"A kernel of 2 x 3 lies on a picture of 4 x 5 numbers, with its upper left corner on row "
        f"{row}, column {column}. Number by number it is multiplied with what lies under it, and "
        f"the products are added up: {sentence}. The sum stands in row {row}, column {column} of "
        "the output, which has 3 x 3 numbers.",
    )


def draw_strip() -> Picture:
    """The window at its first three places, and at its last."""
    outputs = slide_over(IMAGE, KERNEL)
    figure, axes = drawing(columns=27.6, rows=11, width=10)
    for index, place in enumerate((0, 1, 2, 8)):
        row, column = divmod(place, 3)
        left = 0.6 + 6.9 * index + 0.4 * (place == 8)
        write(axes, left + 2.5, 0.5, f"row {row}, column {column}", fontsize=11, weight="bold")
        cells(axes, IMAGE, left, 1.2)
        window = IMAGE[row : row + 2, column : column + 3]
        cells(axes, window, left + column, 1.2 + row, PALE_BLUE)
        outline(axes, left + column, 1.2 + row, 3, 2, RED)
        arrow(axes, (left + 2.5, 5.5), (left + 2.5, 6.7))
        _done(axes, outputs, place, left + 1, 7.1)
    write(axes, 20.5, 3.2, "…", fontsize=18)
    return Picture(
        figure,
        "The same kernel of 2 x 3 at four of its nine places on a picture of 4 x 5 numbers. At row "
        f"0, column 0 it gives {outputs[0, 0]}, one step to the right {outputs[0, 1]}, then "
        f"{outputs[0, 2]}; at its last place, row 2, column 2, it gives {outputs[2, 2]}. The "
        "output has three rows and three columns.",
    )


def draw_margins() -> Picture:
    """Seven steps under a kernel of three: valid, same and causal, a stride, a dilation."""
    rows: tuple[tuple[str, tuple[int, int], int, int], ...] = (
        ('"valid"', (0, 0), 1, 1),
        ('"same"', (1, 1), 1, 1),
        ('"causal"', (2, 0), 1, 1),
        ("strides=2", (0, 0), 2, 1),
        ("dilation_rate=2", (0, 0), 1, 2),
    )
    figure, axes = drawing(columns=21, rows=16.2, width=8)
    for index, (name, (before, after), stride, rate) in enumerate(rows):
        top, left = 0.7 + 3.2 * index, 8
        write(axes, 0.3, top + 0.5, name, ha="left", weight="bold", family="monospace")
        cells(axes, [[0] * before], left - before, top, PAPER)
        cells(axes, [list("abcdefg")], left, top, PALE_BLUE)
        cells(axes, [[0] * after], left + 7, top, PAPER)
        count = (7 + before + after - 2 * rate - 1) // stride + 1
        _reach(axes, left - before, top, rate, BLUE, 0)
        _reach(axes, left - before + (count - 1) * stride, top, rate, RED, 1)
        write(axes, 17, top + 0.5, f"{count} windows", ha="left", fontsize=12)
    return Picture(
        figure,
        "A kernel of three on seven steps a to g, each time with its first and its last window. "
        "valid: no zeros, 5 windows, from a b c to e f g. same: a zero on each side, 7 windows. "
        "causal: two zeros before a and none after g, 7 windows; the last one is e f g. "
        "strides=2: every second window, a b c, c d e, e f g. dilation_rate=2: one step is left "
        "out between two entries, 3 windows, from a c e to c e g.",
    )


def draw_walk(
    steps: int = 8, kernel_size: int = 3, strides: int = 1, padding: str = "same"
) -> Picture:
    """Every place of a window that walks along a line, and what it finds there."""
    before, after, count = walk(steps, kernel_size, strides, padding)
    figure, axes = drawing(columns=22, rows=11.8, width=8.4)
    left = 8.2
    cells(axes, [[0] * before], left - before, 1.4, PAPER)
    cells(axes, [list(range(1, steps + 1))], left, 1.4, PALE_BLUE)
    cells(axes, [[0] * after], left + steps, 1.4, PAPER)
    write(axes, 0.2, 1.9, "steps", ha="left", weight="bold")
    write(axes, 0.2, 3.2, "windows", ha="left", weight="bold")
    seen: set[int] = set()
    for window in range(count):
        start, y = window * strides - before, 3.2 + 0.85 * window
        seen.update(range(start, start + kernel_size))
        ends = left + start + 0.15, left + start + kernel_size - 0.15
        axes.plot(ends, (y, y), color=BLUE, lw=5)
        write(axes, left + start + kernel_size + 0.5, y, str(window + 1), fontsize=11)
    unseen = [step for step in range(steps) if step not in seen]
    for step in unseen:
        outline(axes, left + step, 1.4, 1, 1, RED)
    said = (
        f'{steps} steps, kernel_size={kernel_size}, strides={strides}, padding="{padding}": '
        f"{count} windows; zeros: {before} before, {after} after; steps not seen: {len(unseen)}"
    )
    write(axes, 0.2, 0.5, said, fontsize=11, ha="left")
    return Picture(
        figure,
        f"A line of numbered steps, with a bar below it for each place of the window. {said}.",
    )


def walk(steps: int, kernel_size: int, strides: int, padding: str) -> tuple[int, int, int]:
    """Zeros before, zeros after, and how many windows there are: as Keras counts them."""
    if padding == "valid":
        return 0, 0, max((steps - kernel_size) // strides + 1, 0)
    count = -(-steps // strides)
    if padding == "causal":
        return kernel_size - 1, 0, count
    zeros = max((count - 1) * strides + kernel_size - steps, 0)
    return zeros // 2, zeros - zeros // 2, count


def draw_channels() -> Picture:
    """A window with three channels, two filters, two numbers out; the count of the parameters."""
    figure, axes = drawing(columns=24, rows=11.4, width=9.4)
    write(axes, 3.6, 0.5, "inputs", fontsize=13, weight="bold")
    write(axes, 3.6, 1.15, "(batch, 4, 5, 3)", fontsize=11, color=FAINT)
    write(axes, 12.4, 0.5, "kernel", fontsize=13, weight="bold")
    write(axes, 12.4, 1.15, "(2, 3, 3, 2)", fontsize=11, color=FAINT)
    write(axes, 20.6, 0.5, "outputs", fontsize=13, weight="bold")
    write(axes, 20.6, 1.15, "(batch, 3, 3, 2)", fontsize=11, color=FAINT)
    _stack(axes, 0.9, 4, 4, 5, (PALE_ORANGE, PALE_GREEN, PALE_BLUE))
    outline(axes, 1.9, 5, 3, 2, RED)
    for filter_, top in (0, 2.3), (1, 6.6):
        _stack(axes, 10.6, top + 1.1, 2, 3, (PALE_ORANGE, PALE_GREEN, PALE_BLUE))
        write(axes, 10.1, top + 2.1, f"filter {filter_}", ha="right", fontsize=11)
        arrow(axes, (15.4, top + 1.8), (18.4, 5.6 + 0.4 * filter_))
    arrow(axes, (7.6, 5.5), (8.1, 4.6))
    arrow(axes, (7.6, 6.5), (8.1, 8.2))
    _stack(axes, 19, 4.3, 3, 3, ("#ece7f5", "#e3e8ea"))
    outline(axes, 20, 5.3, 1, 1, RED)
    count = "2 · 3 · 3 weights for each of 2 filters, and 2 biases: 36 + 2 = 38"
    write(axes, 12, 10.8, count, fontsize=13)
    return Picture(
        figure,
        "A picture of 4 x 5 places with three channels, drawn as three sheets. Each of two filters "
        "is a stack of three sheets of 2 x 3 weights, one for each channel, and gives one of the "
        f"two sheets of outputs, 3 x 3. {count}.",
    )


CHANNELS = np.array(
    [
        [[1, 2, 0, 1], [0, 1, 3, 1], [2, 0, 1, 2]],
        [[3, 0, 1, 2], [1, 2, 0, 1], [0, 1, 2, 0]],
    ]
)
TABLES = np.array([[[1, 0, -1], [2, 1, 0]], [[-1, 1, 0], [0, -1, 2]]])
"""Two channels of 3 x 4 numbers, and a filter: a table of 2 x 3 weights for each of them."""


def draw_partial_sums(place: int = 0) -> Picture:
    """One filter over two channels: a partial sum for each channel, then one total."""
    row, column = divmod(place, 2)
    windows = CHANNELS[:, row : row + 2, column : column + 3]
    parts = [int(np.sum(window * table)) for window, table in zip(windows, TABLES, strict=True)]
    bias = 1
    figure, axes = drawing(columns=23, rows=9.8, width=9.6)
    for x, name in ((2.7, "inputs"), (9.3, "one filter"), (15.2, "partial sums"), (20.6, "output")):
        write(axes, x, 0.5, name, fontsize=13, weight="bold")
    for channel, (tint, part) in enumerate(zip((PALE_ORANGE, PALE_BLUE), parts, strict=True)):
        top = 1.6 + 4.4 * channel
        cells(axes, CHANNELS[channel], 0.7, top, tint)
        outline(axes, 0.7 + column, top + row, 3, 2, RED)
        write(axes, 2.7, top + 3.5, f"channel {channel}", fontsize=11, color=FAINT)
        write(axes, 6.3, top + 1.5, "·", fontsize=22)
        cells(axes, TABLES[channel], 7.8, top + 0.5, tint)
        write(axes, 9.3, top + 3.0, f"its table for channel {channel}", fontsize=11, color=FAINT)
        write(axes, 12.4, top + 1.5, "=", fontsize=18)
        cells(axes, [[part]], 14.7, top + 1, tint)
        arrow(axes, (15.9, top + 1.5), (19.8, 5.0 + 0.4 * channel))
    cells(axes, [[sum(parts) + bias]], 20.1, 4.7, PALE_GREEN)
    outline(axes, 20.1, 4.7, 1, 1, RED)
    first, second = (f"({part})" if part < 0 else str(part) for part in parts)
    total = f"{first} + {second} + {bias} = {sum(parts) + bias}"
    write(axes, 20.4, 6.5, total.replace("-", "−"), fontsize=12)
    write(axes, 20.4, 7.2, f"the bias is {bias}", fontsize=11, color=FAINT)
    return Picture(
        figure,
        f"Two channels of 3 x 4 numbers. A filter has a table of 2 x 3 weights for each channel. "
        f"With the window at row {row}, column {column}, channel 0 gives the partial sum "
        f"{parts[0]} and channel 1 gives {parts[1]}. Both and the bias of {bias} are added: one "
        f"number, {sum(parts) + bias}, comes out.",
    )


def draw_groups() -> Picture:
    """Four channels and six filters, in one group and in two."""
    figure, axes = drawing(columns=22, rows=9.6, width=9)
    for groups, left in (1, 1.2), (2, 12.4):
        write(axes, left + 4.3, 0.5, f"groups={groups}", weight="bold", family="monospace")
        for channel in range(4):
            for filter_ in range(6):
                if channel // (4 // groups) == filter_ // (6 // groups):
                    color = (BLUE, ORANGE)[channel // (4 // groups)]
                    axes.plot(
                        (left + 1, left + 7.6),
                        (2.6 + 1.5 * channel, 2.1 + 1.2 * filter_),
                        color=color,
                        lw=1.4,
                    )
        for channel in range(4):
            _dot(axes, left + 1, 2.6 + 1.5 * channel, PALE_BLUE, str(channel))
        for filter_ in range(6):
            _dot(axes, left + 7.6, 2.1 + 1.2 * filter_, PALE_GREEN, str(filter_))
        weights = 24 // groups
        write(axes, left + 4.3, 9.1, f"{weights} lines: weights at each place", fontsize=11)
        write(axes, left + 1, 1.3, "channels", fontsize=11, color=FAINT)
        write(axes, left + 7.6, 1.3, "filters", fontsize=11, color=FAINT)
    return Picture(
        figure,
        "Four channels on the left, six filters on the right. With groups=1 every filter is joined "
        "to every channel by a line: 24 weights at each place of the kernel. With groups=2 filters "
        "0, 1 and 2 are joined to channels 0 and 1 only, filters 3, 4 and 5 to channels 2 and 3 "
        "only: 12 weights at each place.",
    )


def draw_block() -> Picture:
    """A block of four slices, and a window of two slices that can move in three directions."""
    figure, axes = drawing(columns=20.6, rows=11, width=8.4)
    for depth in reversed(range(4)):
        left, top = 0.8 + 2.6 * depth, 6.4 - 1.6 * depth
        inside = depth in (0, 1)
        for row in range(4):
            for column in range(5):
                hit = inside and row < 2 and column > 1
                color = PALE_BLUE if hit else PAPER
                corner = (left + column, top + row)
                axes.add_patch(Rectangle(corner, 1, 1, facecolor=color, edgecolor=INK, lw=0.9))
        if inside:  # not by outline(), which would draw it before the slices in front
            frame = Rectangle((left + 2, top), 3, 2, fill=False, edgecolor=RED, lw=3.5)
            axes.add_patch(frame)
        write(axes, left + 5.2, top + 3.6, f"slice {depth}", ha="left", fontsize=10.5)
    for (start, end), name in (
        (((15.6, 8), (17, 7.1)), "deep"),
        (((15.6, 8), (15.6, 10)), "down"),
        (((15.6, 8), (18, 8)), "across"),
    ):
        arrow(axes, start, end)
        dx, dy = end[0] - start[0], end[1] - start[1]
        write(axes, end[0] + 0.15 * dx + 0.3, end[1] + 0.12 * dy, name, ha="left", fontsize=11)
    write(axes, 5.4, 0.5, "kernel_size=(2, 2, 3): deep, down, across", fontsize=12, weight="bold")
    return Picture(
        figure,
        "A block of four slices of 4 x 5 numbers, drawn one behind the other. The window of size "
        "(2, 2, 3) covers two rows and three columns on the first two slices. It can move in three "
        "directions: deep, down and across.",
    )


def _done(axes: Axes, outputs: np.ndarray, place: int, left: float, top: float) -> None:
    """The outputs up to this place, the newest framed; the others are still empty."""
    for at, value in enumerate(outputs.ravel()):
        row, column = divmod(at, outputs.shape[1])
        fill = PALE_GREEN if at <= place else PAPER
        cells(axes, [[value if at <= place else ""]], left + column, top + row, fill)
    row, column = divmod(place, outputs.shape[1])
    outline(axes, left + column, top + row, 1, 1, RED)


def _sum(window: np.ndarray, kernel: np.ndarray) -> str:
    pairs = zip(window.ravel(), kernel.ravel(), strict=True)
    terms = " + ".join(f"{x}·({w})" if w < 0 else f"{x}·{w}" for x, w in pairs)
    return f"{terms} = {(window * kernel).sum()}".replace("-", "−")


def _reach(axes: Axes, left: float, top: float, rate: int, color: str, level: int) -> None:
    """A bracket under a window of three, with a tooth for each entry."""
    y = top + 1.25 + 0.55 * level
    axes.plot((left + 0.5, left + 2 * rate + 0.5), (y, y), color=color, lw=3)
    for entry in range(3):
        x = left + entry * rate + 0.5
        axes.plot((x, x), (top + 1.05, y), color=color, lw=3 if level == 0 else 2.2)


def _stack(
    axes: Axes, left: float, top: float, rows: int, columns: int, tints: tuple[str, ...]
) -> None:
    """Sheets one behind the other, the first in front."""
    for sheet in reversed(range(len(tints))):
        x, y = left + 0.45 * sheet, top - 0.45 * sheet
        for row in range(rows):
            for column in range(columns):
                corner = (x + column, y + row)
                axes.add_patch(
                    Rectangle(corner, 1, 1, facecolor=tints[sheet], edgecolor=INK, lw=0.9)
                )


def _dot(axes: Axes, x: float, y: float, color: str, text: str) -> None:
    axes.add_patch(Circle((x, y), 0.48, facecolor=color, edgecolor=INK, lw=1.2, zorder=3))
    write(axes, x, y, text, fontsize=11, zorder=4)
