"""Values of the output at inference, with the same weights as the reference.

Where there are several, as a cell gives its output and its states, the first one that differs is
shown. The fact `parts` gives their names, in the order in which they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, ask, leaves, same, shapes
from grader.bench.probe import Answer


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = expected[0].value, actual[0].value
    if same(want, got, trial.tolerance):
        return None
    if shapes(want) != shapes(got):
        return Verdict("The output cannot be right: its shape differs.", want, got)
    if _has_nan(got):
        return Verdict("The output holds NaN or infinity.", want, got)
    says = "The values differ from Keras's, with the same weights."
    return _first_part(trial, leaves(want), leaves(got), says) or Verdict(
        says, want, got, by_weights=True
    )


def _first_part(trial: Trial, want: Sequence[Any], got: Sequence[Any], says: str) -> Verdict | None:
    """The first part that differs, and which ones do, where there is more than one."""
    names = trial.case.facts.get("parts") or [f"output {i}" for i in range(len(want))]
    rows = [
        (name, w, g)
        for name, w, g in zip(names, want, got, strict=True)
        if not same(w, g, trial.tolerance)
    ]
    if len(want) < 2 or not rows:
        return None
    wrong = " and ".join(name for name, *_ in rows)
    right = " and ".join(name for name in names if name not in [row[0] for row in rows])
    found = f"Wrong: {wrong}." + (f" Right: {right}." if right else "")
    return Verdict(f"{says} {found}", *rows[0][1:], by_weights=True)


def _has_nan(value: Any) -> bool:
    return not all(np.all(np.isfinite(leaf)) for leaf in leaves(value))


output = Aspect("output", lambda case: (ask(case, "call"),), _judge)
