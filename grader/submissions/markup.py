"""Text that a student wrote, made harmless: formgrader shows it in the instructor's own browser.

A script in a text cell would run there with the instructor's rights and could write any grade.
"""

from __future__ import annotations

import html
import re
from urllib.parse import unquote

from nbformat.notebooknode import NotebookNode

_PLAIN = (
    *("b", "i", "u", "em", "strong", "s", "sub", "sup", "small", "kbd", "code", "pre", "br", "hr"),
    *("p", "ul", "ol", "li", "blockquote", "details", "summary", "h1", "h2", "h3", "h4", "h5"),
    *("table", "thead", "tbody", "tr", "th", "td"),
)
"""Elements that stay, if they have no attribute."""
_TAG = re.compile(rf"<(?=[A-Za-z/!?])(?!/?(?:{'|'.join(_PLAIN)})\s*/?>)", re.IGNORECASE)
_ATTACHED = re.compile(r"attachment:([^)\s]*)", re.IGNORECASE)
_SCRIPT = re.compile(r"(?:java|vb)script:|data:text", re.IGNORECASE)
_NUMBER = re.compile(r"&#0*(\d{1,8})\d*", re.ASCII)
"""A character by its number. Any number of 8 digits is too high, and so is what begins with it."""
_BASE64 = re.compile(r"[A-Za-z0-9+/=\s]*")
_PICTURES = ("image/png", "image/jpeg", "image/gif")


def make_harmless(cell: NotebookNode) -> bool:
    """Take from a text cell what a browser could run; whether there was anything.

    Such a text is shown as it was typed, as a block of code: no tag is cut out of it, and none is
    looked for in vain.
    """
    if cell.cell_type == "raw":
        cell.metadata["raw_mimetype"] = "text/plain"  # no page shows it
        return is_active(cell.source)
    if cell.cell_type != "markdown":
        return False
    given = cell.pop("attachments", {})
    attachments = {name: _pictures(files) for name, files in given.items() if _pictures(files)}
    if attachments:
        cell.attachments = NotebookNode(attachments)
    # nbconvert gives the whole page up for one picture that is not there.
    cell.source = _ATTACHED.sub(lambda m: m[0] if m[1] in attachments else "missing:", cell.source)
    active = is_active(cell.source)
    if active:
        cell.source = "\n".join(f"    {line}" for line in cell.source.split("\n"))
    return active


def is_active(source: str) -> bool:
    """Whether a browser would do more with this text than show it."""
    # Python refuses to read a number of thousands of digits.
    plain = html.unescape(_NUMBER.sub(r"&#\1", source))
    address = re.sub(r"[\\\s\0-\x1f]", "", unquote(plain))
    return bool(_TAG.search(source) or _SCRIPT.search(address))


def _pictures(files: dict[str, str]) -> NotebookNode:
    return NotebookNode(
        {
            kind: data
            for kind, data in files.items()
            if kind in _PICTURES and isinstance(data, str) and _BASE64.fullmatch(data)
        }
    )
