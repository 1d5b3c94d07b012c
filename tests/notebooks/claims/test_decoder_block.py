"""What unit 15 says about its experiments, held by their own numbers with several seeds."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "15-decoder-block"
START = ("imports", "start-experiment")
LAYERS = ("swiglu", "reversible-embedding", "cached-attention", "decoder-block")


@pytest.mark.parametrize("seed", [0, pytest.param(1, marks=pytest.mark.long)])
def test_swiglu_learns_products_better_and_relu_absolute_values(seed):
    changed = {
        "error_on(task, make, hidden)": f"error_on(task, make, hidden, seed={seed})",
    }
    names = run(UNIT, *START, "swiglu", "swiglu-experiment-2", changed=changed)
    errors = names["errors"]
    assert errors["products", "relu"] > 5 * errors["products", "SwiGLU"]
    assert errors["absolute values", "SwiGLU"] > 5 * errors["absolute values", "relu"]
    assert max(errors["products", "SwiGLU"], errors["absolute values", "relu"]) < 0.05
    assert names["count"] == 768
    assert names["SwiGLU"](32)(np.ones((1, 8))).shape == (1, 8)


def test_both_kinds_of_layer_have_as_many_parameters():
    names = run(UNIT, *START, "swiglu", "swiglu-params", "swiglu-experiment-2",
                changed={"epochs=15": "epochs=1"})  # fmt: skip
    relu = names["relu_layer"](48)
    relu(np.ones((1, 8)))
    assert names["swiglu_params"](8, 32) == relu.count_params()


def test_tying_saves_much_in_a_small_model_and_little_in_a_large_one():
    saved = run(UNIT, *START, "tied-params", "tied-experiment-2")["saved"]
    assert saved["smallest"] / 124e6 > 0.3
    assert saved["largest"] / 1558e6 < 0.06


def test_a_cache_saves_more_the_longer_the_text():
    names = run(UNIT, *START, "cached-attention", "cache-experiment-2")
    again, cached = names["again"], names["cached"]
    assert again[-1] > 3 * cached[-1]
    assert again[-1] / again[0] > 3 * cached[-1] / cached[0]


@pytest.fixture(scope="module", params=[0, 1, 2])
def written(request):
    """The names of unit 15 after its model was trained, for one seed."""
    changed = {"trained(known)": f"trained(known, seed={request.param})"}
    return run(UNIT, *START, *LAYERS, "names-experiment", changed=changed)


@pytest.mark.long
def test_two_blocks_are_better_than_counting_pairs(written):
    letters, pairs, blocks = written["found"].values()
    assert letters > pairs + 3
    assert pairs > blocks + 1.5


@pytest.mark.long
def test_a_low_temperature_writes_more_real_names_than_a_high_one(written):
    names = run(UNIT, "names-experiment-2", then=written)
    real = {
        temperature: np.mean(
            [
                name in names["names"]
                for name in names["invent"](names["model"], 100, temperature=temperature, seed=1)
            ]
        )
        for temperature in (0.3, 2.0)
    }
    assert real[0.3] > real[2.0] + 0.15


def test_a_mixture_takes_each_token_by_itself(capsys):
    run(UNIT, *START, "swiglu-params", "swiglu", "mixture-of-experts", "mixture-experiment")
    told = capsys.readouterr().out
    assert "the same: True" in told
    assert "as they should be: True" in told
    assert "the weight 1: True" in told


WRONG_MIXTURES = {
    "an expert for each sample": (
        "self.router(inputs)",
        "ops.mean(self.router(inputs), axis=1, keepdims=True)",
    ),
    "gates not renormalized": (
        "shares = ops.softmax(ops.where(chosen, logits, -1e9), axis=-1)",
        "shares = ops.where(chosen, ops.softmax(logits, axis=-1), 0.0)",
    ),
}


@pytest.mark.parametrize("idea", WRONG_MIXTURES)
def test_a_wrong_mixture_is_told(idea, capsys):
    changed = dict([WRONG_MIXTURES[idea]])
    run(
        UNIT,
        *START,
        "swiglu-params",
        "swiglu",
        "mixture-of-experts",
        "mixture-experiment",
        changed=changed,
    )
    assert "False" in capsys.readouterr().out


def test_a_mixture_that_is_not_written_is_no_error(capsys):
    changed = {"self.top_k = top_k": "raise NotImplementedError"}
    run(
        UNIT,
        *START,
        "swiglu-params",
        "swiglu",
        "mixture-of-experts",
        "mixture-experiment",
        changed=changed,
    )
    assert capsys.readouterr().out.endswith("MixtureOfExperts is not written yet\n")
