"""Pictures for the unit "A network that sees"."""

from __future__ import annotations

from matplotlib.axes import Axes

from grader.pictures.flow import box, flow
from grader.pictures.show import (
    BLUE,
    FAINT,
    PALE_BLUE,
    PALE_GREEN,
    PALE_ORANGE,
    PAPER,
    Picture,
    drawing,
    write,
)

_BLOCKS = (("block 0", "strides 1", "4,672"), ("block 1", "strides 2", "14,528"),
           ("block 2", "strides 2", "57,728"))  # fmt: skip
_SHAPES = ("8 × 8 × 1", "8 × 8 × 16", "8 × 8 × 16", "4 × 4 × 32", "2 × 2 × 64", "64", "10")


def draw_network() -> Picture:
    """The whole network from left to right: shapes on the arrows, parameters below."""
    figure, axes = drawing(columns=34, rows=8, width=11.4)
    y = 3.6
    write(axes, 1.1, y, "picture", fontsize=11.5)
    _part(axes, 5.7, "stem", "conv, norm, relu", "176", PALE_GREEN)
    for number, (name, strides, count) in enumerate(_BLOCKS):
        x = 11.2 + 5.1 * number
        _part(axes, x, name, strides, count, PALE_ORANGE)
        around = ((x - 1.9, y), (x - 1.9, 1.9), (x + 1.9, 1.9), (x + 1.9, y))
        flow(axes, *around, color=BLUE, lw=1.8, head=False)
    _part(axes, 26.2, "pooling", "mean", "0", PAPER)
    _part(axes, 30.9, "head", "Dense", "650", PALE_BLUE)
    starts = (2.1, 7.1, 12.6, 17.7, 22.8, 27.6, 32.3)
    ends = (4.3, 9.8, 14.9, 20.0, 24.8, 29.5, 33.5)
    for start, end, shape in zip(starts, ends, _SHAPES, strict=True):
        flow(axes, (start, y), (end, y))
        write(axes, (start + end) / 2, 1.0, shape, fontsize=10.5, weight="bold")
        flow(axes, ((start + end) / 2, 1.4), ((start + end) / 2, y - 0.15), color=FAINT, head=False)
    write(axes, 1.6, 6.9, "parameters:", fontsize=10.5, color=FAINT)
    return Picture(
        figure,
        "The network from left to right, with the shape of one picture on each arrow. A picture of "
        "8 by 8 by 1 enters the stem, a convolution with a normalization and relu, and becomes 8 "
        "by 8 by 16. Block 0 with strides of 1 keeps the shape. Block 1 with strides of 2 makes 4 "
        "by 4 by 32, block 2 with strides of 2 makes 2 by 2 by 64. Around each block runs a "
        "shortcut. Pooling takes the mean of each channel: 64 numbers. The head, a Dense layer, "
        "makes 10 logits. Trainable parameters: stem 176, block 0 4,672, block 1 14,528, block 2 "
        "57,728, pooling 0, head 650.",
    )


def _part(axes: Axes, x: float, name: str, under: str, count: str, tint: str) -> None:
    box(axes, x, 3.6, name, tint, wide=2.8)
    write(axes, x, 5.1, under, fontsize=10)
    write(axes, x, 6.9, count, fontsize=10.5, color=FAINT)
