"""What unit 00 says about its experiments, held by their own numbers."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "00-your-first-layer"
SEEDS = range(5)


@pytest.fixture
def shown():
    """What cells display."""
    return []


@pytest.fixture
def cards(shown):
    """The names after the cells about cards."""
    cells = "imports", "batch-shape", "how-to-read-a-card-experiment"
    return run(UNIT, *cells, then={"display": shown.append})


def lines(capsys, start):
    """The printed lines that begin like this."""
    return [line for line in capsys.readouterr().out.split("\n") if line.startswith(start)]


def test_the_one_weight_of_the_refresher_comes_near_2(capsys):
    names = run(UNIT, "imports", "before-you-begin-experiment")
    assert abs(names["weight"] - 2) < 0.05
    losses = [float(line.split()[5]) for line in lines(capsys, "step")]
    assert len(losses) == 8
    assert losses == sorted(losses, reverse=True)
    assert losses[-1] < 0.01


def test_with_the_rate_to_try_the_weight_goes_farther_away_each_time(capsys):
    changed = {"0.0, 0.05": "0.0, 0.25"}
    run(UNIT, "imports", "before-you-begin-experiment", changed=changed)
    off = [float(line.split()[3]) - 2 for line in lines(capsys, "step")]
    assert all(one * other < 0 for one, other in itertools.pairwise(off)), "other side"
    assert all(abs(other) > 1.2 * abs(one) for one, other in itertools.pairwise(off))


def test_the_three_cards_show_what_the_text_says(cards, shown):
    wrong, raised, hidden = shown
    assert wrong.diagnosis.name == "batch axis forgotten"
    assert raised.diagnosis is None
    assert "TypeError" in str(raised)
    assert not wrong.passed
    assert not hidden.passed
    assert not any(finding.evidence for finding in hidden.failed)


def test_the_change_to_try_gets_another_idea(cards):
    report = cards["examine"](lambda shape: (*shape, None), "batch_shape")
    assert report.diagnosis.name == "batch axis last"


def test_no_hint_gives_the_answer_away(cards, capsys):
    run(UNIT, "how-to-read-a-card-experiment-2", then=cards)
    said = capsys.readouterr().out
    assert said.count("hint ") >= 3
    assert "(None, *shape)" not in said


def test_a_model_has_as_many_parameters_for_any_batch(capsys):
    run(UNIT, "imports", "input-experiment-2", changed={"(2, 5)": "(2, 5, 1000)"})
    said = capsys.readouterr().out
    assert "parameters: 11" in said
    assert "a batch of 1000 -> (1000, 1)" in said


def test_numpy_too_needs_numbers():
    names = run(UNIT, "imports", "input-experiment-2")
    with pytest.raises(Exception, match=r"KerasTensor|symbolic"):
        np.sqrt(names["inputs"])


def test_a_variable_in_a_lambda_is_not_trained(capsys):
    changed = {"epochs=3": "epochs=30"}
    for more in ({}, changed):
        names = run(UNIT, "imports", "lambda-experiment-2", "lambda-experiment-3", changed=more)
        assert len(names["losses"]) == (30 if more else 3)
        assert max(names["losses"]) - min(names["losses"]) < 1e-4
        assert float(names["factor"].numpy()) == 1
        assert names["model"].count_params() == 0
        assert "Keras warns: " in capsys.readouterr().out


def test_the_weights_of_a_layer_are_made_at_its_first_call(capsys):
    names = run(UNIT, "imports", "build-and-call-experiment")
    made, called, again = capsys.readouterr().out.strip().split("\n")
    assert made.endswith("0 weights")
    assert "[(3,)]" in called
    assert "[(3,)]" in again
    with pytest.raises(Exception, match="4"):
        names["layer"](np.ones((50, 4)))


@pytest.fixture(scope="module")
def trained():
    """The function that trains a Scale, with the classes it needs."""
    cells = "imports", "build-and-call-experiment", "scale", "change-it-experiment"
    return run(UNIT, *cells)


@pytest.mark.parametrize("seed", SEEDS)
def test_scale_finds_both_factors(trained, seed):
    samples = np.random.default_rng(seed).normal(size=(200, 2)).astype("float32")
    trained["samples"][:] = samples
    losses, factors = trained["learned_factors"](samples * [3, -2], start=seed)
    assert np.abs(factors - [3, -2]).max() < 0.01
    assert losses[-1] < 1e-4


@pytest.mark.parametrize("seed", SEEDS)
def test_a_shifted_answer_leaves_the_factors_and_a_loss_of_1(trained, seed):
    samples = np.random.default_rng(seed).normal(size=(200, 2)).astype("float32")
    trained["samples"][:] = samples
    losses, factors = trained["learned_factors"](samples * [3, -2] + 1, start=seed)
    assert np.abs(factors - [3, -2]).max() < 0.35
    assert 0.85 < losses[-1] < 1.1


def test_with_a_shift_after_it_both_are_learned(trained):
    changed = {
        "keras.Sequential([keras.Input((2,)), Scale()])": (
            "keras.Sequential([keras.Input((2,)), Scale(), Shift()])"
        ),
        "samples * [3, -2])": "samples * [3, -2] + 1)",
    }
    names = run(UNIT, "change-it-experiment", then=trained, changed=changed)
    assert names["losses"][-1] < 1e-3


def test_the_card_to_explain_is_wrong_in_the_output_alone(shown, cards):
    run(UNIT, "explain-a-failing-card-experiment", then={**cards, "display": shown.append})
    report = shown[-1]
    assert [finding.aspect for finding in report.failed] == ["output"]
    assert report.diagnosis is None, "no name gives the answer away"
    evidence = report.failed[0].evidence
    assert np.allclose(np.abs(evidence.expected), np.abs(evidence.actual))
    assert not np.allclose(evidence.expected, evidence.actual)
