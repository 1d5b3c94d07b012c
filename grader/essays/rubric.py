"""The mark scheme that stands in a model answer: "(One point.)" behind what earns it."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NUMBERS = {"half a": 0.5, "one": 1.0, "two": 2.0, "three": 3.0, "four": 4.0, "five": 5.0}
_MARK = re.compile(
    rf"\(\s*(?P<points>{'|'.join(_NUMBERS)}|\d+(?:\.\d+)?)\s+points?\b[.,:]?\s*(?P<what>[^()]*)\)",
    re.IGNORECASE,
)
_LINE = re.compile(r"^[^\n]*\b(?:BEGIN|END) (?:SOLUTION|MARK SCHEME)\b[^\n]*\n?", re.MULTILINE)
_NUMBERED = re.compile(r"^(?=\d+\. )", re.MULTILINE)
_NUMBER = re.compile(r"^\d+\. ")
_PARAGRAPHS = re.compile(r"\n\s*\n")
_LITTLE = 40
_LONGEST = 400
"""Characters of an item: the whole is in the model answer."""


@dataclass(frozen=True)
class Item:
    """What earns points, in the author's words; Markdown."""

    points: float
    says: str


@dataclass(frozen=True)
class Rubric:
    """The items of a question that is worth `most` points."""

    items: tuple[Item, ...]
    most: float

    @property
    def is_whole(self) -> bool:
        """Whether the items give all points together."""
        return abs(sum(item.points for item in self.items) - self.most) < 1e-9


def plain_model(source: str) -> str:
    """The model answer without nbgrader's delimiters."""
    return _LINE.sub("", source).strip()


def read_rubric(source: str, most: float) -> Rubric:
    """The rubric in a model answer; one item for all points where it names none."""
    text = plain_model(source)
    items = tuple(item for part in _parts(text) for item in _items(part))
    return Rubric(items or (Item(most, "Right"),), most)


def _parts(text: str) -> list[str]:
    """Numbered answers, or else paragraphs."""
    parts = _NUMBERED.split(text)
    return parts if len(parts) > 1 else _PARAGRAPHS.split(text)


def _items(part: str) -> list[Item]:
    """What stands before each mark, or in it. Where that is little, as "No. (One point.) All ...",
    what follows says more."""
    marks = list(_MARK.finditer(part))
    items, end = [], 0
    for mark in marks:
        says = mark["what"].strip() or part[end : mark.start()].strip()
        if len(says) < _LITTLE and len(marks) == 1 and not mark["what"]:
            says = f"{says} {part[mark.end() :].strip()}"
        word = mark["points"].lower()
        items.append(Item(_NUMBERS.get(word) or float(word), _short(says)))
        end = mark.end()
    return items


def _short(says: str) -> str:
    words = _NUMBER.sub("", " ".join(says.split()))
    words = words[:1].upper() + words[1:]
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rsplit(' ', 1)[0]} ..."
