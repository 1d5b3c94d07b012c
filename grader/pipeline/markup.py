"""Text that a student wrote, made harmless: formgrader shows it in the instructor's own browser.

A script in a text cell would run there with the instructor's rights and could write any grade.
"""

from __future__ import annotations

import re

from nbformat.notebooknode import NotebookNode

_PLAIN = (
    *("b", "i", "u", "em", "strong", "s", "sub", "sup", "small", "kbd", "code", "pre", "br", "hr"),
    *("p", "ul", "ol", "li", "blockquote", "details", "summary", "h1", "h2", "h3", "h4", "h5"),
    *("table", "thead", "tbody", "tr", "th", "td"),
)
"""Elements that stay, if they have no attribute."""
_TAG = re.compile(rf"<(?=[A-Za-z/!?])(?!/?(?:{'|'.join(_PLAIN)})\s*/?>)", re.IGNORECASE)
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_PICTURES = ("image/png", "image/jpeg", "image/gif")


def make_harmless(cell: NotebookNode) -> bool:
    """Take from a text cell what a browser could run; whether there was anything."""
    if cell.cell_type == "raw":
        active = bool(_TAG.search(cell.source))
        cell.metadata["raw_mimetype"] = "text/plain"  # no page shows it
        return active
    if cell.cell_type != "markdown":
        return False
    before = (cell.source, cell.pop("attachments", {}))
    cell.source = _TAG.sub("&lt;", cell.source)
    attachments = {name: _pictures(files) for name, files in before[1].items()}
    if attachments:
        cell.attachments = NotebookNode(attachments)
    return before != (cell.source, attachments)


def _pictures(files: dict[str, str]) -> NotebookNode:
    return NotebookNode(
        {
            kind: data
            for kind, data in files.items()
            if kind in _PICTURES and isinstance(data, str) and _BASE64.fullmatch(data)
        }
    )
