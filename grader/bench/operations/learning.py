"""The operation that tells whether a network rests on what its own layers have learned."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from grader.bench.arrays import plain
from grader.bench.backend import keras, tf
from grader.bench.bench import Bench
from grader.bench.calls import call_layer


def learned(bench: Bench, inputs: Any, call: Mapping[str, Any]) -> dict[str, Any]:
    """How many numbers are trained in layers that are not Keras's own, and the output with the
    numbers within each of those weights shuffled. Afterwards they are as they were."""
    parts = [part for part in bench.layer._flatten_layers() if _is_own(type(part))]
    weights = [w for part in parts for w in part._trainable_variables if w.trainable]
    values = [plain(weight) for weight in weights]
    shuffle = np.random.default_rng(0).permutation
    try:
        for weight, value in zip(weights, values, strict=True):
            weight.assign(shuffle(value.ravel()).reshape(value.shape))
        shuffled = plain(call_layer(bench.layer, inputs, call))
    finally:
        for weight, value in zip(weights, values, strict=True):
            weight.assign(value)
    return {"trained": sum(value.size for value in values), "shuffled": shuffled}


def _is_own(kind: Any) -> bool:
    """Whether a class of layers computes by code that is not Keras's or TensorFlow's."""
    code = getattr(inspect.unwrap(kind.call), "__code__", None)
    libraries = (str(Path(module.__file__).parent) for module in (keras, tf))
    return code is None or not code.co_filename.startswith(tuple(libraries))
