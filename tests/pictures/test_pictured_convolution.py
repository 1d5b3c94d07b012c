"""The pictures of the unit on convolution: drawn, read aloud, shown, and true."""

from __future__ import annotations

import inspect
import itertools
import re

import keras
import numpy as np
import pytest

from grader.pictures import Picture, convolution

PICTURES = {
    name: draw
    for name, draw in inspect.getmembers(convolution, inspect.isfunction)
    if name.startswith("draw_")
}


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_something_and_says_what(name):
    picture = PICTURES[name]()
    assert isinstance(picture, Picture)
    assert len(picture.alt.split()) > 15
    assert picture.alt.endswith(".")
    picture.figure.canvas.draw()


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_shown_in_its_unit(name, root):
    text = (root / "solutions" / "06-convolution.py").read_text()
    assert f"convolution.{name}(" in text or f"move(convolution.{name}," in re.sub(r"\s+", "", text)


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
def test_a_walk_has_the_windows_and_the_zeros_of_keras(padding):
    """A layer of ones on ones: each output is the number of steps that its window saw."""
    for steps, kernel_size, strides in itertools.product((4, 7, 8), (1, 2, 3), (1, 2, 4)):
        layer = keras.layers.Conv1D(
            1, kernel_size, strides, padding=padding, kernel_initializer="ones", use_bias=False
        )
        saw = np.asarray(layer(np.ones((1, steps, 1))))[0, :, 0]
        before, after, count = convolution.walk(steps, kernel_size, strides, padding)
        padded = np.pad(np.ones(steps), (before, after))
        starts = range(0, count * strides, strides)
        assert [padded[start : start + kernel_size].sum() for start in starts] == list(saw)


def test_a_walk_says_what_no_window_sees():
    assert "3 windows" in convolution.draw_walk(10, 2, 4, "valid").alt
    assert "steps not seen: 4." in convolution.draw_walk(10, 2, 4, "valid").alt
    assert "0 windows" in convolution.draw_walk(4, 5, 1, "valid").alt


def test_what_a_window_says_is_what_comes_out():
    outputs = convolution.slide_over(convolution.IMAGE, convolution.KERNEL)
    for place, value in enumerate(outputs.ravel()):
        assert f"= {value}." in convolution.draw_window(place).alt.replace("\u2212", "-")
    turned = convolution.slide_over(convolution.IMAGE, np.rot90(convolution.KERNEL, 2))
    assert not np.array_equal(outputs, turned)


def test_the_partial_sums_add_up_to_what_keras_gives():
    inputs = np.moveaxis(convolution.CHANNELS, 0, -1)[None].astype("float32")
    layer = keras.layers.Conv2D(1, (2, 3))
    layer.build(inputs.shape)
    layer.set_weights([np.moveaxis(convolution.TABLES, 0, -1)[..., None], np.ones(1)])
    for place, value in enumerate(np.asarray(layer(inputs)).ravel()):
        words = convolution.draw_partial_sums(place).alt
        assert words.endswith(f"one number, {value:.0f}, comes out.")
