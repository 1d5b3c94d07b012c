"""What unit 08 says about its experiments, held by their own numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "08-pooling"
DATA = "imports", "start-code", "start-experiment"
SAMPLES = {
    "the text's": None,
    "others": {"slice(0, 400), slice(400, 1400)": "slice(3000, 3400), slice(1000, 2000)"},
    "other writers": {"slice(0, 400), slice(400, 1400)": "slice(4300, 4700), slice(3000, 4000)"},
}


@pytest.fixture(scope="module", params=SAMPLES)
def measured(request):
    """The names after the features of moved digits were compared, for several samples."""
    return run(UNIT, *DATA, "maxpool2d-experiment-2", changed=SAMPLES[request.param])


def test_a_larger_window_changes_less_for_a_move_by_one_pixel(measured):
    none, two, four, whole = (measured["change"][window][1] for window in (1, 2, 4, 16))
    assert two < none - 0.15
    assert four < two - 0.1
    assert whole < 1e-6


def test_pooling_by_2_hardly_helps_for_a_move_by_four_pixels(measured):
    none, two, whole = (measured["change"][window][4] for window in (1, 2, 16))
    assert 0.85 * none < two < none
    assert whole < 1e-6


def test_fewer_digits_are_told_apart_after_pooling_by_4_and_half_of_them_in_one_window(measured):
    none, four, whole = (measured["told"][window] for window in (1, 4, 16))
    assert four < none - 0.02
    assert 0.4 < whole < 0.6


def test_none_of_the_ink_is_lost_in_a_move(measured):
    images, moved = measured["images"][:50], measured["moved"]
    for right in range(5):
        np.testing.assert_allclose(moved(images, right).sum(), images.sum(), rtol=1e-5)


@pytest.mark.parametrize(("right", "only_moved"), [(1, False), (2, True), (3, False), (4, True)])
def test_the_pooled_map_only_moves_with_multiples_of_the_stride(measured, right, only_moved):
    changed = {"right = 1  #": f"right = {right}  #"}
    names = run(UNIT, "maxpool2d-change-it", changed=changed, then=measured)
    assert names["only_moved"] is only_moved
    if only_moved:
        np.testing.assert_array_equal(np.roll(names["still"], right // 2, 1), names["after"])


def test_padding_that_is_counted_makes_a_dark_frame():
    names = run(UNIT, *DATA, "averagepooling2d-experiment")
    np.testing.assert_allclose(names["kept"], 1, rtol=1e-6)
    counted = np.asarray(names["counted"])
    np.testing.assert_allclose(counted[1:-1, 1:-1], 1, rtol=1e-6)
    assert max(counted[0].max(), counted[:, 0].max()) < 0.7


def test_the_receptive_fields_are_those_of_the_picture():
    names = run(UNIT, *DATA, "how-far-does-a-number-see-experiment-2")
    assert list(names["seen"].values()) == [5, 8, 18]
    seen, most = (np.argwhere(names["slope"] > names["slope"].max() * part) for part in (0, 0.99))
    np.testing.assert_allclose(most.mean(axis=0), seen.mean(axis=0), atol=0.51)
    field = names["slope"][tuple(slice(low, low + 18) for low in seen.min(axis=0))]
    assert field.max() > 10 * field[0].mean(), "the pixels in the middle count most"


def test_global_pooling_saves_what_the_text_says():
    head_params = run(UNIT, "imports", "head-params")["head_params"]
    assert round(head_params((None, 7, 7, 512), 1000, "flatten") / 1e6) == 25
    assert round(head_params((None, 7, 7, 512), 1000, "average") / 1e6, 1) == 0.5


def test_the_card_of_the_other_students_layer_says_what_its_question_needs():
    names = run(UNIT, *DATA, "explain-card-experiment")
    report = names["examine"](names["StudentPool"], "MaxPool2D")
    assert report.diagnosis is None, "the card would give the answer away"
    assert {finding.aspect for finding in report.failed} == {"output", "gradient"}
    layer = names["StudentPool"]((1, 3), (1, 3))
    assert layer(np.array([1.0, 2.0, 3.0]).reshape(1, 1, 3, 1)).numpy().item() == 1
    for window in (2, 3):
        right = names["keras"].layers.MaxPooling2D(window, padding="same")
        other = names["StudentPool"](window, padding="same")
        inputs = np.random.default_rng(0).normal(size=(2, 7, 7, 2))
        np.testing.assert_array_equal(right(inputs), other(inputs))
