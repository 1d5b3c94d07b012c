"""What an exercise forbids raises when it is called, by whatever road, and nothing else does."""

from __future__ import annotations

import cProfile
import pstats
import types

import keras
import numpy as np
import pytest
import tensorflow as tf

from grader.bench.guard import guarded
from grader.examination.examine import examine
from grader.exercises.convolution.convolution import FORBIDDEN
from tests.variants.convolution import RIGHT

PICTURE = np.arange(70, dtype="float32").reshape(2, 5, 7, 1)
KERNEL = np.ones((2, 3, 1, 4), "float32")
ONES = (1, 1, 1, 1)


def raw_conv2d(inputs, kernel):
    from tensorflow.python.ops import gen_nn_ops

    return gen_nn_ops.conv2d(inputs, kernel, strides=ONES, padding="VALID")


ROADS = {
    "keras.ops": lambda x, k: keras.ops.conv(x, k),
    "keras.ops.nn": lambda x, k: keras.ops.nn.conv(x, k),
    "keras.src.backend": lambda x, k: keras.src.backend.nn.conv(x, k),
    "depthwise": lambda x, k: keras.ops.depthwise_conv(x, k),
    "transposed": lambda x, k: keras.ops.conv_transpose(x, np.swapaxes(k, 2, 3)),
    "tf.nn.conv2d": lambda x, k: tf.nn.conv2d(x, k, 1, "VALID"),
    "tf.nn.convolution": lambda x, k: tf.nn.convolution(x, k),
    "tf.nn.conv1d": lambda x, k: tf.nn.conv1d(x[:, 0], k[0], 1, "VALID"),
    "tf.nn.conv3d": lambda x, k: tf.nn.conv3d(x[None], k[None], (1, *ONES), "VALID"),
    "tf.compat.v1": lambda x, k: tf.compat.v1.nn.conv2d(x, k, ONES, "VALID"),
    "tf.raw_ops": lambda x, k: tf.raw_ops.Conv2D(
        input=x, filter=k, strides=list(ONES), padding="VALID"
    ),
    "gen_nn_ops": raw_conv2d,
    "a layer": lambda x, k: keras.layers.Conv2D(4, (2, 3))(x),
    "a layer's parent": lambda x, k: keras.src.layers.convolutional.base_conv.BaseConv(
        2, 4, (2, 3)
    )(x),
}


@pytest.mark.parametrize("road", ROADS)
def test_no_ready_made_convolution_can_be_called(road):
    ROADS[road](PICTURE, KERNEL)  # it can be otherwise
    with guarded(FORBIDDEN), pytest.raises(Exception, match="forbidden here"):
        ROADS[road](PICTURE, KERNEL)
    ROADS[road](PICTURE, KERNEL)


def test_a_copy_of_the_function_meets_the_guard_further_down():
    copy = types.FunctionType(keras.ops.conv.__code__, keras.ops.conv.__globals__)
    with guarded(FORBIDDEN), pytest.raises(Exception, match="forbidden here"):
        copy(PICTURE, KERNEL, 1, "valid", None, 1)


def cut():
    return np.asarray(keras.ops.image.extract_patches(PICTURE, (2, 3), strides=1))


def test_patches_may_be_cut_although_keras_cuts_them_by_a_convolution():
    before = cut()
    with guarded(FORBIDDEN):
        np.testing.assert_array_equal(cut(), before)
        graph = tf.function(lambda x: keras.ops.image.extract_patches(x, (2, 3), strides=1))
        np.testing.assert_array_equal(graph(PICTURE), before)


def test_who_calls_himself_extract_patches_may_not():
    def extract_patches(inputs):
        return tf.nn.convolution(inputs, KERNEL)

    with guarded(FORBIDDEN), pytest.raises(PermissionError, match="forbidden here"):
        extract_patches(PICTURE)


class Conv2D(RIGHT["Conv2D"][0]):
    def convolve(self, inputs):
        return tf.nn.convolution(
            inputs, self.full_kernel(), self.strides, "VALID", dilations=self.dilation_rate
        )


def test_the_card_says_what_was_used():
    report = examine(Conv2D)
    assert report.score == 0
    says = "your code uses tensorflow.nn.convolution: the exercise asks you to build that yourself"
    assert says in str(report)


def test_a_check_can_be_profiled():
    """As `%prun check(Conv1D)` does. What was profiled before goes on afterwards."""
    profile = cProfile.Profile()
    profile.enable()
    try:
        report = examine(RIGHT["Conv1D"][0], "Conv1D")
        sorted([3, 1, 2])
    finally:
        profile.disable()
    assert report.passed, str(report)
    names = {name for _, _, name in pstats.Stats(profile).stats}
    assert "<built-in method builtins.sorted>" in names
