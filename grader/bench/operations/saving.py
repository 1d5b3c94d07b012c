"""Operations that save a layer, or make it again from what would be saved."""

from __future__ import annotations

import contextlib
import inspect
import tempfile
from collections.abc import Mapping
from typing import Any

from grader.bench.arrays import plain
from grader.bench.backend import keras, tf
from grader.bench.bench import Bench
from grader.bench.calls import call_layer
from grader.bench.configs import fresh
from grader.bench.operations.models import functional
from grader.bench.operations.weights import assign_values, values


def reload(bench: Bench, inputs: Any, call: Mapping[str, Any]) -> dict[str, Any]:
    """Config of the layer as it would be saved, and the output of the layer made from it."""
    config, name = bench.layer.get_config(), bench.layer.name
    saved = keras.saving.serialize_keras_object(config)
    _make_others(bench)
    twin = type(bench.layer).from_config(config)
    output = call_layer(twin, inputs, call)
    if twin.weights or bench.layer.weights:
        assign_values(twin, values(bench))
        output = call_layer(twin, inputs, call)
    output = plain(output)
    return {
        "keys": sorted(map(str, saved)),
        "output": output,
        "name": twin.name == name,
        "keywords": _keywords(bench.layer),
    }


def _keywords(layer: Any) -> str:
    """What the layer calls the ** argument of `__init__`, where Keras itself makes its config."""
    if not getattr(layer.get_config, "_is_default", False):
        return ""
    parameters = inspect.signature(type(layer).__init__).parameters.values()
    return next((p.name for p in parameters if p.kind is p.VAR_KEYWORD), "")


def _make_others(bench: Bench) -> None:
    """Make layers of other arguments, under the same name too: a class that remembers what it was
    given last, and has nothing of it in its config, must not get it back."""
    for config in _others(bench.config):
        for name in ({"name": bench.layer.name}, {}):
            # Such arguments need not make sense, and there need not be a name.
            with contextlib.suppress(Exception):
                bench.candidate(**fresh({**config, **name}))


def _others(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Configs with other numbers: all of them, and one at a time."""
    changed = {key: other for key, value in config.items() if (other := _other(value)) != value}
    alone = [{**config, key: other} for key, other in changed.items()]
    return [*alone, {**config, **changed}] if changed else []


def _other(value: Any) -> Any:
    """Another value of the same kind; where none is known, the same."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, float):
        return value / 2 + 0.1
    if isinstance(value, list | tuple):
        return type(value)(map(_other, value))
    return value


def dtypes(bench: Bench, policy: str, inputs: Any, call: Mapping[str, Any]) -> dict[str, Any]:
    """Dtypes of output and weights, and the output, of a new layer under a dtype policy."""
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(policy)
    try:
        layer = bench.make()
        call_layer(layer, inputs, call)
        assign_values(layer, values(bench))
        output = call_layer(layer, inputs, call)
    finally:
        keras.config.set_dtype_policy(before)
    return {
        "output": [keras.backend.standardize_dtype(t.dtype) for t in keras.tree.flatten(output)],
        "weights": [keras.backend.standardize_dtype(w.dtype) for w in layer.weights],
        "values": plain(output),
    }


def saved(
    bench: Bench,
    form: str,
    inputs: Any,
    call: Mapping[str, Any],
    told: bool = True,
    another: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Predictions of a model with the layer, before it was saved in a form and after reload.

    All forms are of one model: a script's steps have inputs of one shape. Unless `told`,
    loading is not given the layer's class: it must be registered. With `another` config,
    another layer is made between saving and loading.
    """
    if bench.to_save is None:
        bench.to_save = functional(bench, inputs, call)
        assign_values(bench.to_save[1], values(bench))
    model, layer = bench.to_save
    with tempfile.TemporaryDirectory() as folder:
        path = folder if form == "SavedModel" else f"{folder}/model{form}"
        if form == "SavedModel":
            _export(model, inputs, path)
        else:
            model.save(path)
        if another is not None:
            bench.candidate(**fresh(another))
        twin = _load(path, {type(layer).__name__: type(layer)} if told else {})
        return {"before": plain(model(inputs)), "output": plain(twin(inputs))}


def _export(model: Any, inputs: Any, path: str) -> None:
    """Write a SavedModel, as `model.export` does, without its endpoints and its search of the
    model's parts, which take longer than all the rest."""
    spec = keras.tree.map_structure(lambda a: tf.TensorSpec((None, *a.shape[1:]), a.dtype), inputs)
    served = tf.Module()
    served.serve = tf.function(model, input_signature=[spec], autograph=False)
    served.weights = served.serve.get_concrete_function().graph.variables  # tracked or not
    tf.saved_model.save(served, path)


def _load(path: str, custom_objects: Mapping[str, Any]) -> Any:
    """What was saved under this path; errors without the long ones that Keras wraps around them."""
    if not path.endswith((".keras", ".h5")):
        served = tf.saved_model.load(path)
        return lambda inputs: served.serve(inputs)  # it dies with the object that holds it
    try:
        return keras.models.load_model(path, custom_objects=custom_objects)
    except (TypeError, ValueError) as error:
        first: BaseException = error
        while isinstance(first.__context__, TypeError):
            first = first.__context__
        if str(first).startswith(("Could not locate", "Unknown layer")):
            raise LookupError("Keras finds nothing registered under the name in the file") from None
        raise first from None
