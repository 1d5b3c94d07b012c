"""What unit 18 says about its experiments, held by their own numbers with several seeds."""

from __future__ import annotations

import re

import numpy as np
import pytest

from grader.aspects.perplexity import of
from grader.bench.subject import LocalSubject
from grader.examination.attempt import Key, expect
from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.writing.name_writer import MOST, _pairs, held
from grader.exercises.writing.parts import counted
from tests.notebooks.claims.cells import run, text

UNIT = "18-capstone-write"
START = ("imports", "parts", "names-code", "rotary-attention", "decoder", "decoder-code")
CHANCES = ("temperature", "top-k", "top-p", "generate")


@pytest.fixture(scope="module")
def ported():
    """The names of the unit after the shipped weights were loaded."""
    return run(UNIT, *START, "names-experiment", "decoder-experiment-3", *CHANCES,
               "generate-experiment", "pairs-experiment")  # fmt: skip


def test_stages_before_an_exchanged_matrix_are_the_same_and_all_others_differ(ported):
    gaps = dict(zip(ported["STAGES"], ported["gaps"], strict=True))
    first = list(gaps).index("block 1, feed-forward")
    assert max(list(gaps.values())[:first]) == 0
    assert min(list(gaps.values())[first:]) > 0.1


def test_the_pairs_reach_what_the_text_says(ported):
    (told,) = re.findall(r"pairs reach about (\d+\.\d) on new names", text(UNIT, "pairs-text-2"))
    assert abs(ported["by_pairs"] - float(told)) < 0.05
    (asked,) = re.findall(r"it should reach (\d+)\.", text(UNIT, "pairs-text-2"))
    assert float(asked) == MOST


def test_no_way_to_count_pairs_reaches_what_is_asked_for(ported):
    """Not even where they are counted on the names by which a model is judged."""
    rows = held()
    by_known = np.log(ported["bigrams"](ported["rows"])[rows[:, :-1]])
    assert of(by_known, rows[:, 1:], counted(rows)) > MOST + 1.5
    assert of(np.log(_pairs()[rows[:, :-1]]), rows[:, 1:], counted(rows)) > MOST + 1


def test_the_shipped_model_is_better_than_what_is_asked_for(ported):
    rows = held()
    logits = ported["ported"](rows[:, :-1]).numpy()
    assert of(logits, rows[:, 1:], counted(rows)) < MOST - 1


def test_what_is_written_with_a_cache_is_the_same_without(ported):
    assert ported["alike"] == [True] * 3


@pytest.mark.parametrize("seed", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2, 3))])
def test_what_the_model_thinks_of_its_own_names_follows_the_temperature(ported, seed):
    changed = {"count=6, seed=0": f"count={40 if seed else 6}, seed={seed}"}
    losses = run(UNIT, "generate-experiment-2", changed=changed, then=ported)["losses"]
    low, one, high = (losses[f"temperature {t}"] for t in ("0.5", "1", "2"))
    assert low + 0.15 < one < high - 0.3
    for way in ("top-k, k = 3", "top-p, p = 0.7"):
        assert losses[way] < one - 0.15


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_training_reaches_what_is_asked_for(seed):
    changed = {"keras.utils.set_random_seed(1)": f"keras.utils.set_random_seed({seed})"}
    names = run(UNIT, *START, "name-writer", changed=changed)
    rows = held()
    logits = names["name_writer"]()(rows[:, :-1]).numpy()
    assert of(logits, rows[:, 1:], counted(rows)) < MOST - 0.5


@pytest.mark.long
def test_the_model_of_ones_own_gains_with_the_length_of_the_beginning():
    names = run(UNIT, *START, "names-experiment", "name-writer", "decoder-experiment-3", *CHANCES,
                "generate-experiment", "pairs-experiment", "name-writer-experiment")  # fmt: skip
    pairs, own = names["shares"].values()
    assert abs(pairs[0] - own[0]) < 0.05
    assert np.mean(own[4:]) > np.mean(pairs[4:]) + 0.1


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_decoder_learns_the_form_of_a_couplet_and_pairs_do_not(ported, seed):
    """And of the characters the pairs know more, as the text says."""
    changed = {
        "set_random_seed(1)": f"set_random_seed({seed})",
        "np.random.default_rng(0), plain": f"np.random.default_rng({seed}), plain",
    }
    cells = ("couplets-experiment", "couplets-experiment-2", "couplets-experiment-3")
    names = run(UNIT, *cells, changed=changed, then=ported)
    (all_signs, borders, characters), (all_own, own_borders, own_characters) = (
        names["perplexities"][name] for name in ("pairs", "Decoder")
    )
    assert 0.85 * all_signs < all_own < 1.05 * all_signs
    assert own_borders < 1.5 < 3 < borders
    assert own_characters > 1.05 * characters
    (of_five, real), (own_of_five, own_real) = (
        names["shares_of"][name] for name in ("pairs", "Decoder")
    )
    assert own_of_five > 0.75
    assert of_five < 0.3
    assert own_real < real - 0.15


def test_beam_search_finds_what_greedy_choice_does_not(ported, capsys):
    found = run(UNIT, "beam", "generate-experiment-2", "beam-experiment", then=ported,
                changed={"count=6": "count=1"})["found"]  # fmt: skip
    told = capsys.readouterr().out
    assert "each time: True" in told
    assert "says of the text: True" in told
    assert found[4][1] > found[1][1] + 0.1


def test_one_case_of_the_decoder_has_the_shipped_weights():
    """And the logits that are compared are those of names of the course."""
    case = expect(CATALOGUE["Decoder"], Key(0, 1, 0)).case
    for name, value in run(UNIT, "imports", "decoder-code")["weights"].items():
        np.testing.assert_array_equal(case.facts["weights"][name], value)
    assert case.config == run(UNIT, "imports", "decoder-code")["SIZES"]


def test_the_card_names_the_first_stage_that_differs():
    exercise = CATALOGUE["Decoder"]
    idea = next(i for i in exercise.misconceptions if i.name == "gate and up exchanged")
    report = examine(LocalSubject(idea.wrong), exercise)
    (found,) = [f for f in report.failed if f.aspect == "stages"]
    assert "The first stage that differs: block 0, feed-forward" in found.message
    assert "all before it are right (embedding, block 0, attention)" in found.message
