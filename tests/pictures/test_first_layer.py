"""The pictures of units 00 and 05: each says what it shows, and stands in its unit."""

from __future__ import annotations

import inspect
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest

from grader.pictures import first_layer, saving

PICTURES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": draw
    for module in (first_layer, saving)
    for name, draw in inspect.getmembers(module, inspect.isfunction)
    if name.startswith("draw_")
}
UNITS = {"first_layer": "00-your-first-layer", "saving": "05-saving"}


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
    unit = UNITS[name.partition(".")[0]]
    assert f"{name}().show()" in (root / "solutions" / f"{unit}.py").read_text()
