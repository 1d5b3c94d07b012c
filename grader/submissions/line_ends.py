"""Line ends of other systems and programs, as the one kind that the rest knows."""

from __future__ import annotations

import re

_LF_CR = re.compile(r"[^\r\n]*(?:\n\r[^\r\n]*)+\n?")
"""A text in which all lines end in these two. Elsewhere they are an empty line, of two kinds."""


def plain_ends(text: str) -> str:
    r"""The text with \n as its line ends: for \r\n, \r\r\n (that, written twice), \r and \n\r."""
    if "\r" not in text:
        return text
    if _LF_CR.fullmatch(text):
        return text.replace("\n\r", "\n")
    return re.sub(r"\r+\n|\r", "\n", text)
