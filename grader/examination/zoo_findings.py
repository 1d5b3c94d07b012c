"""What a student's test is worth: how many of a zoo's right layers pass, how many wrong ones fail.

Three rules, as the exercise's text says them. Letting through counts if every right layer passes
and at least half of the wrong ones are caught; else always True would earn it. Catching counts by
its share, if every right layer passes; else always False would earn it.
"""

from __future__ import annotations

from collections.abc import Sequence

from grader.bench.probe import Fault
from grader.card.finding import Finding
from grader.examination.attempt import Attempt
from grader.exercises.exercise import Exercise

_LEAST = 0.5
"""The share of wrong layers that must be caught, before it counts that right ones pass."""


def zoo_findings(
    exercise: Exercise, attempts: Sequence[Attempt], *, hidden: bool
) -> tuple[Finding, ...]:
    """A finding for `lets_through`, and one for `catches`; no word of a hidden layer.

    Where the machine ended the test's process, nothing is said of the test: it was not asked.
    """
    if killed := _killed(attempts):
        through, catches = (
            Finding(name, None, exercise.aspects[name], killed)
            for name in ("lets_through", "catches")
        )
        return through, catches
    passed, right = _counted("lets_through", attempts)
    caught, wrong = _counted("catches", attempts)
    all_pass = passed == right
    worth = exercise.aspects
    through = Finding(
        "lets_through",
        all_pass if caught >= _LEAST * wrong or not all_pass else None,
        worth["lets_through"],
        _on_right(passed, right, caught, wrong),
    )
    said = [f"{caught} of {wrong} wrong layers are caught."]
    if not all_pass:
        said.append("They count only if every right layer is let through.")
    if not hidden and (slipped := _slipped(exercise, attempts)):
        said.append(slipped)
    catches = Finding(
        "catches",
        (caught == wrong) if all_pass else False,
        worth["catches"],
        " ".join(said),
        share=caught / wrong if all_pass else 0.0,
        share_for="For those caught",
    )
    return through, catches


def _killed(attempts: Sequence[Attempt]) -> str:
    """What is said where the machine ended the process; empty where it did not."""
    faults = (v for a in attempts for v in a.verdicts.values() if isinstance(v, Fault))
    return next((fault.says for fault in faults if fault.type == "Killed"), "")


def _counted(aspect: str, attempts: Sequence[Attempt]) -> tuple[int, int]:
    """How many attempts are right in an aspect, and how many there are."""
    seen = [a.verdicts[aspect] for a in attempts if aspect in a.verdicts]
    return seen.count(None), len(seen)


def _on_right(passed: int, right: int, caught: int, wrong: int) -> str:
    said = f"{passed} of {right} right layers are let through."
    if passed == right and caught < _LEAST * wrong:
        return f"{said} That counts only if at least half of the wrong ones are caught."
    return said


def _slipped(exercise: Exercise, attempts: Sequence[Attempt]) -> str:
    """A sentence on the first wrong layer that was not caught."""
    for found in attempts:
        if "catches" not in found.failed:
            continue
        member = found.expected.case.facts["member"]
        says = member.idea.says
        if isinstance(found.verdicts["catches"], Fault):
            return f"Your test stopped on the layer of which a card would say: “{says}”"
        return f"One that slips through is the layer of which a card would say: “{says}”"
    return ""
