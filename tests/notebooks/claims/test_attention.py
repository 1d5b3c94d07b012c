"""What unit 12 says about its experiments, held by their own numbers with several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "12-attention"
START = ("imports", "start-experiment")
MODEL = ("multi-head-attention", "a-very-small-language-model-experiment")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_words_that_come_twice_see_both_of_their_places(seed):
    changed = {"set_random_seed(3)": f"set_random_seed({seed})"}
    names = run(UNIT, *START, "attention-experiment-2", changed=changed)
    sentence, weights = names["sentence"], names["weights"]
    for word, row in zip(sentence, weights, strict=True):
        same = np.array([other == word for other in sentence])
        assert row[same].min() > 2 * row[~same].max()  # more than any other word
        np.testing.assert_allclose(row[same], row[same][0], rtol=1e-3)


def test_a_scale_of_0_makes_all_weights_equal():
    names = run(UNIT, *START, "attention-experiment-2", "attention-experiment-3")
    assert "0.08, was 0.08, the 0.08" in names["looking"](scale=0.0).alt


def test_hidden_places_get_no_weight():
    names = run(UNIT, *START, "attention-experiment-2", "attention-experiment-4")
    weights = names["weights"]
    assert np.triu(weights, 1).max() < 1e-6
    assert weights[:, names["comma"]].max() < 1e-6
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-5)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_product_sees_equal_words_and_the_sum_does_not(seed):
    changed = {"set_random_seed(3)": f"set_random_seed({seed})"}
    names = run(
        UNIT,
        *START,
        "attention-experiment-2",
        "additiveattention-experiment-2",
        changed=changed,
    )
    product, added = (int(text.split(", ")[1].split()[0]) for text in names["found"])
    assert product == 13
    assert added <= 6


@pytest.fixture(scope="module", params=[0, 1])
def models(request):
    """The names of unit 12 after both models were trained, for one seed."""
    changed = {"trained(kind)": f"trained(kind, seed={request.param})"}
    return run(UNIT, *START, *MODEL, changed=changed)


@pytest.mark.long
def test_attention_copies_and_reverses_and_a_larger_gru_does_not_yet(models):
    scores = {
        kind: models["judged"](model, models["new_texts"])
        for kind, model in models["models"].items()
    }
    assert scores["attention"][0] > 0.9
    assert scores["attention"][0] > scores["GRU"][0] + 0.15
    assert scores["attention"][1] < scores["GRU"][1] - 0.4
    sizes = {kind: model.count_params() for kind, model in models["models"].items()}
    assert sizes["GRU"] > sizes["attention"]


@pytest.mark.long
def test_heads_are_sharp_and_do_different_things(models):
    names = run(UNIT, "a-very-small-language-model-experiment-3", then=models)
    weights = np.concatenate(list(names["maps"].values()), axis=1)
    assert weights.shape == (3, 12, 13)
    np.testing.assert_allclose(weights.sum(axis=-1), 1, atol=0.02)
    assert np.mean(weights.max(axis=-1)) > 0.7
    looked = weights.argmax(axis=-1)
    different = [np.mean(looked[one] != looked[two]) for one, two in ((0, 1), (0, 2), (1, 2))]
    assert max(different) > 0.6


@pytest.mark.long
@pytest.mark.parametrize("models", [0], indirect=True)
def test_attention_copies_and_reverses_names_that_it_has_never_seen(models):
    names = run(UNIT, "a-very-small-language-model-experiment-2", then=models)
    write, model = names["write"], models["models"]["attention"]
    words = [name for name in names["load"]("names")["first"] if len(name) == 6][:8]
    wanted = [(sign, word, word if sign == ">" else word[::-1]) for word in words for sign in "><"]
    right = [
        one == other
        for sign, word, answer in wanted
        for one, other in zip(write(model, sign, word), answer, strict=True)
    ]
    assert np.mean(right) > 0.85
