"""The pictures of unit 04: each says what it shows, and stands in its unit."""

from __future__ import annotations

import inspect
import io

import matplotlib.pyplot as plt
import numpy as np
import pytest

from grader.bench.backend import keras
from grader.pictures import features

PICTURES = {
    name: draw
    for name, draw in inspect.getmembers(features, inspect.isfunction)
    if name.startswith("draw_")
}
UNIT = "04-features"
SEXES = ["male", "female", "unknown"]


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
    assert f"pictures.{name}().show()" in (root / "solutions" / f"{UNIT}.py").read_text()


def test_the_birds_fall_into_the_bins_that_keras_gives():
    figure = features.draw_dense_features().figure
    texts = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    bins = keras.layers.HashedCrossing(4)([["Dream", "Biscoe", "Torgersen"], SEXES])
    left = next(x for (x, _), words in texts.items() if words == "island_X_sex_indicator") - 2
    for row, expected in enumerate(keras.ops.one_hot(bins, 4)):
        cells = [float(texts[left + column + 0.5, 9.2 + row]) for column in range(4)]
        assert cells == list(map(float, expected))
