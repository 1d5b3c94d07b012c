"""The pictures of unit 00: each says what it shows, and stands in its unit."""

from __future__ import annotations

import inspect
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest

from grader.pictures import first_layer

PICTURES = {
    name: draw
    for name, draw in inspect.getmembers(first_layer, inspect.isfunction)
    if name.startswith("draw_")
}
UNIT = "00-your-first-layer"


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_something_and_says_what(name):
    picture = PICTURES[name]()
    assert len(picture.alt.split()) > 15
    assert picture.alt.endswith(".")
    buffer = io.BytesIO()
    picture.figure.savefig(buffer, format="png", dpi=40)
    ink = plt.imread(io.BytesIO(buffer.getvalue()))[..., :3]
    assert 0.01 < np.mean(np.abs(ink - ink[0, 0]).sum(axis=-1) > 0.05) < 0.9


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_shown_in_its_unit(name, root):
    assert f"first_layer.{name}().show()" in (root / "solutions" / f"{UNIT}.py").read_text()
