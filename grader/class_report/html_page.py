"""A page of one file, without a script and without a network, readable on paper and in the dark."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence

_STYLE = """
:root { color-scheme: light dark;
  --ink: #1d2733; --paper: #fcfcfa; --line: #c9ced4; --link: #0b5c8f; --mark: #f3e3d3 }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6e9ec; --paper: #16191d; --line: #474e56; --link: #7fc4f0;
    --mark: #4a3524 }
}
body { color: var(--ink); background: var(--paper); font: 16px/1.5 system-ui, sans-serif;
  max-width: 60rem; margin: 0 auto; padding: 1.5rem }
h1 { line-height: 1.2; margin: 0 } h2 { margin: 2.2rem 0 .4rem; break-after: avoid }
a { color: var(--link) }
dl.few { display: flex; flex-wrap: wrap; gap: .5rem 2.2rem; margin: 1.2rem 0 }
dl.few dt { font-size: .85rem } dl.few dd { margin: 0; font-size: 1.5rem; font-weight: 600 }
table { border-collapse: collapse; margin: .6rem 0; font-size: .92rem; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .2rem .8rem .2rem 0;
  border-bottom: 1px solid var(--line) }
th.n, td.n { text-align: right; font-variant-numeric: tabular-nums }
thead th { vertical-align: bottom }
th:first-child, td:first-child { white-space: nowrap } th.n, td.n { padding-right: 1.6rem }
tr, figure { break-inside: avoid } .keep { white-space: nowrap }
.wide { overflow-x: auto } tbody th { font-weight: 400 } small { display: block }
table.grid { width: auto; font-size: .85rem } table.grid thead th { text-align: right }
table.grid td { text-align: right; white-space: nowrap; padding: .15rem .5rem }
table.grid th { padding: .15rem .5rem .15rem 0; white-space: nowrap }
table.grid tbody th, table.grid thead th:first-child { position: sticky; left: 0; text-align: left;
  background: var(--paper) }
table.grid td.mark { background: var(--mark) } svg.bar { width: 8rem; height: .7rem }
figure { margin: .6rem 0 }
figure svg { width: 46rem; max-width: 100%; height: auto }
.say { font-size: .92rem; margin: .3rem 0 }
@media print {
  :root { color-scheme: light; --ink: #000; --paper: #fff; --line: #999; --link: #000;
    --mark: #eee }
  body { font-size: 10pt; max-width: none; padding: 0 }
  .wide { overflow: visible } /* else no page break within it */
}
"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
Cell = str | int | float


class Raw(str):
    """Text that is HTML already."""


def document(title: str, parts: Iterable[str], style: str = "") -> str:
    """The page. The policy in it keeps a browser from whatever could slip in. `style` is more CSS
    for this page."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        f"<title>{text(title)}</title><style>{_STYLE}{style}</style></head>\n<body>\n"
        + "\n".join(part for part in parts if part)
        + "\n</body></html>\n"
    )


def section(title: str, says: str, *parts: str) -> str:
    """A heading, what is to be said (HTML), and the parts below it."""
    told = f'<p class="say">{says}</p>' if says else ""
    return f"<section><h2>{title}</h2>{told}{''.join(parts)}</section>"


def figure(svg: str) -> str:
    """A picture."""
    return f"<figure>{svg}</figure>"


def table(head: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """A table; a column of numbers is set to the right."""
    rows = [list(row) for row in rows]
    numbers = [all(isinstance(row[i], int | float) for row in rows) for i in range(len(head))]
    top = "".join(_cell("th", name, n) for name, n in zip(head, numbers, strict=True))
    body = "".join(
        f"<tr>{''.join(_cell('td', x, n) for x, n in zip(row, numbers, strict=True))}</tr>"
        for row in rows
    )
    whole = f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
    return f'<div class="wide">{whole}</div>'


def grid(head: Sequence[Cell], rows: Iterable[tuple[Cell, Sequence[tuple[Cell, bool]]]]) -> str:
    """A wide table of short cells, whose first column stays in sight. A row has a heading, and
    cells of which some are marked; what the mark means, the cell says in words."""
    top = "".join(f'<th scope="col">{_shown(name)}</th>' for name in head)
    body = "".join(
        f'<tr><th scope="row">{_shown(who)}</th>{"".join(_marked(*cell) for cell in cells)}</tr>'
        for who, cells in rows
    )
    whole = f'<table class="grid"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'
    return f'<div class="wide" tabindex="0">{whole}</div>'


def _marked(value: Cell, mark: bool) -> str:
    return f'<td class="mark">{_shown(value)}</td>' if mark else f"<td>{_shown(value)}</td>"


def few(told: Mapping[str, str]) -> str:
    """Some numbers that stand large at the top, each with what it is."""
    rows = "".join(f"<div><dt>{text(k)}</dt><dd>{text(v)}</dd></div>" for k, v in told.items())
    return f'<dl class="few">{rows}</dl>'


def keep(value: str) -> Raw:
    """A date or a number, in which no line is broken."""
    return Raw(f'<span class="keep">{text(value)}</span>')


def bar(share: float) -> Raw:
    """A bar for a share from 0 to 1, beside its number: a screen reader passes over it."""
    width = 100 * min(max(share, 0.0), 1.0)
    return Raw(
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect x=".5" y=".5" width="99" height="9" fill="none" stroke="currentColor" '
        'stroke-width=".5"/>'
        f'<rect width="{width:.1f}" height="10" fill="#0072b2"/></svg>'
    )


def _cell(tag: str, value: Cell, number: bool) -> str:
    start = f'{tag} class="n"' if number else tag
    return f"<{start}>{_shown(value)}</{tag}>"


def _shown(value: Cell) -> str:
    if isinstance(value, Raw):
        return value
    return f"{value:g}" if isinstance(value, float) else text(str(value))


def text(value: str) -> str:
    """Plain text as HTML."""
    return html.escape(value)
