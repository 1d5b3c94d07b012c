"""What may be asked of a layer: one function for each thing that a `Step` may name, by kind.

Each takes the `Bench` and the step's arguments, and gives plain NumPy and Python values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from grader.bench.operations import calling, judging, learning, models, saving, weights

OPERATIONS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        operation.__name__: operation
        for operation in (
            calling.apply,
            calling.write,
            calling.call,
            calling.outputs,
            calling.mask,
            calling.in_rnn,
            calling.in_pieces,
            calling.go_on,
            calling.stages,
            calling.symbolic,
            calling.output_shape,
            calling.compiled,
            weights.weights,
            weights.assign,
            weights.load,
            weights.values,
            weights.start,
            weights.freeze,
            weights.built,
            weights.gradient,
            learning.learned,
            judging.judge,
            models.model,
            saving.reload,
            saving.dtypes,
            saving.saved,
        )
    }
)
"""By the names that a `Step` gives."""
