"""What unit 09 says about its experiments, held by their own numbers."""

from __future__ import annotations

import pytest

from tests.notebooks.claims.cells import mean, run

UNIT = "09-embedding-and-cells"
START = "imports", "start-experiment"


def test_looking_up_gives_the_same_vectors_several_times_as_fast():
    names = run(UNIT, *START, "embedding-one-hot")
    assert names["same"]
    assert names["memory"] == names["vocabulary"]
    assert names["faster"] > 3


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_an_open_gate_keeps_the_first_vector_and_no_other_cell_does(seed):
    changed = {
        "set_random_seed(1)": f"set_random_seed({seed})",
        "default_rng(1)": f"default_rng({seed})",
    }
    kept = run(UNIT, *START, "lstmcell-experiment-2", changed=changed)["kept"]
    last = {name: apart[40] for name, apart in kept.items()}
    assert last["LSTM, forget bias 5"] > 1
    assert 0.2 < last["GRU, update bias 4"] < 1
    for name in ("SimpleRNN", "LSTM, forget bias 0", "LSTM, forget bias 1", "GRU, update bias 0"):
        assert last[name] < 1e-3, name
    assert kept["LSTM, forget bias 1"][10] > 5 * kept["LSTM, forget bias 0"][10]
    assert kept["LSTM, forget bias 1"][10] > 2 * kept["SimpleRNN"][10]


def test_with_zeros_the_simple_cell_keeps_far_more_than_with_noise():
    noise = run(UNIT, *START, "lstmcell-experiment-2")["kept"]["SimpleRNN"][40]
    line = "one, two = noise"
    zeros = run(UNIT, *START, "lstmcell-experiment-2", changed={line: f"noise[1:] = 0\n{line}"})
    assert zeros["kept"]["SimpleRNN"][40] > 100 * noise


@pytest.mark.parametrize(("bias", "steps"), [(0, 2), (1, 3), (5, 104)])
def test_half_of_a_cell_state_is_left_for_as_many_steps_as_the_text_says(bias, steps):
    changed = {"forget_bias = 1.0": f"forget_bias = {bias}.0"}
    assert run(UNIT, "imports", "lstmcell-change-it", changed=changed)["half_life"] == steps


def test_each_further_1_of_a_large_bias_makes_it_last_2_7_times_as_long():
    lives = [
        run(
            UNIT,
            "imports",
            "lstmcell-change-it",
            changed={"forget_bias = 1.0": f"forget_bias = {bias}.0"},
        )["half_life"]
        for bias in (3, 4, 5)
    ]
    assert 2.5 < lives[1] / lives[0] < 2.8
    assert 2.5 < lives[2] / lives[1] < 2.8


@pytest.mark.parametrize("seed", [4, *(pytest.param(n, marks=pytest.mark.long) for n in (5, 6, 7))])
def test_vowels_get_vectors_near_each_other(seed):
    changed = {"set_random_seed(4)": f"set_random_seed({seed})"}
    cells = "embedding-experiment-2", "embedding-experiment-2-plot"
    names = run(UNIT, *START, *cells, changed=changed)
    assert names["near"] < 0.6 * names["far"]
    assert 10 < names["perplexity"] < 12, "much less than 27"


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_order_helps_to_read_names_and_gates_do_not(seed):
    changed = {
        "set_random_seed(1)": f"set_random_seed({seed})",
        "default_rng(0)": f"default_rng({seed - 1})",
    }
    answers = "embedding", "simple-rnn-cell", "lstm-cell", "gru-cell", "memory-cell"
    names = run(UNIT, *START, *answers, "four-cells-read-names-experiment", changed=changed)
    right = names["right"]
    known = [right[cell] for cell in ("SimpleRNNCell", "LSTMCell", "GRUCell", "MemoryCell")]
    assert min(known) > right["mean, no order"] + 0.01
    assert mean(known) > right["mean, no order"] + 0.02
    assert max(known) - min(known) < 0.025
