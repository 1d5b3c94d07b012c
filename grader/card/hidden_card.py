"""What a hidden card may say: the verdicts, and words that the visible card has said already.

A student's code chooses in which line it fails, what its attributes are called, which message it
earns: each choice could hold a value of a hidden case. So nothing on a hidden card is chosen by
what a hidden case has found, except for the verdict on each aspect.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from grader.bench.probe import SAID
from grader.card.finding import Finding
from grader.card.report import Report

_KILLED = SAID["Killed"]
"""That is the machine's doing: it may be said, as no code of a student's can choose it."""
_WRONG = "Wrong on a hidden case."
_ONLY_HERE = "Right on the visible cases, wrong on a hidden one: try other sizes and arguments."
_STOPPED = (
    "Not judged on a hidden case: the code stopped there (an exception, a limit or something that "
    "is not allowed), or its weights have another form than Keras's."
)


def hidden_card(report: Report, shown: Sequence[Report]) -> Report:
    """The hidden report as students may see it beside the visible ones of the same exercise.

    It depends on nothing but `shown` and the verdicts of the hidden report.
    """
    findings = tuple(_said(finding, shown) for finding in report.findings)
    alike = [one for one in shown if _verdicts(one) == _verdicts(report)]
    return replace(
        report,
        findings=findings,
        attempted=any(one.attempted for one in shown) if shown else report.attempted,
        crash=next((one.crash for one in alike if one.crash), ""),
        diagnosis=None,
        given=next((one.given for one in shown if one.given), None),
    )


def _verdicts(report: Report) -> list[tuple[str, bool | None]]:
    return [(finding.aspect, finding.passed) for finding in report.findings]


def _said(finding: Finding, shown: Sequence[Report]) -> Finding:
    return replace(finding, message=_message(finding, shown), evidence=None)


def _message(finding: Finding, shown: Sequence[Report]) -> str:
    if finding.message == _KILLED:
        return _KILLED
    if finding.passed:
        return ""
    before = [other for one in shown for other in one.findings if other.aspect == finding.aspect]
    for other in before:
        if other.passed == finding.passed and other.message:
            return f"On hidden cases too. On the visible ones: {other.message}"
    if finding.passed is None:
        return _STOPPED
    return _ONLY_HERE if before and all(other.passed for other in before) else _WRONG
