"""Operations that call a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from grader.bench.arrays import lengths, plain
from grader.bench.backend import keras, tf
from grader.bench.bench import Bench
from grader.bench.calls import (
    BadAnswer,
    call_layer,
    call_symbolic,
    method_of,
    name_of,
)
from grader.bench.configs import fresh
from grader.bench.operations.weights import assign_values, values


def apply(bench: Bench) -> Any:
    """Call the candidate as a plain function; its arguments go by position.

    Arrays are copies of its own: it may change them, as it may change any array of a notebook.
    """
    arguments = [_own(value) for value in fresh(bench.config).values()]
    return plain(bench.candidate(*arguments))


def _own(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def write(bench: Bench) -> dict[str, Any]:
    """What the candidate writes with a model, and how many tokens it passed through the model."""
    arguments = fresh(bench.config)
    tokens = bench.candidate(*arguments.values())
    return {"tokens": plain(tokens), "passed": arguments["model"].passed}


def call(bench: Bench, inputs: Any, call: Mapping[str, Any]) -> Any:
    """Output for these inputs."""
    return plain(call_layer(bench.layer, inputs, call))


def outputs(
    bench: Bench, inputs: Any, call: Mapping[str, Any], ways: Sequence[Sequence[np.ndarray | None]]
) -> list[Any]:
    """Outputs for these inputs with each of these sets of values for the weights, of a layer that
    is built. It is traced once: to call a block is a hundred small operations each time."""

    @tf.function(autograph=False)
    def traced() -> Any:
        with tf.name_scope("traced"):  # a layer's own name may begin with an underscore
            return call_layer(bench.layer, inputs, call)

    found = []
    for values_of_one in ways:
        assign_values(bench.layer, values_of_one)
        found.append(plain(traced()))
    return found


def mask(bench: Bench, inputs: Any, call: Mapping[str, Any], arriving: Any = None) -> Any:
    """The mask that the output carries to the next layer; None where it carries none.

    `arriving` is a mask that the inputs carry.
    """
    inputs = keras.tree.map_structure(tf.convert_to_tensor, inputs)
    if arriving is not None:
        keras.src.backend.set_keras_mask(inputs, tf.convert_to_tensor(arriving))
    output = call_layer(bench.layer, inputs, call)
    return plain(keras.tree.map_structure(lambda part: getattr(part, "_keras_mask", None), output))


def in_rnn(bench: Bench, sequence: np.ndarray) -> dict[str, Any]:
    """Outputs at all steps, and the last states, of `keras.layers.RNN` around a new cell."""
    cell = bench.make()
    rnn = keras.layers.RNN(cell, return_sequences=True, return_state=True)
    call_layer(rnn, sequence, {})
    assign_values(cell, values(bench))
    output = plain(call_layer(rnn, sequence, {}))
    unknown = rnn(keras.KerasTensor((None, *sequence.shape[1:])))
    return {"output": output, "shapes": [list(p.shape) for p in keras.tree.flatten(unknown)]}


def in_pieces(
    bench: Bench, sequence: np.ndarray, cache: Any, sizes: Sequence[int], call: Mapping[str, Any]
) -> np.ndarray:
    """Outputs for a sequence that comes in pieces, each with the cache that the last call gave."""
    outputs, start = [], 0
    for size in sizes:
        piece = sequence[:, start : start + size]
        answer = call_layer(bench.layer, (piece, cache), {**call, "start": start})
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise BadAnswer("call() must return two things: the outputs, and the cache")
        output, cache = answer
        outputs.append(plain(output))
        start += size
    return np.concatenate(outputs, axis=1)


def go_on(bench: Bench, sequence: np.ndarray, sizes: Sequence[int], method: str) -> np.ndarray:
    """Outputs for a sequence that comes in pieces. The layer, or this method of it, is called with
    each piece and the cache that the last call gave: None in the first one."""
    called = method_of(bench.layer, method) if method else bench.layer
    outputs, cache, start = [], None, 0
    for size in sizes:
        answer = called(tf.convert_to_tensor(sequence[:, start : start + size]), cache)
        if not isinstance(answer, tuple | list) or len(answer) != 2:
            raise BadAnswer(f"{method or 'call'}() must return two things: outputs, and the cache")
        output, cache = answer
        outputs.append(plain(output))
        start += size
    return np.concatenate(outputs, axis=1)


def stages(bench: Bench, inputs: Any) -> list[np.ndarray]:
    """What the layer's method `stages` gives for these inputs."""
    found = method_of(bench.layer, "stages")(tf.convert_to_tensor(inputs))
    if not isinstance(found, tuple | list):
        raise BadAnswer(f"stages() returned a {name_of(type(found))}, not a list")
    return [plain(stage) for stage in found]


def symbolic(bench: Bench, inputs: Any, call: Mapping[str, Any], *, traced: bool = True) -> Any:
    """Output shape for inputs whose batch size is not known: {"shape": [None, ...]}.

    Of a layer that this builds: the first of all, or a new one. For `traced` see `call_symbolic`.
    """
    layer = bench.make() if "layer" in vars(bench) else bench.layer
    output = call_symbolic(layer, inputs, call, traced=traced)
    return plain(keras.tree.map_structure(lambda t: {"shape": list(t.shape)}, output))


def output_shape(bench: Bench, shape: Any) -> Any:
    """What the layer's `compute_output_shape` says for this input shape, or for several."""
    return lengths(bench.layer.compute_output_shape(shape))


def compiled(bench: Bench, inputs: Any, call: Mapping[str, Any]) -> list[Any]:
    """Outputs of two calls in one compiled function for any batch size, as steps of `fit`."""
    spec = keras.tree.map_structure(lambda a: tf.TensorSpec((None, *a.shape[1:]), a.dtype), inputs)

    @tf.function(input_signature=[spec], autograph=False)
    def step(tensors: Any) -> Any:
        with tf.name_scope("step"):  # a layer's own name may begin with an underscore
            return call_layer(bench.layer, tensors, call)

    return [plain(step(inputs)) for _ in range(2)]
