"""One test cell, judged: its check calls answered by reports, and the reports as cell outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from grader.card.hidden_card import hidden_card
from grader.card.points import in_tenths
from grader.card.report import Report, merge
from grader.examination.examine import examine
from grader.exercises.catalogue import find
from grader.grading.check_calls import CheckCall
from grader.grading.grading_record import REPORT
from grader.sandbox.session import RemoteSubject, Session


class Judgement:
    """One test cell on its way: a report for each of its calls, in their order.

    The visible cases are put at once to the process whose outputs are shown, and the hidden ones
    to the same layers when nothing of it will be shown any more. A later cell may have changed what
    they rest on: where they fail in more than the visible ones, that report does not count, and
    the hidden cases go to a process in which only the cells up to this one have run.
    """

    def __init__(self, calls: Sequence[CheckCall], shown: Session, seed: int) -> None:
        self._calls = calls
        self._seed = seed
        self._found: dict[CheckCall, Report] = {}
        self._subjects: dict[tuple[str, str], RemoteSubject] = {}
        for call in calls:
            if not call.hidden:
                subject = _subject(call, shown)
                self._subjects[call.candidate, call.exercise] = subject
                self._found[call] = self._examine(call, subject)

    def ask_again(self) -> None:
        """Put the hidden cases to those that have answered the visible ones."""
        for call in self._calls:
            subject = self._subjects.get((call.candidate, call.exercise))
            if call.hidden and subject:
                report = self._examine(call, subject)
                if _adds_nothing(report, self._seen(call)):
                    self._found[call] = hidden_card(report, self._seen(call))

    @property
    def is_open(self) -> bool:
        """Whether hidden cases want a process of their own."""
        return any(call not in self._found for call in self._calls)

    def finish(self, unseen: Session) -> None:
        """Put the hidden cases that are left to the process that is not shown."""
        for call in self._calls:
            if call not in self._found:
                report = self._examine(call, _subject(call, unseen))
                self._found[call] = hidden_card(report, self._seen(call))

    def outputs(self, points: float) -> list[dict[str, Any]]:
        """What the cell shows, for so many points."""
        return outputs(self.reports, points)

    @property
    def reports(self) -> list[Report]:
        """One for each call."""
        return [self._found[call] for call in self._calls]

    def _seen(self, call: CheckCall) -> list[Report]:
        """The visible reports of the same exercise."""
        name = find(call.exercise).name
        return [r for r in self._found.values() if r.exercise == name and not r.hidden]

    def _examine(self, call: CheckCall, subject: RemoteSubject) -> Report:
        return examine(
            subject,
            call.exercise,
            hidden=call.hidden,
            seed=self._seed if call.hidden else 0,
            named=call.hidden,  # which idea fits is a word about a hidden case: it is not said
        )


def _subject(call: CheckCall, session: Session) -> RemoteSubject:
    return session.subject(call.candidate, find(call.exercise).forbid)


def _adds_nothing(report: Report, seen: Sequence[Report]) -> bool:
    """Whether it finds nothing wrong but what was seen to be wrong before, and as much of it."""
    known: dict[str, float] = {}
    for finding in (finding for one in seen for finding in one.failed):
        known[finding.aspect] = min(finding.share, known.get(finding.aspect, 1.0))
    attempted = any(one.attempted for one in seen)
    return report.attempted == attempted and all(
        f.aspect in known and f.share >= known[f.aspect] for f in report.failed
    )


def score(reports: Sequence[Report]) -> float:
    """From 0 to 1: an aspect earns what it earns in the report where that is least."""
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
    earned = in_tenths(points * score(reports), points)
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
