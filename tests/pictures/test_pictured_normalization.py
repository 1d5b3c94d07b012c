"""The pictures of the unit on normalization: their numbers are those that Keras's layers give."""

from __future__ import annotations

import re

import keras
import numpy as np
import pytest

from grader.pictures import normalization


def numbers(picture):
    """All texts of a picture that are numbers, as they stand in it."""
    texts = [text.get_text().replace("−", "-") for text in picture.figure.axes[0].texts]
    return [float(text) for text in texts if re.fullmatch(r"-?[\d.]+", text)]


def with_weights(layer, inputs, *values):
    layer.build((None, *inputs.shape[1:]))
    layer.set_weights([np.array(value, "float32") for value in values])
    return np.array(layer(inputs))


GAMMA, BETA = (5, 10, 1, 2), (0, 3, -1, 0)
DRAWN = {
    "layer": (
        normalization.draw_layer_normalization,
        lambda: keras.layers.LayerNormalization(epsilon=1e-7),
        [[1, 9, 15, 7], [30, 10, 10, 30], [2, 2, 4, 4]],
        (GAMMA, BETA),
    ),
    "rms": (
        normalization.draw_rms_normalization,
        keras.layers.RMSNormalization,
        [[1, -1, 7, 7], [30, 30, -30, 30], [0, 0, 8, -6]],
        (GAMMA,),
    ),
    "group": (
        normalization.draw_group_normalization,
        lambda: keras.layers.GroupNormalization(2, epsilon=1e-7),
        [[1, 15, 30, 10], [9, 7, 10, 10], [15, 1, 10, 30], [7, 9, 30, 30]],
        (GAMMA, BETA),
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_a_picture_shows_what_the_layer_gives(name):
    draw, make, inputs, weights = DRAWN[name]
    shown = numbers(draw())
    outputs = with_weights(make(), np.array([inputs], "float32"), *weights)
    for array in (inputs, outputs):
        for value in np.ravel(array):
            assert any(abs(value - other) < 0.051 for other in shown), value
    said = re.findall(r"-?\d+(?:\.\d+)?", draw().alt)
    for value in outputs[0, 0]:
        assert any(abs(float(value) - float(other)) < 0.051 for other in said), value


def test_the_frames_hold_the_numbers_that_share_a_mean():
    alt = normalization.draw_shared().alt
    random = np.random.default_rng(0).normal(size=(3, 4, 6)).astype("float32")
    for groups in (1, 2, 6):
        (together, means) = map(
            int, re.search(rf"groups={groups}: (\d+) numbers, (\d+) means", alt).groups()
        )
        assert together * means == random.size
        layer = keras.layers.GroupNormalization(groups)
        changed = random.copy()
        changed[0, 0, 0] += 1
        assert np.sum(np.abs(layer(changed) - layer(random)) > 1e-6) == together


def test_a_moved_vector_is_what_the_layers_make_of_it():
    vector = 2 * np.array([[-2.0, 1.0, 0.0, 4.0, 2.0]], "float32") + 3
    alt = normalization.draw_moved(plus=3, times=2).alt
    for layer in (keras.layers.LayerNormalization(), keras.layers.RMSNormalization()):
        values = ", ".join(f"{value:.2f}" for value in np.array(layer(vector))[0])
        assert f"{type(layer).__name__}: {values}" in alt
