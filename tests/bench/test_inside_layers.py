"""The layers that stand inside a student's wrapper do what their docstrings say."""

from __future__ import annotations

import numpy as np
import pytest

from grader.bench.backend import keras
from grader.bench.inside import Distances, Fading

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(3, 5, 4)).astype("float32")
MASK = RANDOM.random((3, 5)) < 0.6


def faded(x, kernel, mask, backwards):
    """All h, step by step."""
    h, outputs = np.zeros((3, 2)), []
    for t in reversed(range(5)) if backwards else range(5):
        new = 0.6 * h + x[:, t] @ kernel
        h = new if mask is None else np.where(mask[:, t, None], new, h)
        outputs.append(h)
    return np.stack(outputs, axis=1)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("mask", [None, MASK], ids=["no mask", "a mask"])
def test_what_was_there_fades_step_by_step(mask, backwards):
    layer = Fading(2, return_sequences=True, go_backwards=backwards)
    outputs = layer(X, mask=mask)
    want = faded(X, layer.kernel.numpy(), mask, backwards)
    np.testing.assert_allclose(outputs, want, atol=1e-5)
    last = Fading.from_config({**layer.get_config(), "return_sequences": False})
    last.build(X.shape)
    last.set_weights(layer.get_weights())
    np.testing.assert_allclose(last(X, mask=mask), want[:, -1], atol=1e-5)


def test_a_masked_step_says_nothing_where_that_is_asked_for():
    layer = Fading(2, return_sequences=True)
    layer.zero_output_for_mask = True
    outputs = layer(X, mask=MASK).numpy()
    np.testing.assert_array_equal(np.any(outputs != 0, axis=-1), MASK)


def test_distances_are_sums_of_differences_and_zero_where_masked():
    layer = Distances(2)
    outputs = layer(X[:, 0], mask=np.array([True, False, True])).numpy()
    points = layer.points.numpy()
    want = np.abs(X[:, 0, None] - points).sum(axis=-1) * np.array([[1], [0], [1]])
    np.testing.assert_allclose(outputs, want, atol=1e-5)
    with pytest.raises(ValueError, match="takes \\(batch, features\\), not 3 axes"):
        layer(X)


@pytest.mark.parametrize("layer", [Fading(2, go_backwards=True), Distances(3)])
def test_both_can_be_made_again_from_what_is_saved(layer):
    twin = keras.layers.deserialize(keras.layers.serialize(layer))
    assert type(twin) is type(layer)
    assert twin.get_config() == layer.get_config()
