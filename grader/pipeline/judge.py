"""One test cell, judged: its check calls answered by reports, and the reports as cell outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.catalogue import find
from grader.examine import examine
from grader.pipeline.checkcalls import CheckCall
from grader.pipeline.kept import REPORT
from grader.report import Report, merge
from grader.sandbox.session import Session


def judge(calls: Sequence[CheckCall], shown: Session, unseen: Session, seed: int) -> list[Report]:
    """One report for each call; the hidden ones draw their cases from `seed`.

    Hidden cases go to the session whose outputs nobody sees, and never to the other one.
    """
    reports: list[Report] = []
    for call in calls:
        exercise = find(call.exercise)
        session, drawn_from = (unseen, seed) if call.hidden else (shown, 0)
        report = examine(
            session.subject(call.candidate, exercise.forbid),
            exercise,
            hidden=call.hidden,
            seed=drawn_from,
            named=any(r.diagnosis for r in reports if r.exercise == exercise.name),
        )
        reports.append(report)
    return reports


def score(reports: Sequence[Report]) -> float:
    """From 0 to 1: an aspect counts only if it is right in every report of its exercise."""
    merged = _by_exercise(reports)
    return sum(report.score for report in merged) / len(merged)


def outputs(reports: Sequence[Report], points: float) -> list[dict[str, Any]]:
    """The cards, and the points where nbgrader's `determine_grade` reads them."""
    # An untouched stub says so once, not again for the hidden cases.
    told = [report for report in reports if report.attempted or not report.hidden]
    cards = [
        _display({"text/plain": str(report), "text/html": report._repr_html_()})
        for report in told or reports[:1]
    ]
    merged = [report.to_json() for report in _by_exercise(reports)]
    cards[-1]["data"][REPORT] = merged
    earned = min(points, round(points * score(reports), 4))
    result = {
        "output_type": "execute_result",
        "execution_count": None,
        "data": {"text/plain": repr(earned)},
        "metadata": {},
    }
    return [*cards, result]


def _by_exercise(reports: Sequence[Report]) -> list[Report]:
    names = dict.fromkeys(report.exercise for report in reports)
    return [merge([r for r in reports if r.exercise == name]) for name in names]


def _display(data: dict[str, Any]) -> dict[str, Any]:
    return {"output_type": "display_data", "data": data, "metadata": {}}
