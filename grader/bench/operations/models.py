"""Operations on a model that holds a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from grader.bench.arrays import dtype_name, pattern, plain
from grader.bench.backend import keras, tf
from grader.bench.bench import Bench
from grader.bench.calls import (
    by_position,
)
from grader.bench.operations.weights import assign_values, values


def functional(bench: Bench, inputs: Any, call: Mapping[str, Any]) -> tuple[Any, Any]:
    """A Functional model of one new layer on inputs of these shapes, any batch size; the layer."""
    layer = bench.make()
    sources = keras.tree.map_structure(
        lambda a: keras.Input(a.shape[1:], dtype=dtype_name(a)), inputs
    )
    return keras.Model(sources, layer(*by_position(sources), **call)), layer


def model(bench: Bench, inputs: Any, call: Mapping[str, Any]) -> dict[str, Any]:
    """Predictions of a Functional and a Sequential model, and weights after one `fit` step."""
    model, layer = functional(bench, inputs, call)
    assign_values(layer, values(bench))
    # Traced, .numpy() and Python's `if` on a tensor fail; to run the graph, or to trace the
    # step below, would take longer than all the rest of a check.
    tf.function(model, autograph=False).get_concrete_function(inputs)
    before = plain(model(inputs))
    sequential = None
    if not keras.tree.is_nested(inputs) and not call:
        stack = keras.Sequential([keras.Input(inputs.shape[1:], dtype=dtype_name(inputs)), layer])
        sequential = plain(stack(inputs))
    targets = keras.tree.map_structure(lambda a: pattern(a.shape), before)
    model.compile(keras.optimizers.SGD(0.1), loss="mse", run_eagerly=True)
    model.train_on_batch(inputs, targets)
    after = [plain(weight) for weight in layer.weights]
    return {"functional": before, "sequential": sequential, "after": after}
