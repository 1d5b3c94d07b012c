"""What unit 03 says about its experiments, held against their numbers with several seeds."""

from __future__ import annotations

import pytest

from tests.notebooks.claims.cells import mean, run

UNIT = "03-regularize-normalize"
START = ("imports", "start-experiment")
SEEDS = [1, 2, 3]
seeds = pytest.mark.parametrize("seed", SEEDS)


def spoiled(seed, *cell_ids, **changed):
    """The cells, after the one that spoils labels and trains with and without Dropout."""
    first = {"rate, seed = 0.5, 1": f"rate, seed = 0.5, {seed}"}
    return run(UNIT, *START, "dropout-experiment-4", *cell_ids, changed=first | changed)


@seeds
@pytest.mark.long
def test_without_the_rescaling_a_network_is_right_later(seed):
    changed = {"set_random_seed(1)": f"set_random_seed({seed})"}
    names = run(UNIT, *START, "dropout-experiment-3", changed=changed)
    rescaled, quiet = names["rescaling"]["rescaled"], names["rescaling"]["not rescaled"]
    assert sum(rescaled) > sum(quiet) + 0.1
    ink = names["crowd"][0].sum()
    assert names["Quiet"](0.8)(names["crowd"], training=True).numpy().sum() < 0.25 * 1000 * ink


@seeds
@pytest.mark.long
def test_dropout_keeps_wrong_labels_from_being_learned(seed):
    without, with_dropout = spoiled(seed)["overfitting"].values()
    assert without["learned"] > with_dropout["learned"] + 0.2
    assert without["best"] - without["last"] > 0.03
    assert with_dropout["last"] > without["last"] + 0.03


@pytest.mark.long
def test_penalties_make_weights_small_and_answers_better():
    runs = [spoiled(seed, "penalties-experiment")["found"] for seed in SEEDS]
    for found in runs:
        none, l2, l1 = (found[name] for name in ("no penalty", "L2(0.01)", "L1(0.003)"))
        assert none["size"] > 2 * max(l1["size"], l2["size"])
        assert l1["small"] > 0.5 > none["small"]
    new = {name: mean(found[name]["new"] for found in runs) for name in runs[0]}
    assert min(new["L2(0.01)"], new["L1(0.003)"]) > new["no penalty"] + 0.01


def test_add_loss_does_what_the_argument_does():
    names = run(UNIT, *START, "add-loss-experiment")
    for layer in (names["mine"], names["keras_own"]):
        assert [float(loss) for loss in layer.losses] == pytest.approx([0.15])


@pytest.mark.long
def test_the_loss_holds_the_penalty_and_the_metric_does_not():
    """The loss is the mean squared error and the penalty; the error alone is less."""
    watched = run(UNIT, *START, "metrics-experiment")["watched"]
    losses = [watched[strength]["loss"] for strength in (0.0, 0.1, 1.0)]
    assert losses == sorted(losses)
    assert watched[0.0]["penalty"] == 0
    assert watched[1.0]["penalty"] > 0.05
    assert all(0.2 < of["mae"] < 1 for of in watched.values())


@seeds
@pytest.mark.long
def test_before_or_after_matters_less_than_whether(seed):
    names = run(
        UNIT, *START, "batchnormalization-experiment-3", changed={"seed = 1": f"seed = {seed}"}
    )
    none, before, after = (names["losses"][p][4] for p in ("none", "before", "after"))
    assert none > 3 * max(before, after)
    assert abs(before - after) < 0.2 * none


@pytest.mark.long
def test_only_with_batch_normalization_large_learning_rates_work():
    found = [
        run(UNIT, *START, "learning-rates-experiment", changed={"2.0), 1": f"2.0), {seed}"})
        for seed in SEEDS
    ]
    for learned in (names["learned"] for names in found):
        assert learned["without"][-1] < 0.3
        assert learned["with"][-1] > 0.8
        assert learned["with"][0] > learned["without"][0] + 0.1


@pytest.mark.long
def test_a_digit_gets_noise_from_the_others_of_its_batch():
    """And it does far less against wrong labels than Dropout: less than half of the way."""
    names = spoiled(1, "batch-noise-experiment")
    values = list(names["noise"].values())
    assert values == sorted(values, reverse=True)
    assert values[0] > 5 * values[-1]
    plain, normalized = (names["normalized"][name] for name in ("without", "with"))
    assert normalized["best"] < plain["best"] + 0.01
    assert normalized["last"] - plain["last"] > 0
    dropout = names["overfitting"]
    gain = dropout[0.5]["last"] - dropout[0.0]["last"]
    assert normalized["last"] - plain["last"] < gain / 2


@pytest.mark.long
def test_the_momentum_matters_in_the_test_only():
    last = "all-three-layers-in-one-network-experiment-2"
    histories = run(UNIT, *START, "batch-normalization", last)["histories"]
    losses = [history["loss"] for history in histories.values()]
    assert all(loss == pytest.approx(losses[0], rel=1e-3) for loss in losses)
    ends = {name: history["val_loss"][-1] for name, history in histories.items()}
    assert ends["yours, 0.99"] == pytest.approx(ends["Keras, 0.99"], rel=1e-3)
    assert ends["yours, 0.5"] < ends["yours, 0.99"] < 0.7 * ends["yours, 0.999"]
