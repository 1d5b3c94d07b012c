"""`progress`: every exercise of the course, done, tried or untouched, as the cards say.

Nothing is kept for it. What counts is the cards in the saved notebooks, and those that this kernel
has shown since.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.check import SHOWN, put_on_page
from grader.exercises.catalogue import CATALOGUE

DONE, TRIED, UNTOUCHED = "done", "tried", "untouched"
MARKS = {DONE: "✓", TRIED: "◐", UNTOUCHED: "○"}
_EDGES = {DONE: "2px solid #2e8b57", TRIED: "2px dashed #d55e00", UNTOUCHED: "1px dotted #8a8a8a"}
_FILLS = {DONE: "rgba(46,139,87,.22)", TRIED: "rgba(213,94,0,.14)", UNTOUCHED: "transparent"}
_CHIP = (
    "display:inline-block;margin:.12em .3em .12em 0;padding:0 .5em;border-radius:4px;"
    "line-height:1.6;font-size:90%;border:{edge};background:{fill}"
)
_BOX = "border:1px solid #8a8a8a;border-radius:6px;padding:.7em 1em;margin:.4em 0;max-width:64em"
_TABLE = (
    "width:100%;margin:.4em 0;border:0;border-collapse:collapse;"
    "table-layout:auto;font-size:inherit;color:inherit"
)
_CELL = "padding:.15em 1em .15em 0;border:0;text-align:left;vertical-align:top"
_SHORT = f"{_CELL};width:1%;white-space:nowrap"
_HEADLINE = re.compile(r"(\w+): (?:(all right)|(not (?:attempted|mended) yet)|\d+ of \d+ right)")
_DAMAGED = (OSError, ValueError, LookupError, TypeError, AttributeError)
_STUB = "YOUR ANSWER HERE"
_NOTE = "From the cards in your saved notebooks, and from those shown in this one since then."


@dataclass(frozen=True)
class Progress:
    """The state of each exercise, by unit and name; `unread` are notebooks that are damaged."""

    units: Mapping[str, Mapping[str, str]]
    unread: tuple[str, ...] = ()

    def count(self, state: str) -> int:
        """How many exercises are in this state."""
        return sum(list(states.values()).count(state) for states in self.units.values())

    @property
    def headline(self) -> str:
        """The whole of it in one line."""
        most = sum(map(len, self.units.values()))
        rest = ", ".join(f"{self.count(state)} {state}" for state in (TRIED, UNTOUCHED))
        return f"Progress: {self.count(DONE)} of {most} done, {rest}"

    def __str__(self) -> str:
        lines = [self.headline]
        for unit, states in self.units.items():
            lines.append(f"  {_title(unit)}: {_share(states)}")
            for state in MARKS:
                names = ", ".join(name for name, is_ in states.items() if is_ == state)
                lines += [f"    {MARKS[state]} {state:<10} {names}"] if names else []
        return "\n".join([*lines, *self._notes()])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        legend = " · ".join(f"{mark} {state}" for state, mark in MARKS.items())
        rows = "".join(_row(unit, states) for unit, states in self.units.items())
        notes = "<br>".join(html.escape(note) for note in self._notes())
        return (
            f'<div style="{_BOX}" role="group" aria-label="{self.headline}">'
            f"<div><b>{self.headline}</b> ({legend})</div>"
            f'<table style="{_TABLE}">{rows}</table>'
            f'<div style="font-size:90%">{notes}</div></div>'
        )

    def _notes(self) -> list[str]:
        return [
            _NOTE,
            *(f"{path} cannot be read, so its cards are left out." for path in self.unread),
        ]


def progress(folder: str | Path | None = None) -> None:
    """Show the state of each exercise of the course: done, tried or untouched.

    `folder` holds the folders of the units; by default it is looked for around the one in which the
    notebook runs. An exercise is done where its last card says "all right", and a written answer
    where there is one. A unit that is not there is untouched.
    """
    here = Path.cwd()
    put_on_page(survey([Path(folder)] if folder is not None else [here.parent, here], SHOWN))


def survey(folders: Sequence[Path], shown: Mapping[str, str]) -> Progress:
    """What the notebooks in these folders say; `shown` are newer headlines, by exercise."""
    units: dict[str, dict[str, str]] = {}
    for name, exercise in CATALOGUE.items():
        units.setdefault(exercise.unit, {})[name] = UNTOUCHED
    unread = []
    for unit, states in units.items():
        paths = (folder / unit / f"{unit}.ipynb" for folder in folders)
        path = next((path for path in paths if path.is_file()), None)
        try:
            found = _read(path) if path else {}
        except _DAMAGED:
            unread.append(str(path))
            continue
        states.update(found)
    for headline in shown.values():
        for name, state in _judged(headline):
            units[CATALOGUE[name].unit][name] = state
    return Progress(dict(sorted(units.items())), tuple(unread))


def _read(path: Path) -> dict[str, str]:
    """The states that a notebook file tells of. If it is damaged, it raises one of `_DAMAGED`."""
    states: dict[str, str] = {}
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        states.update(_written(cell))
        for output in cell.get("outputs", ()):
            states.update(_judged(_text(output.get("data", {}).get("text/plain", ""))))
    return states


def _judged(text: str) -> Iterator[tuple[str, str]]:
    """The exercise and its state, if the text is that of a card."""
    match = _HEADLINE.match(text)
    if match and match[1] in CATALOGUE:
        yield match[1], DONE if match[2] else UNTOUCHED if match[3] else TRIED


def _written(cell: Mapping[str, Any]) -> dict[str, str]:
    """The state of a question whose answer is text, if the cell is one."""
    meta = cell["metadata"].get("nbgrader", {})
    if cell["cell_type"] != "markdown" or not (meta.get("grade") and meta.get("solution")):
        return {}
    answer = _text(cell["source"]).strip()
    return {f"written: {meta['grade_id']}": UNTOUCHED if _STUB in answer or not answer else DONE}


def _text(lines: Any) -> str:
    """Text, which a notebook file may hold as a list of lines."""
    return lines if isinstance(lines, str) else "".join(lines)


def _title(unit: str) -> str:
    number, _, name = unit.partition("-")
    return f"{number} {name.replace('-', ' ')}"


def _share(states: Mapping[str, str]) -> str:
    return f"{list(states.values()).count(DONE)} of {len(states)}"


def _row(unit: str, states: Mapping[str, str]) -> str:
    chips = "".join(_chip(name, state) for name, state in states.items())
    return (
        f'<tr style="background:transparent"><td style="{_SHORT}">{html.escape(_title(unit))}</td>'
        f'<td style="{_SHORT}">{_share(states)}</td><td style="{_CELL}">{chips}</td></tr>'
    )


def _chip(name: str, state: str) -> str:
    style = _CHIP.format(edge=_EDGES[state], fill=_FILLS[state])
    return (
        f'<span role="img" aria-label="{html.escape(name)}: {state}" style="{style}">'
        f"{MARKS[state]} {html.escape(name)}</span> "
    )
