"""A small picture of a wrong output: expected, yours, and the difference, cell by cell."""

from __future__ import annotations

import base64
import html
from typing import Any

import numpy as np

_CELL = 16
_MOST = 24
"""Rows and columns that are drawn at the most."""
_LABELS = ("expected", "yours", "difference")


def picture(expected: Any, actual: Any) -> str:
    """An `<img>` with alt text; empty where the two are not arrays of one shape."""
    if not (isinstance(expected, np.ndarray) and isinstance(actual, np.ndarray)):
        return ""
    if expected.shape != actual.shape or not expected.ndim or expected.dtype.kind not in "fiu":
        return ""
    with np.errstate(all="ignore"):
        panels = [_grid(part) for part in (expected, actual, actual - expected)]
    svg = _svg(panels)
    alt = _alt(*panels)
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<img alt="{html.escape(alt)}" style="max-width:100%" '
        f'src="data:image/svg+xml;base64,{data}">'
    )


def _grid(array: np.ndarray) -> np.ndarray:
    """The first sample as rows and columns: further axes are laid side by side."""
    sample = array if array.ndim <= 2 else array[0]
    rows = sample.reshape(sample.shape[0] if sample.ndim > 1 else 1, -1)
    return np.asarray(rows[:_MOST, :_MOST], dtype="float64")


def _svg(panels: list[np.ndarray]) -> str:
    rows, columns = panels[0].shape
    width, gap, top = columns * _CELL, 28, 20
    finite = [np.abs(panel[np.isfinite(panel)]) for panel in panels]
    scale = max((float(part.max()) for part in finite if part.size), default=1.0) or 1.0
    total = max(3 * width + 2 * gap, 3 * 80) + 4
    step = max(width + gap, 82)
    shapes = [f'<rect width="{total}" height="{rows * _CELL + top + 4}" rx="4" fill="#ffffff"/>']
    for index, panel in enumerate(panels):
        left = 2 + index * step
        shapes.append(f'<text x="{left}" y="14" fill="#222">{_LABELS[index]}</text>')
        for row, column in np.ndindex(rows, columns):
            x, y = left + column * _CELL, top + row * _CELL
            shapes.append(_cell(x, y, float(panel[row, column]), scale))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{total}" '
        f'height="{rows * _CELL + top + 4}" font-family="sans-serif" font-size="12">'
        f"{''.join(shapes)}</svg>"
    )


def _cell(x: int, y: int, value: float, scale: float) -> str:
    """Blue above zero, orange below, a cross where there is no number."""
    if not np.isfinite(value):
        return f'<text x="{x + 4}" y="{y + 12}" fill="#d1495b">×</text>'
    strength = min(abs(value) / scale, 1.0)
    high = (33, 102, 172) if value >= 0 else (202, 97, 10)
    red, green, blue = (round(246 + (end - 246) * strength) for end in high)
    return (
        f'<rect x="{x}" y="{y}" width="{_CELL - 1}" height="{_CELL - 1}" '
        f'fill="rgb({red},{green},{blue})"/>'
    )


def _alt(expected: np.ndarray, actual: np.ndarray, difference: np.ndarray) -> str:
    wrong = int(np.sum(~np.isclose(expected, actual, rtol=1e-4, atol=1e-6)))
    finite = np.abs(difference[np.isfinite(difference)])
    largest = f", the largest difference is {finite.max():.3g}" if finite.size else ""
    return (
        f"Heat maps of the first values: expected, yours and the difference. "
        f"{wrong} of {expected.size} differ{largest}."
    )
