"""What unit 14 says about its experiments, held by their own numbers with several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "14-positions-and-heads"
START = ("imports", "start-experiment")
LAYERS = ("position-embedding", "sine-position-encoding", "rotary-embedding")

every_seed = pytest.mark.parametrize("seed", [1, 2, 3])


@every_seed
def test_without_positions_a_word_gives_the_same_in_any_order(seed):
    changed = {"set_random_seed(1)": f"set_random_seed({seed})", "rng(1)": f"rng({seed})"}
    names = run(UNIT, *START, changed=changed)
    np.testing.assert_allclose(names["first"], names["second"], atol=1e-5)
    assert np.abs(names["first"]).max() > 0.05
    assert np.abs(names["gap"]).max() < 1e-5
    assert list(names["order"]) != sorted(names["order"])


@every_seed
def test_with_learned_positions_the_two_dogs_differ(seed):
    changed = {"set_random_seed(1)": f"set_random_seed({seed})", "rng(2)": f"rng({seed})"}
    cells = (*START, "position-embedding", "positionembedding-experiment-2")
    names = run(UNIT, *cells, changed=changed)
    assert np.abs(names["first"] - names["second"]).max() > 0.2


def test_products_of_sines_depend_on_the_distance_only():
    names = run(UNIT, "imports", "start-experiment", LAYERS[1], "sinepositionencoding-experiment-3")
    products = names["products"]
    for distance in range(60):
        along = np.diagonal(products, distance)
        np.testing.assert_allclose(along, along[0], atol=1e-3)
    assert products[0, 0] == pytest.approx(32)
    assert np.all(products[0, 1:] < products[0, 0] - 0.5)


def test_a_small_max_wavelength_tells_neighbours_apart_more_sharply():
    changed = {"SinePositionEncoding()(": "SinePositionEncoding(20)("}
    cells = ("imports", "start-experiment", LAYERS[1], "sinepositionencoding-experiment-3")
    products, usual = run(UNIT, *cells, changed=changed)["products"], run(UNIT, *cells)["products"]
    assert np.all(products[0, 3:10] < usual[0, 3:10] - 5)


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_turned_scores_depend_on_the_distance_and_others_do_not(seed):
    changed = {"default_rng(4)": f"default_rng({seed})"}
    names = run(UNIT, *START, *LAYERS[1:], "rotaryembedding-experiment-3", changed=changed)
    turned, added = names["scores"]["turned"], names["scores"]["sines added"]
    for distance in (0, 3, 20):
        along = np.diagonal(turned, -distance)
        assert np.ptp(along) < 1e-3
        assert np.ptp(np.diagonal(added, -distance)) > 1
    assert np.ptp(turned[50]) > 1  # it does depend on the distance
    before, after = names["lengths"]
    assert before == pytest.approx(after, rel=1e-5)


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_positions_make_the_task_learnable_and_rotary_ones_may_move(seed):
    changed = {"trained(places)": f"trained(places, seed={seed})"}
    names = run(UNIT, *START, *LAYERS, "a-task-experiment", changed=changed)
    from_0, from_4, from_150 = (
        {kind: found[f"from {start}"] for kind, found in names["shares"].items()}
        for start in (0, 4, 150)
    )
    assert 1 / 12 + 0.1 < from_0["none"] < 0.4
    assert min(from_0[kind] for kind in ("learned", "sines", "rotary")) > 0.97
    assert from_0["rotary"] - from_150["rotary"] < 0.01
    assert from_0["rotary"] - from_4["rotary"] < 0.01
    assert from_4["learned"] < 0.85
    assert from_4["sines"] < 0.85
    assert from_150["learned"] < from_0["none"] + 0.1
    assert from_150["learned"] + 0.2 < from_150["sines"] < from_150["rotary"] - 0.2


def test_the_cache_shrinks_with_the_heads_of_keys_and_parameters_less():
    cells = ("cache-bytes", "group-query-attention", "groupqueryattention-experiment-2")
    names = run(UNIT, *START, *cells)
    cache, parameters = names["gigabytes"], names["parameters"]
    assert cache[32][-1] == 4 * cache[8][-1] == 32 * cache[1][-1]
    assert 2 < parameters[32] / parameters[1] * 1.1 < 4
    assert parameters[32] == names["two_ends"].count_params()
    assert parameters[32] / parameters[8] < 2


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_query_heads_are_needed_and_heads_of_keys_are_not(seed):
    changed = {
        "trained_heads(query_heads, key_heads)": f"trained_heads(query_heads, key_heads, {seed})"
    }
    cells = (*LAYERS, "a-task-experiment", "group-query-attention")
    light = {
        "for name, places in kinds.items():": "for name, places in ():",
        "told = ": "shares['none'] = {'none': 0.0}\ntold = ",
    }
    names = run(UNIT, *START, *cells, changed=light)
    names = run(UNIT, "groupqueryattention-experiment-3", changed=changed, then=names)
    quality = names["quality"]
    four = [quality[4, groups] for groups in (4, 2, 1)]
    assert min(four) > 0.85
    assert quality[4, 1] > quality[4, 4] - 0.05
    assert quality[1, 1] < 0.5
