"""What Keras's own tests ask of its layers, beyond what a check tries: the solutions do it."""

from __future__ import annotations

import functools
from pathlib import Path

import jupytext
import keras
import numpy as np
import pytest

UNITS = Path(__file__).parents[2] / "solutions"


@functools.cache
def solutions(unit):
    """The names that the solutions of a unit define, and nothing else of it run."""
    names = {"keras": keras, "np": np, "ops": keras.ops}
    for cell in jupytext.read(UNITS / f"{unit}.py").cells:
        if cell.metadata.get("nbgrader", {}).get("solution") and cell.cell_type == "code":
            exec(compile(cell.source, unit, "exec"), names)
    return names


def normal(*shape):
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def test_time_distributed_takes_a_layer_that_is_built_already():
    time_distributed = solutions("11-recurrent-wrappers")["TimeDistributed"]
    films = normal(2, 4, 3)
    inner = keras.layers.Dense(5)
    before = inner(films[:, 0])
    wrapped = time_distributed(inner)
    np.testing.assert_allclose(wrapped(films)[:, 0], before, rtol=1e-5, atol=1e-6)
    assert len(wrapped.weights) == 2
    assert wrapped.count_params() == inner.count_params()


def test_bidirectional_takes_a_layer_that_is_built_already():
    bidirectional = solutions("11-recurrent-wrappers")["Bidirectional"]
    inner, inputs = keras.layers.GRU(3), normal(2, 4, 5)
    before = inner(inputs)
    np.testing.assert_allclose(bidirectional(inner)(inputs)[:, :3], before, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["Attention", "AdditiveAttention"])
def test_attention_is_causal_in_a_model_for_sequences_of_any_length(name):
    ours, theirs = solutions("12-attention")[name](), getattr(keras.layers, name)()
    query, value = keras.Input((None, 4)), keras.Input((None, 4))
    model = keras.Model([query, value], ours([query, value], use_causal_mask=True))
    assert model.output.shape == (None, None, 4)
    data = [normal(2, 3, 4), normal(2, 5, 4)]
    theirs.build([part.shape for part in data])
    theirs.set_weights([weight + 0.5 for weight in theirs.get_weights()])
    ours.set_weights(theirs.get_weights())
    want = theirs(data, use_causal_mask=True)
    np.testing.assert_allclose(model(data), want, rtol=1e-4, atol=1e-5)


def test_heads_are_causal_in_a_model_for_sequences_of_any_length():
    ours = solutions("12-attention")["MultiHeadAttention"](2, 3, 3)
    inputs = keras.Input((None, 4))
    model = keras.Model(inputs, ours(inputs, inputs, use_causal_mask=True))
    data = normal(2, 5, 4)
    late = data.copy()
    late[:, 3:] += 1.0  # what comes later changes nothing
    np.testing.assert_allclose(model(data)[:, :3], model(late)[:, :3], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["SimpleRNN", "GRU"])
def test_an_initial_state_may_come_without_a_list(name):
    layer = solutions("10-recurrent-layers")[name](3, return_sequences=True)
    inputs, state = normal(2, 4, 5), normal(2, 3)
    listed = layer(inputs, initial_state=[state])
    np.testing.assert_array_equal(layer(inputs, initial_state=state), listed)
    assert not np.allclose(layer(inputs), listed)


class Pair(keras.layers.Layer):
    """A cell whose sizes are a tuple."""

    state_size = (3, 1)

    def call(self, inputs, states):
        total, count = states[0] + inputs, states[1] + 1.0
        return total / count, [total, count]


def test_the_sizes_of_states_may_be_a_tuple():
    ours, theirs = solutions("10-recurrent-layers")["RNN"](Pair()), keras.layers.RNN(Pair())
    inputs = normal(2, 4, 3)
    np.testing.assert_allclose(ours(inputs), theirs(inputs), rtol=1e-5)


def test_the_bias_of_a_convolutional_lstm_starts_as_keras_starts_it():
    ours = solutions("11-recurrent-wrappers")["ConvLSTM2D"](2, (3, 3))
    theirs = keras.layers.ConvLSTM2D(2, (3, 3))
    films = normal(1, 2, 5, 5, 1)
    ours(films), theirs(films)
    np.testing.assert_array_equal(ours.bias, theirs.cell.bias)


@pytest.mark.parametrize(
    ("name", "arguments", "shape"),
    [("Dropout", (0.5,), (6,)), ("SpatialDropout2D", (0.5,), (6, 6, 2))],
)
def test_a_mask_passes_through_what_drops(name, arguments, shape):
    layer = solutions("03-regularize-normalize")[name](*arguments)
    inputs = keras.ops.convert_to_tensor(normal(2, *shape))
    mask = keras.ops.ones(inputs.shape[:2], "bool")
    keras.src.backend.set_keras_mask(inputs, mask)
    assert keras.src.backend.get_keras_mask(layer(inputs)) is mask
