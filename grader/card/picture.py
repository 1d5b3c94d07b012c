"""A small picture of a wrong output: expected, yours, and the difference, cell by cell."""

from __future__ import annotations

import base64
import html
from typing import Any

import numpy as np

_PAPER, _INK = "#fcfcfa", "#1d2733"
_PALE, _BLUE, _ORANGE = (244, 244, 242), (0, 114, 178), (213, 94, 0)
_LABELS = ("expected", "yours", "difference")
_ROWS, _COLUMNS = 12, 24
"""How much is drawn at most."""
_FEW = 4
"""Up to so many columns the cells are wide enough to hold their numbers."""
_WIDEST = 750
"""Three panels wider than this, in pixels, stand one below the other."""
_GAP, _EDGE, _TOP = 20, 8, 26


def picture(expected: Any, actual: Any) -> str:
    """An `<img>` with alt text and a caption; empty where the two are not arrays of one shape."""
    if not (_is_drawable(expected) and _is_drawable(actual) and expected.shape == actual.shape):
        return ""
    want, got = expected.astype("float64"), actual.astype("float64")
    with np.errstate(all="ignore"):
        difference = np.where(_near(want, got), 0.0, got - want)
    index = _most_different(difference)
    entries = [_entry(part, index) for part in (want, got, difference)]
    said = " ".join((_told(difference), *_left_out(want.shape, index, entries[0].shape)))
    svg = _svg([entry[:_ROWS, :_COLUMNS] for entry in entries])
    data = base64.b64encode(svg.encode()).decode()
    return (
        f'<div><img alt="Heat maps of expected, yours and the difference. {html.escape(said)}" '
        f'style="max-width:100%;height:auto;margin:.3em 0 .1em;border:0" '
        f'src="data:image/svg+xml;base64,{data}"></div>'
        f'<div style="font-size:90%">{html.escape(said)} Blue is above zero, orange below.</div>'
    )


def _is_drawable(value: Any) -> bool:
    return (
        isinstance(value, np.ndarray) and value.ndim * value.size > 0 and value.dtype.kind in "fiub"
    )


def _near(want: np.ndarray, got: np.ndarray) -> np.ndarray:
    """Where the two differ by no more than rounding."""
    finite = np.abs(want[np.isfinite(want)])
    rounding = 1e-4 * max(float(finite.max(initial=0.0)), 1e-3)
    same = (np.abs(got - want) <= rounding) | (got == want) | (np.isnan(got) & np.isnan(want))
    return np.asarray(same)


def _most_different(difference: np.ndarray) -> int:
    """Which entry of the first axis is drawn where there are more axes than two."""
    if difference.ndim < 3:
        return 0
    return int(np.argmax(np.sum(difference != 0, axis=tuple(range(1, difference.ndim)))))


def _entry(array: np.ndarray, index: int) -> np.ndarray:
    """Rows and columns of one entry: further axes are laid side by side."""
    entry = array[index] if array.ndim > 2 else np.atleast_2d(array)
    return np.asarray(entry.reshape(len(entry), -1))


def _told(difference: np.ndarray) -> str:
    """How many values differ, and by how much."""
    wrong = difference[difference != 0]
    finite = np.abs(wrong[np.isfinite(wrong)])
    largest = f", by up to {finite.max():.3g}" if finite.size else ""
    return f"{wrong.size} of {difference.size} values differ{largest}."


def _left_out(shape: tuple[int, ...], index: int, entry: tuple[int, ...]) -> list[str]:
    """What is drawn, where it is not all."""
    said = [f"Drawn: sample {index} of {shape[0]}, counted from 0."] if len(shape) > 2 else []
    for what, length, most in zip(("rows", "columns"), entry, (_ROWS, _COLUMNS), strict=True):
        if length > most:
            said.append(f"Drawn: the first {most} of {length} {what}.")
    return said


def _svg(panels: list[np.ndarray]) -> str:
    """Panels side by side, or one below the other where they are wide."""
    rows, columns = panels[0].shape
    cell = (58, 22) if columns <= _FEW else (16, 16)
    width, height = max(columns * cell[0], 62), rows * cell[1] + _TOP
    beside = 3 * width + 2 * _GAP <= _WIDEST
    across, down = (width + _GAP, 0) if beside else (0, height + _GAP // 2)
    values = _scale(panels[:2])
    scales = (values, values, _scale(panels[2:]))
    drawn = "".join(
        f'<g transform="translate({_EDGE + i * across} {i * down})">'
        f'<text y="18" fill="{_INK}" font-size="13">{_LABELS[i]}</text>'
        f"{_cells(panel, cell, scales[i])}</g>"
        for i, panel in enumerate(panels)
    )
    size = (width + 2 * across + 2 * _EDGE, height + 2 * down + _EDGE)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{size[0]}" height="{size[1]}" '
        f'viewBox="0 0 {size[0]} {size[1]}" font-family="sans-serif" font-size="12">'
        f'<rect width="100%" height="100%" rx="4" fill="{_PAPER}"/>{drawn}</svg>'
    )


def _scale(panels: list[np.ndarray]) -> float:
    """The largest value that is a number, for the strongest colour."""
    finite = [np.abs(panel[np.isfinite(panel)]) for panel in panels]
    return float(max(part.max(initial=0.0) for part in finite)) or 1.0


def _cells(panel: np.ndarray, cell: tuple[int, int], scale: float) -> str:
    return "".join(
        _cell(column * cell[0], _TOP + row * cell[1], cell, float(value), scale)
        for (row, column), value in np.ndenumerate(panel)
    )


def _cell(x: int, y: int, cell: tuple[int, int], value: float, scale: float) -> str:
    """Blue above zero, orange below, a cross or the word where there is no number."""
    wide, high = cell
    strength = min(abs(value) / scale, 1.0) if np.isfinite(value) else 0.0
    ends = zip(_PALE, _BLUE if value >= 0 else _ORANGE, strict=True)
    colour = ",".join(str(round(pale + (end - pale) * strength)) for pale, end in ends)
    box = f'<rect x="{x}" y="{y}" width="{wide - 1}" height="{high - 1}" fill="rgb({colour})"/>'
    word = f"{value:.{3 if abs(value) >= 0.01 else 1}g}".replace("-", "−") if wide > high else ""
    if not np.isfinite(value):
        word = word or "×"
    if not word:
        return box
    ink = "#ffffff" if strength > 0.6 else _INK
    middle = f'x="{x + (wide - 1) / 2}" y="{y + high / 2 + 4}" text-anchor="middle"'
    return f'{box}<text {middle} fill="{ink}">{word}</text>'
