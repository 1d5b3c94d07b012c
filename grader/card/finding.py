"""What an examination says of one aspect: plain records, and the evidence in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.bench.numerics import NUMPY

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
    """

    aspect: str
    passed: bool | None
    worth: float
    message: str = ""
    evidence: Evidence | None = None


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
        rows += [f"expected: {_short(evidence.expected)}", f"yours:    {_short(evidence.actual)}"]
    return rows


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
