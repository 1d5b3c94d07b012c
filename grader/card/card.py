"""A report as an HTML card: readable in light and dark, without scripts, without colour too.

Every style is written on its element: JupyterLab and nbgrader's pages have rules of their own for
tables and code, and a notebook that is not trusted may bring no style sheet.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from grader.card.finding import WORDS, Diagnosis, Finding, describe, told_once
from grader.card.picture import picture

_MARKS = {True: "✓", False: "✗", None: "–"}
_COLOURS = {True: "#2e8b57", False: "#d1495b", None: "#8a8a8a"}
_BOX = (
    "border:1px solid #8a8a8a;border-left:5px solid {colour};border-radius:6px;"
    "padding:.7em 1em;margin:.4em 0;max-width:56em;line-height:1.5;overflow-wrap:anywhere"
)
_NOTE = "margin:.6em 0;padding:.4em .8em;border-radius:4px;background:rgba(128,128,128,.12)"
_TABLE = (
    "width:100%;margin:.4em 0;border:0;border-collapse:collapse;"
    "table-layout:auto;font-size:inherit;color:inherit"
)
_ROW = "background:transparent;border:0"
_CELL = "padding:.1em 1em .1em 0;border:0;text-align:left;vertical-align:top;line-height:1.5"
_SHORT = f"{_CELL};width:1%;white-space:nowrap"
_CODE = (
    "padding:0;border:0;background:transparent;color:inherit;font-size:93%;"
    "white-space:pre-wrap;word-break:normal;overflow-wrap:anywhere"
)


def card(
    headline: str,
    findings: Sequence[Finding],
    crash: str,
    diagnosis: Diagnosis | None,
    note: str = "",
    lines: str = "",
) -> str:
    """The card: headline, note, a row for each aspect, the idea behind it, the evidence, and lines
    that run the case."""
    verdict: bool | None = all(finding.passed for finding in findings)
    if not verdict and all(finding.passed is None for finding in findings) and not crash:
        verdict = None
    parts = [
        f'<div style="{_BOX.format(colour=_COLOURS[verdict])}" role="group" '
        f'aria-label="{_text(headline)}">',
        f"<div><b>{_text(headline)}</b></div>",
        f'<div style="{_NOTE}"><b>Note:</b> {_text(note)}</div>' if note else "",
        _table(findings),
    ]
    if crash:
        parts.append(_stopped(crash))
    if diagnosis:
        parts.append(
            f'<div style="{_NOTE}"><b>The idea behind it:</b> {_prose(diagnosis.says)}<br>'
            f"<b>Hint:</b> {_prose(diagnosis.hint)}</div>"
        )
    return "".join([*parts, *_evidence(findings), _to_run(lines), "</div>"])


def _table(findings: Sequence[Finding]) -> str:
    """A row for each aspect; what several in a row have in common is said once."""
    rows, said = [], ""
    for finding in findings:
        message = finding.partly if finding.message == said else finding.says
        rows.append(_row(finding, message))
        said = finding.message
    return f'<table style="{_TABLE}">{"".join(rows)}</table>'


def _row(finding: Finding, message: str) -> str:
    mark = (
        f'<span style="color:{_COLOURS[finding.passed]};font-weight:bold">'
        f"{_MARKS[finding.passed]}</span> {WORDS[finding.passed]}"
    )
    return (
        f'<tr style="{_ROW}"><td style="{_SHORT}">{mark}</td>'
        f'<td style="{_SHORT}">{_text(finding.aspect)}</td>'
        f'<td style="{_CELL}">{_prose(message)}</td></tr>'
    )


def _stopped(crash: str) -> str:
    """The student's own line and, below it, the exception."""
    lines = "<br>".join(
        f'<code style="{_CODE}">{_text(part)}</code>' for part in crash.split(" — ", 1)
    )
    return f'<div style="{_NOTE}"><b>What stopped it:</b><br>{lines}</div>'


def _evidence(findings: Sequence[Finding]) -> list[str]:
    """What was tried, what was expected and what came back."""
    parts = []
    for aspect, evidence in told_once(findings):
        rows = "".join(_told(line) for line in describe(evidence))
        parts.append(
            f'<details open style="margin:.6em 0 0"><summary>On <b>{_text(aspect)}</b></summary>'
            f'<table style="{_TABLE}">{rows}</table>'
            f"{picture(evidence.expected, evidence.actual)}</details>"
        )
    return parts


def _to_run(lines: str) -> str:
    """Lines of Python, folded."""
    if not lines:
        return ""
    code = f"{_CODE};white-space:pre;display:block;overflow-x:auto"
    return (
        '<details style="margin:.6em 0 0"><summary>The case as lines that you can run</summary>'
        f'<code style="{code}">{_text(lines)}</code></details>'
    )


def _told(line: str) -> str:
    """A line of the evidence, such as "yours:    (3, 4)"."""
    label, _, value = line.partition(":")
    return (
        f'<tr style="{_ROW}"><td style="{_SHORT}">{_text(label)}</td>'
        f'<td style="{_CELL}"><code style="{_CODE}">{_text(value.strip())}</code></td></tr>'
    )


def _text(value: str) -> str:
    return html.escape(value)


def _prose(value: str) -> str:
    """A sentence, in which `names` may stand between backticks."""
    return re.sub(r"`([^`]+)`", rf'<code style="{_CODE}">\1</code>', _text(value))
