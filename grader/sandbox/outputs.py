"""Outputs that a student's process sends, made fit for a notebook: nothing in them is believed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

_PLAIN = ("text/plain", "image/png", "image/jpeg")
"""What is kept of a display. HTML and SVG are not: an instructor's browser would run them."""
_MOST_OUTPUTS = 200
_MOST_LINES = 200
"""Of a traceback: the first and the last of them are kept."""
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_VERDICTS = frozenset(["error", "execute_result"])
TRUNCATED = "[further outputs were dropped: the limit for one cell is reached]\n"
_CUT = {"output_type": "stream", "name": "stdout", "text": TRUNCATED}


def clean(outputs: Any, most: int) -> list[dict[str, Any]]:
    """Well-formed outputs of about `most` characters in all.

    The first error and the first result stay, shortened, after whatever flood: nbgrader gives
    full marks where it sees neither.
    """
    kept: list[dict[str, Any]] = []
    left, cut = most, False
    for output in outputs if isinstance(outputs, list) else []:
        made = _one(output) if isinstance(output, dict) else None
        if made is None:
            continue
        if cut or len(kept) >= _MOST_OUTPUTS or _size(made) > left:
            kept += [] if cut else [*_begin(made, left), _CUT]
            cut = True
            if made["output_type"] not in _VERDICTS - {other["output_type"] for other in kept}:
                continue
            made = _shortened(made, most // 4)
        left -= _size(made)
        kept.append(made)
    return kept


def _one(output: dict[str, Any]) -> dict[str, Any] | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _text(output.get("text"))}
    if kind == "error":
        return {
            "output_type": "error",
            "ename": _text(output.get("ename")),
            "evalue": _text(output.get("evalue")),
            "traceback": [_text(line) for line in _ends(output.get("traceback"))],
        }
    if kind in ("display_data", "execute_result"):
        return _display(str(kind), output.get("data"))
    return None


def _ends(lines: Any) -> list[Any]:
    lines = lines if isinstance(lines, list) else []
    half = _MOST_LINES // 2
    return lines if len(lines) <= _MOST_LINES else [*lines[:half], *lines[-half:]]


def _display(kind: str, data: Any) -> dict[str, Any]:
    given = data if isinstance(data, dict) else {}
    texts = {name: _text(given[name]) for name in _PLAIN if name in given}
    # A picture stands in the page as it is: anything else in it would be a part of the page.
    texts = {name: x for name, x in texts.items() if name == _PLAIN[0] or _BASE64.fullmatch(x)}
    output: dict[str, Any] = {"output_type": kind, "data": texts, "metadata": {}}
    if kind == "execute_result":
        output["execution_count"] = None
    return output


def _begin(output: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """The beginning of a text that is too long."""
    begin = output["text"][:most] if output["output_type"] == "stream" and most > 0 else ""
    return [{**output, "text": begin + "\n"}] if begin else []


def _shortened(output: dict[str, Any], most: int) -> dict[str, Any]:
    if output["output_type"] == "execute_result":
        return {**output, "data": {"text/plain": output["data"].get("text/plain", "")[:most]}}
    short = {name: output[name][:most] for name in ("ename", "evalue")}
    return {**output, **short, "traceback": [": ".join(short.values())]}


def _text(value: Any) -> str:
    """The text without the control characters that a browser or a terminal may act on."""
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text if c in "\n\t\x1b" or c.isprintable())


def size(outputs: Iterable[dict[str, Any]]) -> int:
    """Characters of cleaned outputs in all."""
    return sum(map(_size, outputs))


def _size(output: dict[str, Any]) -> int:
    if output["output_type"] == "stream":
        return len(output["text"])
    if output["output_type"] == "error":
        lines = sum(max(len(line), 1) for line in output["traceback"])
        return len(output["ename"]) + len(output["evalue"]) + lines
    return sum(map(len, output["data"].values()))
