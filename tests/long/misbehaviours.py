"""Mutation of what a layer shows: `python -m tests.long.misbehaviours [NAME ...]`.

The reference of each exercise is wrapped so that it misbehaves under one condition only: on its
inputs, its mask, the number of the call, the size of the batch. Each condition with each
misbehaviour must be caught by the hidden check, or be explained in `EXPLAINED`.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops

from grader.bench.subject import LocalSubject
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.exercise import Exercise


@dataclass(frozen=True)
class Call:
    """One call of a layer, as its wrapper sees it; numbers only where no graph is made."""

    inputs: list[np.ndarray]
    masks: list[np.ndarray]
    number: int
    first_batch: int
    begun: bool

    @property
    def batch(self) -> int:
        """Size of the batch."""
        return int(self.inputs[0].shape[0])


Condition = Callable[[Call], bool]

CONDITIONS: Mapping[str, Condition] = {
    "a batch of one": lambda call: call.batch == 1,
    "another batch than the first": lambda call: call.batch != call.first_batch,
    "a later call": lambda call: call.number > 1,
    "an axis of length 1": lambda call: any(1 in part.shape[1:] for part in call.inputs),
    "nothing but zeros": lambda call: not any(np.any(part) for part in call.inputs),
    "a zero among others": lambda call: any(
        np.any(part) and not np.all(part) for part in call.inputs
    ),
    "a large number": lambda call: any(np.abs(part).max(initial=0) > 15 for part in call.inputs),
    "no mask": lambda call: not call.masks,
    "a mask": lambda call: bool(call.masks),
    "a mask that shuts all": lambda call: any(not mask.any(-1).all() for mask in call.masks),
    "a mask that shuts the first": lambda call: any(not m[..., 0].all() for m in call.masks),
    "a mask that shuts the last": lambda call: any(not m[..., -1].all() for m in call.masks),
    "an initial_state": lambda call: call.begun,
    "an initial_state without a mask": lambda call: call.begun and not call.masks,
}

MISDEEDS: Mapping[str, Callable[[Any], Any]] = {
    "ones": lambda part: 0 * part + 1,
    "a bit more": lambda part: part + 0.05 * (1 + ops.abs(part)),
    "another shape": lambda part: part[None],
    "NaN": lambda part: part + np.nan,
}

EDGE_OF = {
    "an axis of length 1": "inputs: one",
    "nothing but zeros": "inputs: zero",
    "a zero among others": "some zero",
    "a large number": "inputs: large",
    "a mask that shuts all": "all masked",
    "a mask that shuts the first": "first step masked",
    "a mask that shuts the last": "last step masked",
}
"""The edge that an exercise names where it tries the condition. Where it names none, its text says
nothing that could go wrong there: a Dense layer knows of no mask, and no number is large to it."""

_MASKED = ("SimpleRNN", "LSTM", "GRU", "RNN", "Bidirectional", "TimeDistributed")
_LOOKING = (
    *("Attention", "AdditiveAttention", "MultiHeadAttention", "GroupQueryAttention"),
    "CachedAttention",
)

EXPLAINED: Mapping[str, Mapping[str, str]] = {
    name: {"a large number": "any shares will do that are no NaN, for rounding decides them"}
    for name in _LOOKING
}
"""By exercise and condition, why a misbehaviour may pass."""


def applies(exercise: Exercise, condition: str) -> bool:
    """Whether the condition means anything to this layer: not every one has a mask or a state."""
    if condition in EDGE_OF:
        return any(EDGE_OF[condition] in name for name in exercise.edges)
    if "initial_state" in condition:
        return exercise.name in ("SimpleRNN", "LSTM", "GRU", "RNN")
    if "mask" in condition:
        return exercise.name in (*_MASKED, *_LOOKING)
    return "output" in exercise.aspects


def misbehaving(exercise: Exercise, condition: Condition, misdeed: Any) -> Callable[..., Any]:
    """Makes the exercise's reference, which misbehaves under this condition."""

    def make(*args: Any, **config: Any) -> Any:
        layer = exercise.reference(*args, **config)
        calls = _watched(layer)

        def spoiled(*args: Any, **kwargs: Any) -> Any:
            call, outputs = calls(*args, **kwargs)
            if call is None or not condition(call):
                return outputs
            first, *others = keras.tree.flatten(outputs)
            if not keras.backend.is_float_dtype(first.dtype):
                return outputs
            return keras.tree.pack_sequence_as(outputs, [misdeed(first), *others])

        layer.call = spoiled
        return layer

    return make


def _watched(layer: Any) -> Callable[..., tuple[Call | None, Any]]:
    """The layer's call, which gives besides what it was called with, where that is numbers."""
    own, sizes = layer.call, []  # type: ignore[var-annotated]

    def call(*args: Any, **kwargs: Any) -> tuple[Call | None, Any]:
        outputs = own(*args, **kwargs)
        arrays = list(_arrays((args, {k: v for k, v in kwargs.items() if "mask" not in k})))
        masks = [a for k, v in kwargs.items() if "mask" in k for a in _arrays(v)]
        if not arrays or any(a is None for a in (*arrays, *masks)):
            return None, outputs
        sizes.append(arrays[0].shape[0])
        begun = kwargs.get("initial_state") is not None
        return Call(arrays, masks, len(sizes), sizes[0], begun), outputs

    return call


def _arrays(value: Any) -> Iterator[Any]:
    for leaf in keras.tree.flatten(value):
        if ops.is_tensor(leaf):
            yield leaf.numpy() if hasattr(leaf, "numpy") else None


def conditions_met(exercise: Exercise, seed: int = 0) -> set[str]:
    """The conditions under which the hidden check calls the reference at all."""
    met: set[str] = set()

    def note(call: Call) -> bool:
        met.update(name for name, holds in CONDITIONS.items() if holds(call))
        return False

    plain = dataclasses.replace(exercise, misconceptions=())
    examine(LocalSubject(misbehaving(plain, note, None)), plain, hidden=True, draws=1, seed=seed)
    return met


def survivors(exercise: Exercise) -> Iterator[tuple[str, str]]:
    """Conditions and misdeeds that the hidden check lets pass, without an explanation."""
    plain = dataclasses.replace(exercise, misconceptions=())
    for condition, holds in CONDITIONS.items():
        if not applies(exercise, condition) or condition in EXPLAINED.get(exercise.name, {}):
            continue
        for misdeed, spoil in MISDEEDS.items():
            wrong = LocalSubject(misbehaving(plain, holds, spoil))
            if examine(wrong, plain, hidden=True, draws=1, seed=3).passed:
                yield condition, misdeed


def main() -> int:
    """Print what survives; the exit status is 1 where something does."""
    wanted = sys.argv[1:] or [n for n, e in CATALOGUE.items() if e.kind == "implement"]
    count = 0
    for name in wanted:
        for condition, misdeed in survivors(CATALOGUE[name]):
            count += 1
            print(f"survived: {name}: {misdeed} on {condition}", flush=True)
    print(f"{count} misbehaviours survived")
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
