"""The page that shows which answers are alike: side by side, without a script."""

from __future__ import annotations

from collections.abc import Sequence

from grader.class_report.html_page import Cell, Raw, document, few, section, table, text
from grader.likeness.compare import Alike, Comparison, Pair, read_pieces
from grader.likeness.handed_in import OTHER

_SHOWN = 6
"""Exercises of a pair that are shown side by side."""
_BITS, _SHARE = 3.0, 0.1
"""Below these an exercise of a pair is not shown: one in eight pairs is as alike."""
_RARE = 0.1
"""What a piece must be worth for its lines to be marked."""
_LINES = 400
_STYLE = """
body { max-width: 84rem } .text { max-width: 60rem }
details { border-top: 1px solid var(--line); padding: .4rem 0 }
summary { cursor: pointer; font-weight: 600 } h3 { margin: 1rem 0 .2rem; font-size: 1rem }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: .8rem }
.two > div { min-width: 0 } .two p { margin: 0; font-size: .85rem }
pre { margin: .1rem 0 .6rem; font: .8rem/1.4 ui-monospace, monospace; overflow-x: auto;
  border: 1px solid var(--line); padding: .3rem }
pre mark { background: var(--mark); color: inherit }
@media print { pre { white-space: pre-wrap } }
"""
_MEANS = """
<p>Everybody writes the same layers, so most answers are alike. This page looks for pairs that are
more alike than others: that share things which few in this class have. What was handed out, the
model solution and what half of the class has do not count. Names, comments, line breaks and the
order of independent statements make no difference.</p>
<p>For each exercise, the number says how rare it is in this class that two answers are so alike: 1
means one pair in 2, 5 one pair in 32, 10 one in 1,024. The number of two students is the sum over
the exercises. <b>The line</b> is the number that one pair of this class would be expected to reach
if all had worked alone and if no two had the same habits. A pair above the line is worth reading,
and nothing more.</p>
<p><b>It accuses nobody.</b> Two who share a teacher, a book or a forum, who were allowed to work
together, or who have the same uncommon idea are alike, too, and among many pairs some are alike by
chance. Nor does it acquit: what was copied from a source that half of the class used is not seen.
Read both answers, and speak with the students before you decide anything.</p>
"""


def page(found: Comparison, unit: str) -> str:
    """The page of a unit's comparison."""
    title = f"{unit}: which answers are alike"
    shown = [_pair(found, pair, number) for number, pair in enumerate(found.pairs, 1)]
    single = [_pair(found, pair, 0) for pair in found.single]
    parts = [
        f"<h1>{text(title)}</h1>",
        '<p class="say">For instructors: this page contains names and answers.</p>',
        few(
            {
                "students": str(len(found.works)),
                "pairs": f"{found.compared:,}",
                "the median pair": f"{found.usual:.0f}",
                "the line": f"{found.line:.0f}",
                "above the line": str(found.above),
            }
        ),
        f'<section class="text"><h2>What the numbers mean</h2>{_MEANS}</section>',
        section("The pairs that are most alike", "", _table(found) or "<p>None is alike.</p>"),
        section("Side by side", _HOW, *shown) if shown else "",
        section("Alike in one answer only", _ALONE, *single) if single else "",
        _not_compared(found),
    ]
    return document(title, parts, _STYLE)


_HOW = (
    "Lines that begin with <b>=</b> hold something that both have and few others. Exercises in "
    f"which at least one pair in {2**_BITS:.0f} is as alike are not shown."
)
_ALONE = (
    "These pairs share most of one long answer. The number counts things that only two in the "
    "class have."
)


def _table(found: Comparison) -> str:
    rows: list[list[Cell]] = []
    for number, pair in enumerate(found.pairs, 1):
        above = "above" if pair.bits > found.line else "below"
        top = ", ".join(f"{one.cell} ({one.bits:.0f})" for one in _worth_showing(pair)[:3])
        rows.append([number, _names(found, pair), round(pair.bits, 1), above, top or "–"])
    head = ["", "students", "number", "the line", "most alike in"]
    return table(head, rows) if rows else ""


def _names(found: Comparison, pair: Pair) -> str:
    return " and ".join(found.works[place].shown for place in (pair.first, pair.second))


def _worth_showing(pair: Pair) -> list[Alike]:
    return [one for one in pair.exercises if one.bits >= _BITS and one.share >= _SHARE][:_SHOWN]


def _pair(found: Comparison, pair: Pair, number: int) -> str:
    """One pair: what is alike, side by side. `number` 0 stands for a pair that is alike in one."""
    alike = _worth_showing(pair) if number else list(pair.exercises)
    many = f"{number}. " if number else ""
    said = f"{pair.bits:.1f}" if number else f"{alike[0].cell}: {alike[0].worth:.0f}"
    head = f"{many}{_names(found, pair)}: {said}"
    inside = "".join(_exercise(found, pair, one) for one in alike)
    rest = [one.cell for one in pair.exercises if one not in alike]
    told = f"<p>Less alike: {text(', '.join(rest))}.</p>" if number and rest else ""
    return f"<details><summary>{text(head)}</summary>{inside}{told}</details>"


def _exercise(found: Comparison, pair: Pair, one: Alike) -> str:
    kind = found.cells[one.cell]
    works = [found.works[place] for place in (pair.first, pair.second)]
    sources = [work.answers.get(one.cell, "") for work in works]
    read = [read_pieces(source, kind)[0] for source in sources]
    rarity = found.rarity[one.cell]
    both = {piece.says for piece in read[0]} & {piece.says for piece in read[1]}
    rare = {says for says in both if rarity.get(says, 0.0) > _RARE}
    marked = [
        {n for piece in pieces if piece.says in rare for n in range(piece.first, piece.last + 1)}
        for pieces in read
    ]
    halves = "".join(
        f"<div><p>{text(work.shown)}</p>{_code(source, lines)}</div>"
        for work, source, lines in zip(works, sources, marked, strict=True)
    )
    where = "cells of their own" if one.cell == OTHER else one.cell
    says = f"{where}: one pair in {2**one.bits:,.0f} is as alike; {one.share:.0%} is shared"
    return f'<h3>{text(says)}</h3><div class="two">{halves}</div>'


def _code(source: str, marked: set[int]) -> Raw:
    lines = source.split("\n")
    shown = [_line(line, number in marked) for number, line in enumerate(lines[:_LINES], 1)]
    if len(lines) > _LINES:
        shown.append(f"... {len(lines) - _LINES} more lines")
    return Raw(f'<pre tabindex="0">{chr(10).join(shown)}</pre>')


def _line(line: str, marked: bool) -> str:
    plain = "".join(one if one.isprintable() or one == "\t" else "�" for one in line)[:500]
    return f"<mark>= {text(plain)}</mark>" if marked and plain.strip() else f"  {text(plain)}"


def _not_compared(found: Comparison) -> str:
    rows: Sequence[Sequence[Cell]] = [list(pair) for pair in found.told]
    return (
        section("Not compared, or not all of it", "", table(["who", "why"], rows)) if rows else ""
    )
