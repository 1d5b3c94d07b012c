"""The pictures of the unit on residual networks: their numbers are those of Keras's layers."""

from __future__ import annotations

import re

import keras
import numpy as np

from grader.exercises.residual.squeeze_excitation import SqueezeExcitation
from grader.pictures import residual


def numbers(picture):
    """All texts of a picture that are numbers, as they stand in it."""
    texts = [text.get_text().replace("−", "-") for text in picture.figure.axes[0].texts]
    return [float(text) for text in texts if re.fullmatch(r"-?[\d.]+", text)]


def row(layer, *values):
    """What a layer makes of a row of pixels, with a kernel of ones if it has one."""
    inputs = np.array(values, "float32").reshape((1, 1, -1, 1))
    layer(inputs)
    layer.set_weights([np.ones_like(weight) for weight in layer.get_weights()])
    return np.ravel(layer(inputs)).tolist()


def test_both_ways_to_a_larger_picture():
    picture = np.array([[0, 8], [16, 24]], "float32")
    drawn = numbers(residual.draw_up_sampling())
    assert drawn[:4] == np.ravel(picture).tolist()
    for interpolation, part in (("nearest", drawn[4:20]), ("bilinear", drawn[20:])):
        layer = keras.layers.UpSampling2D(2, interpolation=interpolation)
        assert part == np.ravel(layer(picture[None, ..., None])).tolist()


def test_the_new_pixels_on_the_line():
    layer = keras.layers.UpSampling2D((1, 2), interpolation="bilinear")
    assert numbers(residual.draw_middles()) == row(layer, 0, 8)


def test_the_gains_of_both_ways():
    drawn = numbers(residual.draw_gains())
    stamped = keras.layers.Conv2DTranspose(1, (1, 3), strides=(1, 2), use_bias=False)
    assert drawn[-13:-6] == row(stamped, 1, 1, 1)
    convolved = keras.layers.Conv2D(1, (1, 3), padding="same", use_bias=False)
    larger = row(keras.layers.UpSampling2D((1, 2)), 1, 1, 1)
    assert drawn[-6:] == row(convolved, *larger)


def test_squeeze_and_excitation_with_the_numbers_of_its_picture():
    channels = [[1, 3, 2, 2], [10, 5, 0, 5], [10, 20, 5, 5], [4, 4, 8, 0]]
    inputs = np.array(channels, "float32").T.reshape((1, 2, 2, 4))
    layer = SqueezeExcitation(2)
    layer.build((None, 2, 2, 4))
    narrow = np.array([[0, 0], [0, 0], [0.139, -1], [0, 0]])
    widen = np.array([[0, 1, -1, 0], [1, 1, 1, 1]])
    layer.set_weights([narrow, np.zeros(2), widen, np.zeros(4)])
    outputs = np.moveaxis(np.array(layer(inputs))[0], -1, 0)
    drawn = numbers(residual.draw_squeeze_excitation())
    for channel in range(4):
        before, mean, scale, after = np.split(drawn[10 * channel : 10 * channel + 10], [4, 5, 6])
        np.testing.assert_array_equal(before, channels[channel])
        assert mean[0] == np.mean(channels[channel])
        np.testing.assert_allclose(after, scale[0] * before)
        np.testing.assert_allclose(after, np.ravel(outputs[channel]), atol=0.02)


def test_the_sum_before_relu():
    inner, inputs = np.array([-3, 2, -1, 4]), np.array([1, 3, 2, 0])
    right, wrong = np.maximum(inner + inputs, 0), np.maximum(inner, 0) + inputs
    drawn = [inner, inputs, inner + inputs, right, np.maximum(inner, 0), inputs, wrong, wrong]
    assert numbers(residual.draw_sum()) == np.concatenate(drawn).tolist()


def test_the_weights_of_the_two_blocks():
    alt = residual.draw_inverted().alt
    inverted = 16 * 96 + 9 * 96 + 96 * 16
    bottleneck = 96 * 16 + 9 * 16 * 16 + 16 * 96
    assert f"{bottleneck} in all" in alt
    assert f"{inverted} in all" in alt
    said = [text.get_text() for text in residual.draw_inverted().figure.axes[0].texts]
    assert f"{bottleneck} weights in all" in said
    assert f"{inverted} weights in all" in said
