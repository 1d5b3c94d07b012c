"""Where our convolutions stand for Keras's: the reference with groups, and the written-out one."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from grader.exercises.convolution.conv2d import Live
from grader.exercises.convolution.convolution import Plain, of_rank

LAYERS = {1: keras.layers.Conv1D, 2: keras.layers.Conv2D, 3: keras.layers.Conv3D}


def outputs(layer, inputs):
    """What the layer gives with weights that depend on their shapes only."""
    layer.build(inputs.shape)
    for weight in layer.weights:
        weight.assign(np.cos(np.arange(np.prod(weight.shape))).reshape(weight.shape))
    return np.asarray(layer(inputs))


def inputs(*shape):
    return np.sin(np.arange(np.prod(shape), dtype="float32")).reshape(shape)


@pytest.mark.parametrize(
    "config",
    [
        {},
        {"padding": "same", "strides": 3},
        {"padding": "same", "dilation_rate": (1, 2), "activation": "tanh"},
    ],
)
def test_the_reference_with_groups_is_that_of_keras(config):
    given = {"filters": 6, "kernel_size": (3, 2), "groups": 2} | config
    picture = inputs(3, 7, 8, 4)
    want = outputs(keras.layers.Conv2D(**given), picture)
    np.testing.assert_allclose(outputs(Live(**given), picture), want, atol=1e-5)


@pytest.mark.parametrize("rank", LAYERS)
@pytest.mark.parametrize(
    "config",
    [
        {"strides": 2},
        {"dilation_rate": 2},
        {"padding": "same", "strides": 2},
        {"padding": "same", "strides": 3, "kernel_size": 2},
        {"padding": "same", "dilation_rate": 2},
    ],
)
def test_the_layer_that_the_wrong_ideas_change_is_right(rank, config):
    given = {"filters": 5, "kernel_size": 3} | config
    block = inputs(2, *(8, 7, 6)[:rank], 3)
    layer = of_rank(rank, Plain)(**given)
    want = outputs(LAYERS[rank](**given), block)
    np.testing.assert_allclose(outputs(layer, block), want, atol=1e-5)
    assert layer.compute_output_shape(block.shape) == want.shape
