"""Whether a model that is given weights by name has all of them afterwards, in whatever form.

The numbers in all weights of the model are sorted, and so are those that were given: a matrix may
be transposed, cut or joined to others. The fact `weights` holds the names and values.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.aspects.aspect import Aspect, Trial, Verdict, same
from grader.bench.probe import Answer, Step
from grader.exercises.exercise import Case


def _steps(case: Case) -> tuple[Step, ...]:
    return Step("load", {"weights": case.facts["weights"]}), Step("values")


def _judge(trial: Trial, expected: list[Answer], actual: list[Answer]) -> Verdict | None:
    want, got = _sorted(expected[1].value), _sorted(actual[1].value)
    if want.shape != got.shape:
        return Verdict(
            "The model has another number of weights than the file.", want.size, got.size
        )
    if same(want, got, trial.tolerance):
        return None
    return Verdict("After load, the weights of the model are not the numbers that were given.")


def _sorted(values: Any) -> np.ndarray:
    return np.sort(np.concatenate([np.ravel(value) for value in values] or [np.zeros(0)]))


loading = Aspect("loading", _steps, _judge)
