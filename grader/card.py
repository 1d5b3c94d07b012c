"""A report as an HTML card: readable in light and dark, without scripts, without colour too."""

from __future__ import annotations

import html
from collections.abc import Sequence

from grader.finding import WORDS, Diagnosis, Finding, describe, told_once
from grader.picture import picture

_MARKS = {True: "✓", False: "✗", None: "–"}
_COLOURS = {True: "#2e8b57", False: "#d1495b", None: "#8a8a8a"}
_BOX = (
    "border:1px solid #8888;border-left:5px solid {colour};border-radius:6px;"
    "padding:.6em .9em;margin:.4em 0;max-width:56em;line-height:1.45"
)


def card(
    headline: str, findings: Sequence[Finding], crash: str, diagnosis: Diagnosis | None
) -> str:
    """The card: headline, a row for each aspect, the evidence, and the idea behind it."""
    verdict: bool | None = all(finding.passed for finding in findings)
    if not verdict and all(finding.passed is None for finding in findings) and not crash:
        verdict = None
    parts = [
        f'<div style="{_BOX.format(colour=_COLOURS[verdict])}" role="group" '
        f'aria-label="{_text(headline)}">',
        f"<div><b>{_text(headline)}</b></div>",
        _table(findings),
    ]
    if crash:
        parts.append(f"<div><b>What stopped it:</b> <code>{_text(crash)}</code></div>")
    parts += _evidence(findings)
    if diagnosis:
        parts.append(
            f"<div><b>The idea behind it:</b> {_text(diagnosis.says)}</div>"
            f"<div><b>Hint:</b> {_text(diagnosis.hint)}</div>"
        )
    return "".join([*parts, "</div>"])


def _table(findings: Sequence[Finding]) -> str:
    rows = "".join(_row(finding) for finding in findings)
    return f'<table style="margin:.4em 0;border-collapse:collapse">{rows}</table>'


def _row(finding: Finding) -> str:
    cell = 'style="text-align:left;padding:.1em 1em .1em 0;vertical-align:top"'
    mark = (
        f'<span style="color:{_COLOURS[finding.passed]};font-weight:bold">'
        f"{_MARKS[finding.passed]}</span> {WORDS[finding.passed]}"
    )
    return (
        f"<tr><td {cell}>{mark}</td><td {cell}>{_text(finding.aspect)}</td>"
        f"<td {cell}>{_text(finding.message)}</td></tr>"
    )


def _evidence(findings: Sequence[Finding]) -> list[str]:
    """What was tried, what was expected and what came back."""
    parts = []
    for aspect, evidence in told_once(findings):
        lines = "\n".join(describe(evidence))
        parts.append(
            f"<details open><summary>{_text(aspect)}</summary>"
            f'<pre style="margin:.2em 0;white-space:pre-wrap">{_text(lines)}</pre>'
            f"{picture(evidence.expected, evidence.actual)}</details>"
        )
    return parts


def _text(value: str) -> str:
    return html.escape(value)
