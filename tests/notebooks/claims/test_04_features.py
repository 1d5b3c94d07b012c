"""What unit 04 says about its experiments, held against their numbers with several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebooks.claims.cells import mean, run

UNIT = "04-features"
START = ("imports", "start-experiment", "start-experiment-2")
ANSWERS = ("bucketize", "one-hot", "features-width", "features-order", "dense-features")
SEEDS = [4, 5, 6]


def experiment(*cell_ids, **changed):
    """The cells, after the answers that they go on from."""
    return run(UNIT, *START, *ANSWERS, *cell_ids, changed=changed["changed"])


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.long
def test_a_forgotten_adapt_costs_many_times_the_loss(seed):
    changed = {"default_rng(4)": f"default_rng({seed})"}
    curves = run(UNIT, *START, "numbers-on-one-scale-experiment", changed=changed)["curves"]
    assert curves["not adapted"][-1] > 20 * curves["adapted"][-1]


def test_only_with_a_hundred_bins_no_pairs_share_one():
    in_use = run(UNIT, "imports", "start-experiment", "crossing-experiment")["in_use"]
    assert in_use[100] == 9
    assert max(in_use[4], in_use[20]) < 9


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.long
def test_a_block_in_another_place_costs_accuracy(seed):
    names = experiment(
        "crossing-experiment",
        "penguins-through-your-layer-experiment",
        changed={"default_rng(4)": f"default_rng({seed})"},
    )
    assert names["as_it_is"] > names["moved"] + 0.2


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.long
def test_the_embedding_puts_mixed_islands_at_a_border(seed):
    """Torgersen lies inside the Adelie's area, the other two between two species."""
    names = experiment(
        "crossing-experiment",
        "penguins-through-your-layer-experiment",
        "penguins-through-your-layer-experiment-2",
        changed={"set_random_seed(3)": f"set_random_seed({seed})"},
    )
    biscoe, dream, torgersen = np.array(names["reader"](names["after"]))
    assert torgersen[0] > 0.8
    assert np.sort(biscoe)[1] > 0.15
    assert np.sort(dream)[1] > 0.3
    assert (np.argmin(biscoe), np.argmin(dream)) == (1, 2)


@pytest.mark.long
def test_a_large_cross_is_best_on_training_birds_and_buckets_on_others():
    """On average over three ways to choose the training birds, as one has only 100 others."""
    found = [
        experiment(
            "what-each-kind-of-column-can-experiment",
            changed={"default_rng(4)": f"default_rng({seed})"},
        )["sexed"]
        for seed in SEEDS
    ]
    known, new = ({name: mean(one[name][k] for one in found) for name in found[0]} for k in (0, 1))
    assert max(known, key=known.get) == "a cross, 400 bins"
    assert new["a cross, 400 bins"] < new["buckets"] - 0.02
    assert known["a cross, 400 bins"] > new["a cross, 400 bins"] + 0.03
