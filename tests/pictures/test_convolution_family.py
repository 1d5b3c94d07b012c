"""The pictures of unit 07: each can be drawn, read aloud, and stands in the unit."""

from __future__ import annotations

import inspect

import pytest

from grader.pictures import Picture, convolution_family

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
    assert f"convolution_family.{name}().show()" in text
