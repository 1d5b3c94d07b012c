"""Operations on weights: their list, their values, gradients to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.bench.arrays import pattern, plain
from grader.bench.backend import keras, tf
from grader.bench.bench import Bench
from grader.bench.calls import (
    by_position,
    call_layer,
    method_of,
    refuse_too_many,
)


def weights(bench: Bench) -> dict[str, Any]:
    """Weights that Keras tracks, and attributes that hold a variable that it does not."""
    tracked = [[w.name, list(w.shape), bool(w.trainable)] for w in bench.layer.weights]
    known = {id(weight.value) for weight in bench.layer.weights}
    untracked = [
        name
        for name, value in vars(bench.layer).items()
        if isinstance(value, tf.Variable) and id(value) not in known
    ]
    return {"tracked": tracked, "untracked": untracked}


def assign(bench: Bench, values: Sequence[np.ndarray | None]) -> None:
    """Give the weights these values, in the order of `weights`; None leaves one as it is."""
    assign_values(bench.layer, values)


def load(bench: Bench, weights: Mapping[str, np.ndarray]) -> None:
    """Have the layer take these values itself, by their names."""
    method_of(bench.layer, "load")({name: np.array(value) for name, value in weights.items()})


def values(bench: Bench) -> list[np.ndarray]:
    """Values of the weights."""
    return [plain(weight) for weight in bench.layer.weights]


def start(bench: Bench, inputs: Any, call: Mapping[str, Any]) -> list[np.ndarray]:
    """Values that the weights of a new layer have after its first call."""
    layer = bench.make()
    call_layer(layer, inputs, call)
    return [plain(weight) for weight in layer.weights]


def freeze(bench: Bench) -> None:
    """Set the layer's `trainable` to False."""
    bench.layer.trainable = False


def built(bench: Bench, inputs: Any, call: Mapping[str, Any]) -> dict[str, Any]:
    """The layer's `built` when made, after `build` of one layer and after a call of another.

    What is built already, as a model that knows its inputs, is not built once more.
    """
    fresh, called = bench.make(), bench.make()
    states = {"made": bool(fresh.built)}
    first = by_position(inputs)[0]
    if not fresh.built:
        fresh.build(keras.tree.map_structure(lambda a: (None, *a.shape[1:]), first))
    call_layer(called, inputs, call)
    states |= {"build": bool(fresh.built), "call": bool(called.built)}
    return states | {"weights": [len(fresh.weights), len(called.weights)]}


def gradient(bench: Bench, inputs: Any, call: Mapping[str, Any]) -> dict[str, Any]:
    """The output, and gradients of a weighted sum of it, to the inputs and to the weights."""
    leaves = [tf.convert_to_tensor(leaf) for leaf in keras.tree.flatten(inputs)]
    weights = bench.layer.trainable_weights
    with tf.GradientTape() as tape:
        tape.watch(leaves)
        output = call_layer(bench.layer, keras.tree.pack_sequence_as(inputs, leaves), call)
        refuse_too_many(keras.tree.flatten(output))
        total = sum(
            tf.reduce_sum(tf.cast(part, "float32") * pattern(part.shape))
            for part in keras.tree.flatten(output)
        )
    to_inputs, to_weights = tape.gradient(total, (leaves, [w.value for w in weights]))
    by_id = dict(zip(map(id, weights), to_weights, strict=True))
    return {
        "output": plain(output),
        "inputs": [plain(g) for g in to_inputs],
        "weights": [plain(by_id.get(id(w))) for w in bench.layer.weights],
    }


def assign_values(layer: Any, values: Sequence[np.ndarray | None]) -> None:
    """Give the layer's weights these values, in their order; None leaves a weight as it is.

    Raises `ValueError` where there are more or fewer weights than values, or of other shapes.
    """
    if len(values) != len(layer.weights):
        raise ValueError(
            f"made again, the layer has {len(layer.weights)} weights, not {len(values)}"
        )
    for weight, value in zip(layer.weights, values, strict=True):
        if value is not None:
            weight.assign(value)
