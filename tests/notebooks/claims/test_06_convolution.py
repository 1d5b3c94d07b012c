"""What unit 06 says about its experiments, held against their numbers with several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from grader import examine
from tests.notebooks.claims.cells import run

UNIT = "06-convolution"
START = ("imports", "start-experiment")
seeds = pytest.mark.parametrize("seed", [0, 1, 2])


def experiment(*cell_ids, changed=None):
    """The cells, after the answers that they go on from."""
    return run(
        UNIT, *START, "same-padding", "conv1d", "conv2d", "conv3d", *cell_ids, changed=changed
    )


@pytest.mark.parametrize(
    ("line", "fields"),
    [("size, rates = 2, (1, 2, 4, 8)", [2, 4, 8, 16]), ("size, rates = 3, (1, 3, 9)", [3, 9, 27])],
)
def test_the_receptive_field_grows_by_the_reach(line, fields):
    first = "size, rates = 2, (1, 2, 4, 8)"
    names = experiment("all-windows-at-once-experiment-2", changed={first: line})
    assert names["fields"] == fields
    assert names["changed"].min() == 8


@seeds
@pytest.mark.long
def test_the_order_of_letters_tells_first_from_family_names(seed):
    names = experiment("conv1d-on-text-experiment", changed={"seed = 0": f"seed = {seed}"})
    plain, window = names["right_names"].values()
    assert window > plain + 0.04
    assert plain > 0.7


@pytest.mark.parametrize("seed", [3, 4, 5])
@pytest.mark.long
def test_many_kernels_compare_one_side_with_the_other(seed):
    names = experiment(
        "what-did-it-learn-experiment",
        "what-did-it-learn-experiment-2",
        changed={"seed = 3": f"seed = {seed}"},
    )
    assert len(names["compare"]) >= 4


def test_each_filter_of_the_film_follows_one_direction():
    cell = "what-did-it-learn-experiment"
    code = ("digits", "order", "images", "labels")
    names = experiment(cell, "conv3d-experiment-2", changed={"epochs=12": "epochs=1"})
    assert set(code) <= set(names)
    film, watch = names["film"], names["watch"]
    right, left = (
        np.square(np.asarray(watch(shown))).mean(axis=(0, 1, 2, 3))
        for shown in (film, film[:, ::-1])
    )
    assert right[0] > 1.1 * right[1]
    assert left[1] > 1.1 * left[0]
    means = np.asarray(watch(film)).mean(axis=(0, 1, 2, 3))
    assert np.allclose(means[0], means[1], rtol=0.02)


@seeds
@pytest.mark.long
def test_only_a_window_over_two_frames_tells_right_from_left(seed):
    names = experiment(
        "what-did-it-learn-experiment",
        "conv3d-on-films-experiment",
        changed={
            "epochs=12, verbose=0)\nright =": "epochs=1, verbose=0)\nright =",
            "seed = 0": f"seed = {seed}",
        },
    )
    plain, deep = names["right_films"].values()
    assert plain < 0.62
    assert deep > 0.9
    assert names["motion"].count_params() < 600


def test_the_friends_card_says_what_the_question_is_about():
    names = run(UNIT, *START, "explain-a-card-experiment")
    report = examine(names["FriendsConv1D"], "Conv1D")
    wrong = {finding.aspect for finding in report.failed}
    assert wrong == {"output", "gradient"}
    assert "extra zero comes before" in report.diagnosis.says
    assert "Right for some kinds of cases" in str(report)
