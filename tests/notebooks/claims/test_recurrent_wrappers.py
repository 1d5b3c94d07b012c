"""What unit 11 says about its experiments, held by their own numbers with several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "11-recurrent-wrappers"
START = ("imports", "start-experiment")


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_ways_fill_more_gaps_than_one(seed):
    changed = {"seed=2, epochs": f"seed={seed}, epochs"}
    names = run(UNIT, *START, "bidirectional-experiment-2", changed=changed)
    left, both = (
        np.mean(names["probabilities"][way].argmax(axis=1) == names["new_letters"])
        for way in ("from the left", "both ways")
    )
    assert left < 0.38
    assert both > left + 0.06


@pytest.mark.long
def test_the_chosen_names_gain_from_the_second_direction():
    names = run(UNIT, *START, "bidirectional-experiment-2", "bidirectional-experiment-3")
    chosen = names["chosen"]
    assert len({names["new_letters"][place] for place in chosen}) == 3
    gains = names["both"][chosen] - names["left"][chosen]
    assert gains.min() > 0.4


@pytest.mark.long
def test_a_wrapped_reader_has_no_new_weights_and_reads_strips():
    names = run(UNIT, *START, "timedistributed-experiment-2")
    assert names["line_reader"].count_params() == names["reader"].count_params()
    assert np.mean(names["said"] == names["numbers"]) > 0.8


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_only_the_convolutional_lstm_knows_where_the_dot_goes(seed):
    """From one frame eight pixels are equally likely, and one guess in eight is right."""
    changed = {"seed=3, epochs": f"seed={seed}, epochs"}
    names = run(UNIT, *START, "convlstm2d-experiment-2", changed=changed)
    found, given = {}, {}
    for kind, predicted in names["predicted"].items():
        found[kind] = np.mean(predicted.argmax(axis=1) == names["true_pixels"])
        given[kind] = predicted[np.arange(400), names["true_pixels"]].mean()
    assert found["ConvLSTM2D"] > 0.95
    assert given["ConvLSTM2D"] > 0.9
    assert found["the last frame only"] < 0.25
    assert 0.08 < given["the last frame only"] < 0.2
