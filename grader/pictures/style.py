"""One style for every plot: Okabe and Ito's colours, and a map for signed values.

It is set when `grader.pictures` is imported, so a cell that draws names no colours to be in style.
"""

from __future__ import annotations

import matplotlib
from cycler import cycler
from matplotlib.colors import LinearSegmentedColormap

PAPER, INK, FAINT = "#fcfcfa", "#1d2733", "#68737f"
# Okabe and Ito's colours, which colour-blind readers can tell apart; each comes with a pale tint.
BLUE, ORANGE, GREEN, RED = "#0072b2", "#e69f00", "#009e73", "#d55e00"
PALE_BLUE, PALE_ORANGE, PALE_GREEN, PALE_RED = "#d3e6f3", "#fbe7c0", "#cdebe1", "#f8dccb"
PINK, SKY = "#cc79a7", "#56b4e9"

SIGNED = "signed"
"""The map for signed values: blue above zero, red-orange below, white at zero (vmin = -vmax)."""


def use_style() -> None:
    """Every plot from now on: these colours in this order, and `cmap="signed"`."""
    ends = ["#7a3600", RED, "white", BLUE, "#003a5c"]
    signed = LinearSegmentedColormap.from_list(
        SIGNED, list(zip((0, 0.2, 0.5, 0.8, 1), ends, strict=True))
    )
    matplotlib.colormaps.register(signed, force=True)
    matplotlib.rcParams.update(
        {
            "axes.prop_cycle": cycler(color=[BLUE, ORANGE, GREEN, RED, PINK, SKY]),
            "axes.facecolor": "white",
            "legend.frameon": False,
        }
    )
