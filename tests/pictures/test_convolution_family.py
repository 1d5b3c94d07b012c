"""The pictures of unit 07: each can be drawn, read aloud, and stands in the unit."""

from __future__ import annotations

import inspect

import keras
import numpy as np
import pytest

from grader.pictures import Picture, convolution_family
from grader.pictures.convolution import CHANNELS, TABLES

PICTURES = {
    name: draw
    for name, draw in inspect.getmembers(convolution_family, inspect.isfunction)
    if name.startswith("draw_")
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_something_and_says_what(name):
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert picture.figure.axes
    assert len(picture.alt.split()) > 15
    assert picture.alt.endswith(".")


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_shown_in_its_unit(name, root):
    text = (root / "solutions" / "07-convolution-family.py").read_text()
    shown = f"convolution_family.{name}().show()", f"move(convolution_family.{name},"
    assert any(call in text for call in shown)


@pytest.mark.parametrize("strides", [1, 2, 3])
def test_a_stamp_adds_up_to_what_keras_gives(strides):
    pixels, kernel = convolution_family.PIXELS, convolution_family.STAMP
    layer = keras.layers.Conv2DTranspose(1, 3, strides, use_bias=False)
    layer.build((None, *pixels.shape, 1))
    layer.kernel.assign(kernel[:, :, None, None])
    expected = np.asarray(layer(pixels[None, :, :, None].astype("float32")))[0, :, :, 0]
    outputs, count = convolution_family.stamped(pixels.size - 1, strides)
    assert np.allclose(outputs, expected)
    assert count.sum() == pixels.size * kernel.size
    turned = layer.kernel.numpy()[::-1, ::-1, 0, 0]
    assert not np.array_equal(turned, kernel)


def test_a_stamp_says_how_many_numbers_overlap():
    assert "After this pixel, 0 numbers" in convolution_family.draw_stamp(5, 3).alt
    assert "After this pixel, 11 numbers" in convolution_family.draw_stamp(4, 2).alt


def test_the_two_steps_give_what_a_separable_layer_gives():
    words = convolution_family.draw_two_steps().alt
    layer = keras.layers.SeparableConv2D(3, (2, 3), use_bias=False)
    inputs = np.moveaxis(CHANNELS, 0, -1)[None].astype("float32")
    layer.build(inputs.shape)
    depthwise = np.moveaxis(TABLES, 0, -1)[..., None]
    layer.set_weights([depthwise, convolution_family.MIXING[None, None]])
    outputs = np.asarray(layer(inputs))[0, 0, 0].astype(int)
    assert words.endswith(f"two numbers: {', '.join(map(str, outputs))}.")
