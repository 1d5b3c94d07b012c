"""The pictures of the units on sequences: each can be drawn, read aloud, and is in its unit."""

from __future__ import annotations

import inspect
import re

import keras
import numpy as np
import pytest
from matplotlib.figure import Figure

from grader.pictures import (
    Picture,
    attention,
    cells,
    decoder,
    positions,
    recurrent,
    residual,
    seeing,
    wrappers,
    writing,
)

PICTURES = [
    (unit, module, name)
    for unit, module in (
        ("09-embedding-and-cells", cells),
        ("10-recurrent-layers", recurrent),
        ("11-recurrent-wrappers", wrappers),
        ("12-attention", attention),
        ("14-positions-and-heads", positions),
        ("15-decoder-block", decoder),
        ("16-residual-networks", residual),
        ("18-capstone-write", writing),
        ("19-capstone-see", seeing),
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
    text = (root / "solutions" / f"{unit}.py").read_text()
    short = module.__name__.rpartition(".")[2]
    assert re.search(rf"{short}\.{name}\(\)\.show\(\)|return {short}\.{name}\(", text)


def test_what_is_read_inside_a_cell_is_what_a_keras_cell_does():
    random = np.random.default_rng(0)
    vectors = random.normal(size=(6, 3)).astype("float32")
    layer = keras.layers.LSTM(4, return_sequences=True, return_state=True)
    layer.build((None, 6, 3))
    for weight in layer.weights:
        weight.assign(random.normal(size=weight.shape))
    outputs, _, carry = layer(vectors[None])
    inside = cells.read_lstm(vectors, *layer.get_weights())
    np.testing.assert_allclose(inside["h"], outputs[0], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(inside["c"][-1], carry[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "read"), [("Ö-Li'a", "lia"), ("4", "nothing"), ("a" * 20, "a" * 13)]
)
def test_a_name_is_read_as_far_as_it_has_letters(name, read):
    assert f"while it reads {read}," in cells.draw_gates(name=name).alt


def test_a_look_follows_its_scale_and_its_mask():
    scores = np.array([[1.0, 3.0, 2.0], [0.0, 1.0, 5.0]])
    words = ["a", "b", "c"]
    assert "a 0.33, b 0.33, c 0.33." in attention.draw_look(scores, words, 0, 0.0).alt
    assert "a 0.09, b 0.67, c 0.24." in attention.draw_look(scores, words, 0, 1.0).alt
    shut = attention.draw_look(scores, words, 1, 1.0, causal=True)
    assert "the future hidden" in shut.alt
    assert "a 0.27, b 0.73." in shut.alt


def test_a_heat_map_has_a_row_for_each_query_and_a_column_for_each_place():
    figure = attention.heat_map(np.eye(2, 3), ["a", "b"], ["c", "d", "e"], "title")
    assert isinstance(figure, Figure)
    (axes,) = figure.axes
    assert [label.get_text() for label in axes.get_yticklabels()] == ["a", "b"]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["c", "d", "e"]


def test_chances_stay_by_all_three_ways_together():
    picture = writing.draw_chances(1.5, 5, 0.8)
    assert "4 of the letters stay" in picture.alt
    assert "e .38, a .29, i .19, o .14, r 0" in picture.alt
    assert "1 of the letters stay" in writing.draw_chances(p=0.1).alt


def test_a_growing_cache_may_begin_empty():
    assert "holds the keys of 0 positions" in writing.draw_growing(0, 1).alt


def test_a_cache_shows_what_each_new_token_sees():
    alt = decoder.draw_cache(start=7, steps=3, places=9).alt  # there is room for two
    assert "the new keys stand at 7 and 8." in alt
    assert alt.endswith("the token at place 7 sees 0 to 7; the token at place 8 sees 0 to 8.")


def test_strips_are_drawn_with_what_was_read():
    figure = Figure()
    panels = figure.subplots(1, 2)
    wrappers.strips(np.zeros((2, 3, 4, 5)), ["123", "456"], panels)
    assert [panel.get_title() for panel in panels] == ["123", "456"]
    assert panels[0].images[0].get_array().shape == (4, 15)
