"""Right answers pass on a GPU with TF32, which rounds what it multiplies to 10 bits. No GPU is at
hand: the operands of TensorFlow's products and convolutions are rounded here in its place, as long
as TF32 is switched on."""

from __future__ import annotations

import importlib

import numpy as np
import pytest
import tensorflow as tf

from grader.aspects import ASPECTS
from grader.aspects.tolerances import TOLERANCES
from grader.bench import settings
from grader.examination.attempt import expect
from grader.examination.examine import examine
from tests.variants import RIGHT

PRODUCTS = {
    "tensorflow.python.ops.gen_math_ops": ("mat_mul", "batch_mat_mul_v2", "batch_mat_mul_v3"),
    "tensorflow.python.ops.gen_linalg_ops": ("einsum",),
    "tensorflow.python.ops.gen_nn_ops": (
        "conv2d",
        "conv2d_backprop_input",
        "conv2d_backprop_filter",
        "conv3d",
        "depthwise_conv2d_native",
    ),
}


def rounded(tensor):
    """float32 with 10 bits behind the point, as a tensor core takes it; its gradient is 1."""
    if not tf.is_tensor(tensor) or tensor.dtype != tf.float32:
        return tensor
    bits = tf.bitcast(tensor, tf.int32)
    short = tf.bitcast(tf.bitwise.bitwise_and(bits + 0x1000, ~0x1FFF), tf.float32)
    return tensor + tf.stop_gradient(short - tensor)


def on_tensor_cores(product):
    def multiply(*arguments, **keywords):
        if tf.config.experimental.tensor_float_32_execution_enabled():
            arguments, keywords = tf.nest.map_structure(rounded, (arguments, keywords))
        return product(*arguments, **keywords)

    return multiply


@pytest.fixture
def gpu(monkeypatch):
    """Products as on a GPU. TF32 is on, as it is by default, and stays on afterwards."""
    expect.cache_clear()
    for module, names in PRODUCTS.items():
        place = importlib.import_module(module)
        for name in names:
            monkeypatch.setattr(place, name, on_tensor_cores(getattr(place, name)))
    assert tf.config.experimental.tensor_float_32_execution_enabled()
    yield
    assert tf.config.experimental.tensor_float_32_execution_enabled()
    expect.cache_clear()


def scores(name):
    return [examine(answer, name).score for answer in RIGHT[name]]


@pytest.mark.parametrize("name", ["Embedding", "DepthwiseConv2D", "Attention"])
def test_right_answers_pass_where_products_are_rounded(name, gpu):
    assert set(scores(name)) == {1}


def test_the_rounding_would_fail_some_of_them(monkeypatch, gpu):
    without = tuple(s for s in settings.SETTINGS if s.name != "tensor_float_32_execution")
    assert len(without) == len(settings.SETTINGS) - 1
    monkeypatch.setattr(settings, "SETTINGS", without)
    assert min(scores("Embedding") + scores("DepthwiseConv2D")) < 1


def test_the_rounding_is_that_of_10_bits():
    np.testing.assert_array_equal(
        rounded(tf.constant([1.0, 1 + 2**-10, 1 + 2**-12])), [1, 1 + 2**-10, 1]
    )


def test_each_aspect_has_a_tolerance_and_a_reason():
    assert TOLERANCES.keys() == ASPECTS.keys()
    assert all(tolerance.reason for tolerance in TOLERANCES.values())
