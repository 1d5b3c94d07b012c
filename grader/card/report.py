"""What an examination found: a record that shows itself as text, as HTML and as points."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any

from grader.card.card import card
from grader.card.finding import WORDS, Diagnosis, Finding, describe, told_once

_GIVEN = (
    "The fault that this layer was given with is still in it. The rows below show where it comes "
    "out. Find it, mend it and run the check again."
)


@dataclass(frozen=True)
class Report:
    """The verdict on one exercise.

    `attempted` is False where the stub is untouched. `crash` is the student's own line where
    their code raised an exception. `note` is said above all: what makes the verdict uncertain.
    `lines` are Python, and run the smallest visible case that failed. A `whole` exercise earns all
    or nothing. `given` is the fault that a layer to be mended came with, where it is still there:
    it is no idea of the student's, and to find it is the exercise, so no card names it.
    """

    exercise: str
    findings: tuple[Finding, ...]
    attempted: bool = True
    hidden: bool = False
    crash: str = ""
    diagnosis: Diagnosis | None = None
    note: str = ""
    lines: str = ""
    whole: bool = False
    given: Diagnosis | None = None

    @property
    def score(self) -> float:
        """What is earned of all that it is worth, from 0 to 1."""
        total = sum(finding.worth for finding in self.findings)
        return sum(map(self._earned, self.findings)) / total if total else 0.0

    def _earned(self, finding: Finding) -> float:
        return 0.0 if self.whole and not self.passed else finding.earned

    @property
    def passed(self) -> bool:
        """Whether every aspect passed."""
        return bool(self.findings) and all(finding.passed for finding in self.findings)

    @property
    def failed(self) -> tuple[Finding, ...]:
        """What did not pass."""
        return tuple(finding for finding in self.findings if not finding.passed)

    def to_json(self) -> dict[str, Any]:
        """The verdict without the evidence, for files and gradebooks."""
        return {
            "exercise": self.exercise,
            "score": self.score,
            "attempted": self.attempted,
            "hidden": self.hidden,
            "crash": self.crash,
            "diagnosis": asdict(self.diagnosis) if self.diagnosis else None,
            "findings": [
                {
                    "aspect": f.aspect,
                    "passed": f.passed,
                    "worth": f.worth,
                    "earned": self._earned(f),
                    "message": f.message,
                }
                for f in self.findings
            ],
        }

    def __str__(self) -> str:
        return "\n".join(self._lines())

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return card(self.headline, self._shown, self.crash, self.diagnosis, self._told, self.lines)

    @property
    def _told(self) -> str:
        """What is said above all."""
        return " ".join(part for part in (self.note, _GIVEN if self.given else "") if part)

    @property
    def _shown(self) -> tuple[Finding, ...]:
        """The findings as a card may say them: which share is right on hidden cases is for the
        points alone."""
        if not (self.hidden or self.whole):
            return self.findings
        return tuple(replace(finding, share=0.0) for finding in self.findings)

    def _lines(self) -> list[str]:
        lines = [self.headline, *([f"  Note: {self._told}"] if self._told else [])]
        width = max((len(finding.aspect) for finding in self.findings), default=0)
        for finding in self._shown:
            line = f"  {WORDS[finding.passed]:<10} {finding.aspect:<{width}}  {finding.says}"
            lines.append(line.rstrip())
        for aspect, evidence in told_once(self.findings):
            lines += [f"  On {aspect}:", *(f"      {row}" for row in describe(evidence))]
        if self.crash:
            lines.append(f"  What stopped it: {self.crash}")
        if self.diagnosis:
            lines += [f"  Idea: {self.diagnosis.says}", f"  Hint: {self.diagnosis.hint}"]
        return lines

    @property
    def headline(self) -> str:
        """The verdict in one line."""
        where = " on the hidden cases" if self.hidden else ""
        if not self.attempted:
            return f"{self.exercise}: not {'mended' if self.given else 'attempted'} yet"
        if self.passed:
            return f"{self.exercise}: all right{where}"
        right = sum(bool(finding.passed) for finding in self.findings)
        return f"{self.exercise}: {right} of {len(self.findings)} right{where}"


def merge(reports: list[Report]) -> Report:
    """One report for several of one exercise: an aspect is right only if it is right in each, and
    earns what it earns where it earns least."""
    first = reports[0]
    findings = []
    for index, finding in enumerate(first.findings):
        same = [report.findings[index] for report in reports]
        failed = [other for other in same if not other.passed]
        share = min((other.share for other in failed), default=0.0)
        findings.append(replace(failed[0], share=share) if failed else finding)
    return Report(
        exercise=first.exercise,
        findings=tuple(findings),
        attempted=any(report.attempted for report in reports),
        crash=next((report.crash for report in reports if report.crash), ""),
        diagnosis=next((report.diagnosis for report in reports if report.diagnosis), None),
        whole=first.whole,
        given=next((report.given for report in reports if report.given), None),
    )
