"""The pictures of the unit on convolution: drawn, read aloud, shown; and the slider."""

from __future__ import annotations

import inspect

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
    text = (root / "solutions" / "05-convolution.py").read_text()
    assert f"convolution.{name}(" in text


def test_what_a_window_says_is_what_comes_out():
    outputs = convolution.slide_over(convolution.IMAGE, convolution.KERNEL)
    for place, value in enumerate(outputs.ravel()):
        assert f"= {value}." in convolution.draw_window(place).alt.replace("\u2212", "-")
    turned = convolution.slide_over(convolution.IMAGE, np.rot90(convolution.KERNEL, 2))
    assert not np.array_equal(outputs, turned)
