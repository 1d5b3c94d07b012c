"""What comes out of each part of a model, one after the other: the first that differs is named.

The fact `stages` holds their names, in the order in which the model's method `stages` gives them.
"""

from __future__ import annotations

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, same, shapes
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return (Step("stages", {"inputs": case.inputs}),)


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    names, want, got = trial.case.facts["stages"], expected[0].value, actual[0].value
    if not isinstance(got, list) or len(got) != len(names):
        count = len(got) if isinstance(got, list) else 1
        return Verdict(f"stages() gives {count} stages, not {len(names)}: {', '.join(names)}.")
    rows = list(zip(names, want, got, strict=True))
    for number, (name, w, g) in enumerate(rows):
        if same(w, g, trial.tolerance):
            continue
        before = f", all before it are right ({', '.join(names[:number])})" if number else ""
        if shapes(w) != shapes(g):
            return Verdict(f"The first stage that differs: {name}, by its shape{before}.", w, g)
        says = f"The first stage that differs: {name}{before}."
        told = ", ".join(f"{n} {_gap(e, a)}" for n, e, a in rows)
        return Verdict(says, w, g, by_weights=True, openly=f"{says} Largest differences: {told}.")
    return None


def _gap(want: np.ndarray, got: np.ndarray) -> str:
    """The largest difference, shortly."""
    if np.shape(want) != np.shape(got):
        return "another shape"
    return f"{np.max(np.abs(np.asarray(want, 'float64') - got)):.2g}"


stages = Aspect("stages", _steps, _judge)
