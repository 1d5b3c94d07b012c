"""What unit 17 says about its experiments, held by their own numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "17-backward-and-tests"
START = ("imports", "backward-experiment")


def test_a_numerical_gradient_is_the_slope():
    names = run(UNIT, *START)
    slopes = names["numerical"](lambda x: np.sum(x**2), names["point"])
    np.testing.assert_allclose(slopes, 2 * names["point"], atol=1e-6)


def test_only_cross_entropy_has_a_gradient_where_the_network_is_sure_and_wrong():
    names = run(UNIT, *START, "softmax-backward", "softmax-experiment-2")
    sure = names["margins"] == 8
    cross_entropy, squared = np.abs(names["cross_entropy"][:, 0]), np.abs(names["squared"])
    assert cross_entropy[sure] > 0.99
    assert squared[sure] < 0.01
    assert np.all(cross_entropy <= 1)
    assert cross_entropy[names["margins"] == -8] < 0.01
    slopes = names["numerical"](
        lambda pair: np.sum((np.exp(pair) / np.exp(pair).sum() - [1, 0]) ** 2), np.array([0.0, 2.0])
    )
    at_two = np.argmin(np.abs(names["margins"] - 2))
    assert slopes[0] == pytest.approx(names["squared"][at_two], abs=1e-4)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_two_functions_train_a_network(seed):
    cells = (*START, "softmax-backward", "dense-backward", "dense-experiment-2")
    names = run(UNIT, *cells, changed={"default_rng(0)": f"default_rng({seed})"})
    assert float(names["end"]["loss"]) < 0.2
    assert names["right"] > 0.85


def test_one_input_changes_all_outputs_of_its_channel():
    names = run(UNIT, "imports", "batchnorm-experiment-2")
    assert np.all(np.abs(names["change"]) > 0.04)
    assert abs(names["change"].sum()) < 0.01
    assert names["change"][0] < 0.5 / names["channel"].std()


def test_the_search_finds_one_number_above_four():
    names = run(UNIT, "imports", "dense-is-right", "smallest-failing", "search-experiment")
    found = names["smallest_failing"](names["WrongAboveFour"], names["keras"].layers.ReLU)
    assert found.shape == (1, 1)
    assert found[0, 0] > 4
    right = names["keras"].layers.ReLU
    assert names["smallest_failing"](right, right) is None


def test_each_model_test_judges_keras_layers_themselves():
    cells = ("dense", "batchnorm", "conv2d", "lstm-cell", "attention")
    names = run(UNIT, "imports", *(f"{cell}-is-right" for cell in cells))
    layers = names["keras"].layers
    tested = {
        "dense": layers.Dense,
        "batchnorm": layers.BatchNormalization,
        "conv2d": layers.Conv2D,
        "lstm_cell": layers.LSTMCell,
        "attention": layers.Attention,
    }
    for name, layer in tested.items():
        assert names[f"{name}_is_right"](layer)
