"""A written answer as a bag of pieces: three words that follow each other, in any letters."""

from __future__ import annotations

import re
from collections.abc import Iterator

from grader.likeness.pieces import Piece

WORDS = 3
_WORD = re.compile(r"\w+")


def phrases(text: str) -> list[Piece]:
    """All phrases of three words, with the lines on which they stand."""
    words = list(_words(text))
    return [
        Piece(" ".join(word for word, _ in some), WORDS, some[0][1], some[-1][1])
        for some in (words[place : place + WORDS] for place in range(len(words) - WORDS + 1))
    ]


def _words(text: str) -> Iterator[tuple[str, int]]:
    for number, line in enumerate(text.split("\n"), 1):
        for word in _WORD.findall(line):
            yield word.casefold(), number
