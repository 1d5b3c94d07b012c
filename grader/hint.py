"""`hint`: the next rung of a ladder for the first aspect that fails now. Never the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.card.finding import Finding, describe
from grader.card.report import Report
from grader.examination.examine import examine

WHERE_TO_LOOK = {
    "shape": "Write down the shape of the inputs, and below it the shape after each line of call.",
    "compute_output_shape": "It gets a shape with the batch axis (which may be None) and must "
    "return one: compare both, entry by entry.",
    "parameters": "Which add_weight calls run, with which shapes, for these inputs?",
    "output": "Take the smallest case that fails, one row of it, and do the sum on paper. "
    "The card holds it as lines that you can run.",
    "gradient": "A gradient follows each step of call backwards: which step breaks the way, or "
    "has another slope?",
    "training": "Follow one training call: what is computed, what is kept for later, and what "
    "changes at inference?",
    "dropping": "Look at the values that were kept, then at the places of the zeros.",
    "built": "Keras calls build once, with the shape of the first inputs; super() does the rest.",
    "config": "Everything that __init__ was told must come back from get_config().",
    "dtype": "Look for a number or a cast that fixes a dtype by hand.",
    "model": "Inside a model the batch size is not known and values cannot be looked at.",
    "saving": "What is saved is the config and the weights: is the layer whole with only these?",
    "prediction": "Try the smallest sizes you can think of, and count on your fingers.",
}
_STOPPED = "Your code does not get to the end: read the line that it stops at, and what it says."

_given: dict[tuple[str, str], int] = {}
"""Rungs given so far, by exercise and aspect: for the next call of `hint`, and nothing else."""


def hint(candidate: Callable[..., Any], exercise: str | None = None) -> None:
    """Print the next hint for what is wrong first; after the last rung, the first again."""
    report = examine(candidate, exercise)
    if report.passed:
        print(f"{report.exercise}: nothing is wrong, so there is nothing to hint at.")
        return
    if not report.attempted and not report.given:
        first = report.findings[0].aspect
        print(f"{report.exercise} is not begun yet. {WHERE_TO_LOOK.get(first, '')}")
        return
    failed = report.failed[0]
    rungs = ladder(report, failed)
    place = (report.exercise, failed.aspect)
    step = _given.get(place, 0) % len(rungs)
    _given[place] = step + 1
    more = "Call hint again for the next one." if step + 1 < len(rungs) else "That was the last."
    print(f"{report.exercise}, {failed.aspect}, hint {step + 1} of {len(rungs)}:")
    print(f"{rungs[step]}\n{more}")


def ladder(report: Report, failed: Finding) -> list[str]:
    """Where to look; the case to try by hand; the idea behind it, if it has a name."""
    if report.crash:
        rungs = [_STOPPED, f"It stopped at {report.crash}"]
    else:
        rungs = [WHERE_TO_LOOK.get(failed.aspect, failed.message)]
    if failed.evidence:
        rungs.append("The smallest case that fails:\n" + "\n".join(describe(failed.evidence)))
    if idea := report.diagnosis or report.given:
        rungs += [idea.hint, idea.says]
    return rungs
