"""What these exercises have in common: their unit, and the live gradient of a Keras layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from grader.bench.backend import keras, tf

UNIT = "17-backward-and-tests"


def live_gradients(
    layer: keras.layers.Layer,
    weights: Mapping[str, np.ndarray],
    inputs: np.ndarray,
    upstream: np.ndarray,
    **call: Any,
) -> dict[str, Any]:
    """The gradients that TensorFlow takes of a layer with these weights: `d_inputs`, and for each
    weight one that is called after it. `upstream` has the shape of the layer's output."""
    source = tf.constant(inputs)
    layer.build(inputs.shape)
    for name, value in weights.items():
        getattr(layer, name).assign(value)
    with tf.GradientTape() as tape:
        tape.watch(source)
        outputs = layer(source, **call)
    variables = {f"d_{weight.name}": weight.value for weight in layer.trainable_weights}
    sources = {"d_inputs": source, **variables}
    found: dict[str, Any] = tape.gradient(outputs, sources, output_gradients=tf.constant(upstream))
    return found
