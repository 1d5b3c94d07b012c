"""What unit 05 says about its experiments, held by their own numbers."""

from __future__ import annotations

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "05-saving"
BEFORE = "imports", "start-experiment"
UP_TO_THE_CURVES = (
    *BEFORE,
    "linear",
    "a-layer-of-your-own-experiment-4",
    "into-a-file-and-back-experiment-2",
    "into-a-file-and-back-experiment-3",
)


def test_of_five_attempts_two_work_and_one_lacks_tf(capsys):
    run(UNIT, *BEFORE, "a-lambda-in-a-file-experiment")
    refused, trusted, nameless, told, registered = capsys.readouterr().out.strip().split("\n")
    assert refused.startswith("ValueError: Requested the deserialization of a `Lambda` layer")
    assert trusted == str(np.arange(5.0)[None] ** 2)
    assert "'tf' is not defined" in nameless
    assert told == registered == str(np.arange(5.0)[None] / 2)


def test_ops_is_not_found_either(capsys):
    changed = {"tf.math.pow(x, 2)": "ops.power(x, 2)"}
    run(UNIT, *BEFORE, "a-lambda-in-a-file-experiment", changed=changed)
    assert "'ops' is not defined" in capsys.readouterr().out


def test_dense_is_built_by_build_and_by_a_call(capsys):
    run(UNIT, *BEFORE, "a-layer-of-your-own-experiment-2")
    made, built, shape, called = capsys.readouterr().out.strip().split("\n")
    assert "built = False with 0 weights" in made
    assert "built = True with 2 weights" in built
    assert shape.endswith("(None, 8)")
    assert called.endswith("True [(64, 16), (16,)]")


def test_the_life_of_linear_is_that_of_the_chapter(capsys):
    run(UNIT, *BEFORE, "linear", "linear-life-experiment")
    said = [line.split(":", 1)[1].strip() for line in capsys.readouterr().out.strip().split("\n")]
    assert said[:5] == ["False", "True", "(None, 8)", "False", "True"]
    assert eval(said[5]) == {
        "name": "linear_1",
        "trainable": True,
        "units": 16,
        "activation": "linear",
    }


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_forgetful_comes_back_as_a_straight_line_but_from_its_graph(seed):
    """The activation is lost in the two formats that hold a config, and nothing is said."""
    changed = {"set_random_seed(1)": f"set_random_seed({seed})", "rng(1)": f"rng({seed})"}
    names = run(UNIT, *UP_TO_THE_CURVES, changed=changed)
    assert names["losses"][-1] < 0.1 * names["losses"][0]
    for kind, network in names["networks"].items():
        before = network.predict(names["x"], verbose=0)
        for form, twin in names["saved_and_loaded"](network).items():
            after = np.asarray(twin(names["x"]))
            off = np.abs(after - before).max()
            if kind.__name__ == "Linear" or form == "SavedModel":
                assert off < 1e-5
            else:
                assert off > 0.5
                assert np.abs(np.diff(after, 2, axis=0)).max() < 1e-4, "a straight line"
                assert np.abs(np.diff(before, 2, axis=0)).max() > 1e-3


def test_with_relu_the_wrong_curve_is_a_straight_line_too():
    names = run(UNIT, *UP_TO_THE_CURVES, changed={'kind(12, "tanh")': 'kind(12, "relu")'})
    _, forgetful = names["networks"].values()
    loaded = names["saved_and_loaded"](forgetful)[".keras"]
    assert np.abs(np.diff(np.asarray(loaded(names["x"])), 2, axis=0)).max() < 1e-4


@pytest.fixture(scope="module")
def forgetting():
    """The function of the experiment to change."""
    return run(UNIT, *BEFORE, "linear", "change-it-experiment")["forgetting"]


def test_a_forgotten_activation_changes_the_predictions_silently(forgetting):
    assert float(forgetting("activation").split()[-1]) > 0.5


def test_forgotten_units_raise_an_error(forgetting):
    with pytest.raises(Exception, match="shape"):
        forgetting("units")


@pytest.mark.parametrize("left_out", [("name",), ()])
def test_a_forgotten_name_changes_nothing(forgetting, left_out):
    assert float(forgetting(*left_out).split()[-1]) == 0
