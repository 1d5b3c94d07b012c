"""What an examination says of one aspect: plain records, and the evidence in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.bench.numerics import NUMPY
from grader.card.points import in_tenths

WORDS: Mapping[bool | None, str] = {True: "right", False: "wrong", None: "not judged"}


@dataclass(frozen=True)
class Evidence:
    """The smallest case that failed: what was tried, what was expected and what came back."""

    case: str
    expected: Any = None
    actual: Any = None


@dataclass(frozen=True)
class Finding:
    """The verdict on one aspect.

    `passed` is None where the aspect could not be judged. `message` never holds a value of a
    case, so that it may be shown for hidden cases too; `evidence` does, and is dropped there.
    `share` is how much of its worth an aspect earns that did not pass, and `share_for` says for
    what: mostly it is the share of the kinds of cases in which the aspect is right.
    """

    aspect: str
    passed: bool | None
    worth: float
    message: str = ""
    evidence: Evidence | None = None
    share: float = 0.0
    share_for: str = "Right for some kinds of cases"

    @property
    def earned(self) -> float:
        """What it earns of its worth."""
        return self.worth if self.passed else in_tenths(self.worth * self.share, self.worth)

    @property
    def partly(self) -> str:
        """What is earned though it did not pass, in a sentence."""
        if self.passed or not self.share:
            return ""
        points = "point" if self.worth == 1 else "points"
        return f"{self.share_for}: {self.earned:.3g} of {self.worth:.3g} {points}."

    @property
    def says(self) -> str:
        """The message, and what is earned all the same."""
        return f"{self.message} {self.partly}".strip()


@dataclass(frozen=True)
class Diagnosis:
    """A wrong idea that explains all that was seen. `parts` are the two, where it is a pair."""

    name: str
    says: str
    hint: str
    parts: tuple[Diagnosis, ...] = ()


def describe(evidence: Evidence) -> list[str]:
    """The evidence in a few lines of plain text."""
    rows = [f"tried:    {evidence.case}"]
    if evidence.expected is not None or evidence.actual is not None:
        told = _short(evidence.expected), _short(evidence.actual)
        rows += [f"expected: {told[0]}", f"yours:    {told[1]}"]
        if told[0] == told[1]:
            rows += _first_difference(evidence.expected, evidence.actual)
    return rows


def _first_difference(expected: Any, actual: Any) -> list[str]:
    """Where two arrays differ most, which look the same as far as they are shown."""
    if not isinstance(expected, np.ndarray) or not isinstance(actual, np.ndarray):
        return []
    if expected.shape != actual.shape or expected.dtype.kind not in "biuf" or not expected.size:
        return []
    with np.errstate(all="ignore"):
        apart = np.abs(actual.astype("float64") - expected.astype("float64"))
        apart[(actual == expected) | (np.isnan(actual) & np.isnan(expected))] = 0
    place = np.unravel_index(np.argmax(np.nan_to_num(apart, nan=np.inf)), apart.shape)
    where = ", ".join(map(str, place))
    return [f"at [{where}]: expected {expected[place]:.7g}, yours {actual[place]:.7g}"]


def told_once(findings: Sequence[Finding]) -> list[tuple[str, Evidence]]:
    """Aspect and evidence of what failed, without the cases that an earlier aspect has shown.

    A case that stopped the layer, or gave a wrong shape, fails in several aspects at once.
    """
    told: dict[str, tuple[str, Evidence]] = {}
    for finding in findings:
        evidence = finding.evidence
        if finding.passed or evidence is None:
            continue
        key = "" if evidence.expected is None else evidence.case
        told.setdefault(key, (finding.aspect, evidence))
    return list(told.values())


def _short(value: Any) -> str:
    if isinstance(value, np.ndarray):
        with np.printoptions(**{**NUMPY, "precision": 3, "threshold": 12, "edgeitems": 2}):
            text = np.array2string(value, separator=", ")
        return f"{_cut(' '.join(text.split()))}, shape {value.shape}"
    return _cut(str(value))


def _cut(text: str) -> str:
    return text if len(text) <= 200 else text[:199] + "…"
