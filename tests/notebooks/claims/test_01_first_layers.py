"""What unit 01 says about its experiments, held against their numbers with several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "01-first-layers"
START = ("imports", "start-experiment", "start-experiment-2")
seeds = pytest.mark.parametrize("seed", [7, 8, 9])


def experiment(seed, *cell_ids):
    """The cells, with weights and batches drawn by this seed."""
    return run(UNIT, *START, *cell_ids, changed={"set_random_seed(7)": f"set_random_seed({seed})"})


@seeds
@pytest.mark.long
def test_unit_0_has_learned_that_the_middle_of_a_zero_is_empty(seed):
    names = experiment(seed, "dense-experiment-2")
    rows = names["kernel"][:, 0].reshape(8, 8)
    assert names["middle"] < -0.3
    assert names["middle"] < rows[2:6].mean() - 0.2


@seeds
@pytest.mark.long
def test_without_a_nonlinearity_the_loss_hardly_falls_in_the_end(seed):
    """And with relu it goes on to a fraction of it."""
    names = experiment(seed, "dense-experiment-2", "activation-experiment-2")
    linear, relu = names["curves"]["linear"], names["curves"]["relu"]
    assert linear[9] - linear[-1] < 0.02
    assert 3 * relu[-1] < linear[-1]
    assert names["shares"]["relu"] > names["shares"]["linear"] + 0.02


@seeds
@pytest.mark.long
def test_shuffled_pictures_are_learned_as_well(seed):
    right = experiment(seed, "flatten-experiment-2")["by_order"]
    assert min(right.values()) > 0.93
    assert abs(right["in order"] - right["shuffled"]) < 0.02


@pytest.mark.long
def test_the_curve_shows_a_fault_that_the_accuracy_hides():
    answers = ("dense", "activation", "flatten", "reshape")
    last = [f"four-layers-one-network-experiment{more}" for more in ("", "-2", "-3")]
    names = run(UNIT, *START, "dense-experiment-2", *answers, *last)
    gaps = {name: np.max(gap) for name, gap in names["distances"].items()}
    assert gaps["yours, same start"] < 1e-5
    assert gaps["yours, without biases"] > 1000 * gaps["yours, same start"]
    assert gaps["yours, other start"] > 1000 * gaps["yours, same start"]
    assert max(names["shares"].values()) - min(names["shares"].values()) < 0.03
