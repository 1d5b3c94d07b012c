"""Whether a layer does anything at all: what stands around a computation counts only beside one.

A layer that gives zeros, or its inputs back, has the right shape and the right config, comes back
from a file as it was, and has understood nothing. It shows in the outputs: they are the same for
all samples, or are the inputs as they were. A case for which that is right tells nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.aspects.aspect import leaves
from grader.bench.probe import Answer
from grader.examination.attempt import Attempt
from grader.exercises.exercise import TERMS

COMPUTED = frozenset(
    {
        *("output", "mask", "distance", "gradient", "training", "dropping", "in_rnn"),
        *("in_pieces", "stages", "prediction", "distribution", "text", "accuracy", "perplexity"),
        *("lets_through", "catches", *TERMS),
    }
)
"""Aspects that judge what a layer computes. All others count only beside a layer that does."""
SAYS = (
    "This counts only if the layer computes something from its inputs: yours gives the same "
    "output for all samples, or returns its inputs unchanged."
)


def does_nothing(attempts: Sequence[Attempt]) -> bool:
    """Whether a layer does nothing on each case that tells, of one at least."""
    seen = [_rests(a) for a in attempts]
    known = [rest for rest in seen if rest is not None]
    return bool(known) and all(known)


def _rests(found: Attempt) -> bool | None:
    """Whether the layer does nothing on this case; None where it cannot be seen."""
    want, got = _output(found.expected.answers), _output(found.answers)
    inputs = found.expected.case.inputs
    if want is None or got is None or is_alike(want):
        return None
    if is_alike(got):
        return None if _keeps_its_own(found) else True
    return None if _is_input(want, inputs) else _is_input(got, inputs)


def _keeps_its_own(found: Attempt) -> bool:
    """Whether the layer has weights that were given no values: its own may be zeros, and then its
    output is the same for all samples although it computes something of them."""
    trial = found.trial
    return bool(trial.untracked) or any(part is None for part in trial.assignment)


def is_at_rest(found: Attempt) -> bool:
    """Whether the reference itself gives the same for all samples of this case, or its inputs."""
    want = _output(found.expected.answers)
    return want is None or is_alike(want) or _is_input(want, found.expected.case.inputs)


def is_alike(output: Any) -> bool:
    """Whether each part of an output is the same for all samples."""
    return all(
        part.ndim == 0 or _is_same(part, np.broadcast_to(part[:1], part.shape))
        for part in _parts(output)
    )


def _is_input(output: Any, inputs: Any) -> bool:
    """Whether each part of an output is one of the inputs."""
    given = [np.asarray(leaf) for leaf in _arrays(inputs)]
    return all(any(_is_same(part, leaf) for leaf in given) for part in _parts(output))


def _parts(output: Any) -> list[np.ndarray]:
    return [np.asarray(leaf) for leaf in leaves(output) if leaf is not None]


def _output(answers: Mapping[str, Sequence[Answer]]) -> Any:
    for name in ("output", "shape"):
        if answers.get(name) and answers[name][0].fault is None:
            return answers[name][0].value
    return None


def _arrays(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        return [leaf for item in value for leaf in _arrays(item)]
    return [] if value is None else [value]


def _is_same(part: np.ndarray, given: np.ndarray) -> bool:
    numbers = all(array.dtype.kind in "biuf" for array in (part, given))
    return numbers and np.array_equal(part, given, equal_nan=True)
