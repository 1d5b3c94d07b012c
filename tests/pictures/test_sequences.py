"""The pictures of the units on sequences: each can be drawn, read aloud, and is in its unit."""

from __future__ import annotations

import inspect

import numpy as np
import pytest
from matplotlib.figure import Figure

from grader.pictures import Picture, attention, cells, wrappers

PICTURES = [
    (unit, module, name)
    for unit, module in (
        ("08-embedding-and-cells", cells),
        ("09-recurrent-layers", wrappers),
        ("10-attention", attention),
    )
    for name, _ in inspect.getmembers(module, inspect.isfunction)
    if name.startswith("draw_")
]


@pytest.mark.parametrize(("unit", "module", "name"), PICTURES, ids=[row[2] for row in PICTURES])
def test_a_picture_says_what_it_shows_and_is_in_its_unit(unit, module, name, root):
    picture = getattr(module, name)()
    assert isinstance(picture, Picture)
    assert len(picture.alt.split()) > 15
    assert picture.alt.endswith(".")
    picture.figure.canvas.draw()
    short = module.__name__.rpartition(".")[2]
    assert f"{short}.{name}().show()" in (root / "solutions" / f"{unit}.py").read_text()


def test_a_heat_map_has_a_row_for_each_query_and_a_column_for_each_place():
    figure = attention.heat_map(np.eye(2, 3), ["a", "b"], ["c", "d", "e"], "title")
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["c", "d", "e"]


def test_strips_are_drawn_with_what_was_read():
    figure = Figure()
    panels = figure.subplots(1, 2)
    wrappers.strips(np.zeros((2, 3, 4, 5)), ["123", "456"], panels)
    assert [panel.get_title() for panel in panels] == ["123", "456"]
    assert panels[0].images[0].get_array().shape == (4, 15)
