"""`hint`: the next rung of a ladder for the first aspect that fails now. Never the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from grader.card.finding import Finding, describe
from grader.card.report import Report
from grader.examination.examine import examine
from grader.sharing import KINDS, note_hint

WHERE_TO_LOOK = {
    "shape": "Write down the shape of the inputs, and below it the shape after each line of call.",
    "compute_output_shape": "It gets a shape with the batch axis (which may be None) and must "
    "return a shape: compare the two, entry by entry.",
    "parameters": "Which add_weight calls run, with which shapes, for these inputs?",
    "output": "Take one row of the smallest case that fails and compute it on paper. The card has "
    "the case as lines that you can run.",
    "distance": "Take the vector (1, 0, ..., 0) and call the layer on it at the places 0, 1 and 2: "
    "how long is each output, and what is the product of neighbours?",
    "gradient": "A gradient goes backwards through each step of call: which step stops it, or has "
    "another slope?",
    "in_pieces": "Call the layer on four tokens at once, then on one at a time, always with the "
    "cache of the call before: at which token do the outputs differ first?",
    "training": "Go through one training call: what is computed, what is stored for later, and "
    "what is different at inference?",
    "dropping": "Look at the values that are kept, then at the places of the zeros.",
    "built": "Keras calls build once, with the shape of the first inputs; super() does the rest.",
    "config": "Every argument of __init__ must be in get_config().",
    "dtype": "Look for a number or a cast that sets a fixed dtype.",
    "model": "Inside a model the batch size is not known, and your code cannot look at values.",
    "saving": "Only the config and the weights are saved: can the layer be made again from these "
    "two?",
    "loss": "Take one sample with two classes, and compute its loss on paper.",
    "d_logits": "Change one logit by 0.001: by how much does the loss change? Divide the two.",
    **{
        f"d_{name}": f"Change one number of {name} by 0.001: by how much does the sum of "
        "upstream * output change? Divide the two."
        for name in ("inputs", "kernel", "bias", "gamma", "beta")
    },
    "lets_through": "Try your test on Keras's own layer, and look at each number that it compares.",
    "catches": "Which arguments, inputs and weights does your test try? Write down a fault that "
    "none of them shows.",
    "loading": "Print the names in the file, and beside each the shape of the weight that gets it.",
    "stages": "All stages before the first that differs are right: the fault lies between these "
    "two. Write down what happens to the stream there.",
    "distribution": "Take three logits, such as 2, 1 and 0, and do it on paper.",
    "text": "Write down each call of the model: which tokens come in, and which logits are used?",
    "passes": "Print the number of tokens in each call of the model, and add them up.",
    "perplexity": "Print the loss of each epoch, and the perplexity on names that were kept back.",
    "prediction": "Try the smallest sizes you can think of, and count on your fingers.",
}
_STOPPED = "Your code stops before the end: read the line where it stops, and the error message."

_given: dict[tuple[str, str], int] = {}
"""Rungs given so far, by exercise and aspect: for the next call of `hint`, and nothing else."""


def hint(candidate: Callable[..., Any], exercise: str | None = None) -> None:
    """Print the next hint for what is wrong first; after the last rung, the first again."""
    report = examine(candidate, exercise)
    if report.passed:
        print(f"{report.exercise}: everything is right, so there is no hint.")
        return
    if not report.attempted and not report.given:
        first = report.findings[0].aspect
        print(f"{report.exercise} is not started yet. {WHERE_TO_LOOK.get(first, '')}")
        return
    failed = report.failed[0]
    rungs = ladder(report, failed)
    place = (report.exercise, failed.aspect)
    step = _given.get(place, 0) % len(rungs)
    _given[place] = step + 1
    more = "Call hint again for the next one." if step + 1 < len(rungs) else "That was the last."
    note_hint(report.exercise, failed.aspect, kind(report, step, len(rungs)))
    print(f"{report.exercise}, {failed.aspect}, hint {step + 1} of {len(rungs)}:")
    print(f"{rungs[step]}\n{more}")


def kind(report: Report, step: int, count: int) -> str:
    """What the rung of this number is, of so many: one of `KINDS`."""
    if (report.diagnosis or report.given) and step >= count - 2:
        return KINDS[3] if step == count - 1 else KINDS[2]
    return KINDS[0] if step == 0 else KINDS[1]


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
