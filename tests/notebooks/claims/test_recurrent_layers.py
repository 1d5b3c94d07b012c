"""What unit 10 says about its experiments, held by their own numbers with several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from grader.card.report import Report
from tests.notebooks.claims.cells import run

UNIT = "10-recurrent-layers"
START = ("imports", "start-experiment")
LAYERS = ("rnn", "simple-rnn", "lstm", "gru")
REACH = "why-the-simple-one-forgets-experiment-2"
NAMES = "a-machine-that-invents-names-experiment"


def test_the_friends_card_names_one_idea_and_one_more_line_mends_it():
    cell = "failing-card-experiment"
    show = {"examine(FriendsRNN": "report = examine(FriendsRNN"}
    report: Report = run(UNIT, *START, cell, changed=show)["report"]
    assert {finding.aspect for finding in report.failed} == {"output", "gradient"}
    assert report.diagnosis is not None
    assert report.diagnosis.name == "mask not reversed"
    flipped = "inputs = ops.flip(inputs, axis=1)"
    mended = f"{flipped}\n            mask = None if mask is None else ops.flip(mask, axis=1)"
    assert run(UNIT, *START, cell, changed={**show, flipped: mended})["report"].passed


@pytest.fixture(scope="module")
def reached():
    """The names of unit 10 after the gradients were measured."""
    return run(UNIT, *START, *LAYERS, REACH)


def test_the_gradient_vanishes_explodes_or_passes(reached):
    left = reached["left"]
    assert left["SimpleRNN, U halved"] < 1e-10
    assert left["SimpleRNN, U times 2.5"] > 100
    assert left["LSTM"] < left["SimpleRNN"] / 100  # it starts worse than the simple layer
    assert 0.3 < left["LSTM, forget bias 5"] < 30


def test_the_power_of_the_gate_tells_the_size_of_the_gradient(reached):
    """Within a factor of 100, while the three biases are six powers of ten apart."""
    for bias in (1.0, 3.0, 5.0):
        gate = 1 / (1 + np.exp(-bias))
        measured = reached["reach"](reached["LSTM"], reached["forget_bias"](bias))[0]
        assert 0.01 < measured / gate**39 < 100


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_only_the_gates_that_start_open_remember(seed):
    changed = {"bias=None, seed=0": f"bias=None, seed={seed}"}
    recalled = run(UNIT, *START, "memory-experiment", changed=changed)["recalled"]
    assert recalled["SimpleRNN"] < 0.4
    assert recalled["GRU"] < 0.5
    assert recalled["GRU, update bias 4"] > 0.95


@pytest.mark.long
def test_a_gru_has_three_quarters_of_the_parameters_of_an_lstm():
    names = run(UNIT, *START, "cost-experiment")
    assert names["fewer"] == pytest.approx(0.75, abs=0.02)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_layer_beats_the_mean_of_the_month(seed):
    changed = {"set_random_seed(2)": f"set_random_seed({seed})"}
    cells = ("a-curve-that-everybody-knows-experiment", "a-curve-that-everybody-knows-experiment-2")
    names = run(UNIT, *START, *LAYERS, *cells, changed=changed)
    errors, off = names["errors"], names["off"]
    assert errors["nothing changes"] > 3 * errors["the month's mean"]
    for name in ("SimpleRNN", "GRU"):
        assert errors[name] > errors["the month's mean"]
        assert errors[name] < errors["nothing changes"] / 2
    assert errors["SimpleRNN"] < errors["GRU"] + 0.05  # the simple layer is enough
    assert set(off) == {"GRU", "as a year ago", "the month's mean"}
    assert max(off.values()) < 6


@pytest.mark.long
def test_names_become_stranger_with_the_temperature():
    names = run(UNIT, *START, *LAYERS, NAMES, f"{NAMES}-2")
    found = [
        np.mean([name in names["real"] for name in names["invent"](200, temperature)])
        for temperature in (0.3, 0.7, 1.0, 1.5)
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1] + 0.3
