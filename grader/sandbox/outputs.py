"""Outputs that a student's process sends, made fit for a notebook: nothing in them is believed."""

from __future__ import annotations

from typing import Any

_PLAIN = ("text/plain", "image/png", "image/jpeg")
"""What is kept of a display. HTML and SVG are not: an instructor's browser would run them."""
_MOST_OUTPUTS = 200
TRUNCATED = "[further outputs were dropped: the limit for one cell is reached]\n"


def clean(outputs: Any, most: int) -> list[dict[str, Any]]:
    """Well-formed outputs of at most `most` characters in all."""
    kept: list[dict[str, Any]] = []
    for output in outputs if isinstance(outputs, list) else []:
        made = _one(output) if isinstance(output, dict) else None
        if made is None:
            continue
        most -= _size(made)
        if most < 0 or len(kept) >= _MOST_OUTPUTS:
            kept.append({"output_type": "stream", "name": "stdout", "text": TRUNCATED})
            break
        kept.append(made)
    return kept


def _one(output: dict[str, Any]) -> dict[str, Any] | None:
    kind = output.get("output_type")
    if kind == "stream":
        name = "stderr" if output.get("name") == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": _text(output.get("text"))}
    if kind == "error":
        lines = output.get("traceback")
        return {
            "output_type": "error",
            "ename": _text(output.get("ename")),
            "evalue": _text(output.get("evalue")),
            "traceback": [_text(line) for line in lines] if isinstance(lines, list) else [],
        }
    if kind in ("display_data", "execute_result"):
        return _display(str(kind), output.get("data"))
    return None


def _display(kind: str, data: Any) -> dict[str, Any]:
    given = data if isinstance(data, dict) else {}
    texts = {name: _text(given[name]) for name in _PLAIN if name in given}
    output: dict[str, Any] = {"output_type": kind, "data": texts, "metadata": {}}
    if kind == "execute_result":
        output["execution_count"] = None
    return output


def _text(value: Any) -> str:
    """The text without the control characters that a browser or a terminal may act on."""
    text = value if isinstance(value, str) else ""
    return "".join(c for c in text if c in "\n\t\x1b" or c.isprintable())


def _size(output: dict[str, Any]) -> int:
    if output["output_type"] == "stream":
        return len(output["text"])
    if output["output_type"] == "error":
        return len(output["evalue"]) + sum(map(len, output["traceback"]))
    return sum(map(len, output["data"].values()))
