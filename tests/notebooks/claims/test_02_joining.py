"""What unit 02 says about its experiments, held by their own numbers."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tests.notebooks.claims.cells import run, sources

UNIT = "02-joining"
SEEDS = [1, 2, 3]
GRAPH = "networks-that-branch-the-functional-api-experiment"
SHARES = re.compile(r"right on ([\d.]+)% of")


def seeded(seed):
    """What stands in a cell instead of its seed."""
    return {"set_random_seed(1)": f"set_random_seed({seed})"}


@pytest.fixture(scope="module")
def start():
    """The digits, and the function that trains."""
    return run(UNIT, "imports", "start-experiment")


def test_concatenated_halves_have_the_shapes_of_the_pictures(start):
    names = run(UNIT, "concatenate-experiment-2", then=start)
    shapes = {name: tuple(joined.shape) for name, joined in names["pictures"].items()}
    assert shapes.pop("axis=-1") == (1, 4, 16)
    assert set(shapes.values()) == {(1, 8, 8)}
    whole = np.asarray(names["pictures"]["axis=1"])[0]
    assert np.array_equal(whole, start["images"][names["seven"]][0])
    three = names["concatenate"](axis=1)([names["above"], names["below"], names["above"]])
    assert three.shape == (1, 12, 8)


def test_add_for_concatenate_halves_the_width_and_saves_parameters(start, capsys):
    counts = {}
    for layer in "Concatenate", "Add":
        changed = {"layers.Concatenate()": f"layers.{layer}()"}
        names = run(UNIT, f"{GRAPH}-2", then=start, changed=changed)
        counts[layer] = names["joined"].shape, names["model"].count_params()
    assert counts["Concatenate"] == ((None, 32), counts["Add"][1] + 160)
    assert counts["Add"][0] == (None, 16)


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_both_halves_together_are_read_better_than_either(start, capsys, seed):
    run(UNIT, f"{GRAPH}-3", then=start, changed=seeded(seed))
    upper, lower, both = map(float, SHARES.findall(capsys.readouterr().out))
    assert both > max(upper, lower) + 5
    assert both > 90


@pytest.fixture(params=SEEDS)
def residual(request, start):
    """The functions of the experiment on shortcuts, without its training."""
    functions, _, _ = sources(UNIT)["add-experiment-3"].partition("figure, ")
    ((old, new),) = seeded(request.param).items()
    assert old in functions
    names = dict(start)
    exec(functions.replace(old, new), names)
    return names


def test_the_gradient_vanishes_without_shortcuts_and_not_with_them(residual):
    plain, shortcuts = (
        residual["kernel_gradients"](residual["deep"](shortcuts)) for shortcuts in (False, True)
    )
    assert len(plain) == len(shortcuts) == 12
    assert plain[0] < 1e-6
    assert 0.2 < plain[-1] < 1
    steps = np.log(plain[1:]) - np.log(plain[:-1])
    assert 3.5 < np.exp(np.mean(steps)) < 6, "a factor of four to five for each layer"
    assert min(shortcuts) > 0.3


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_the_plain_network_guesses_and_the_one_with_shortcuts_learns(start, capsys, seed):
    run(UNIT, "add-experiment-3", then=start, changed=seeded(seed))
    said = capsys.readouterr().out
    plain, shortcuts = map(float, re.findall(r"loss ([\d.]+)", said))
    assert abs(plain - np.log(10)) < 0.03
    assert shortcuts < 0.3
    assert float(SHARES.findall(said)[1]) > 85


def test_more_of_the_gradient_arrives_with_tanh_and_relu(residual):
    arrives = run(UNIT, "change-it-experiment", then=residual)["share_that_arrives"]
    sigmoid, tanh, relu = (arrives(name) for name in ("sigmoid", "tanh", "relu"))
    assert min(tanh, relu) > 1e6 * sigmoid
    assert 0.2 < min(tanh, relu) < max(tanh, relu) < 8, "about as much as in the last layer"


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_the_twins_learn_the_order_of_the_digits(start, capsys, seed):
    names = run(UNIT, "subtract-experiment-3", then=start, changed=seeded(seed))
    scores, shown = names["scores"], start["labels"][start["test"]]
    medians = [np.median(scores[shown == digit]) for digit in range(10)]
    assert all(np.diff(medians) > 0), "a staircase"
    assert np.abs(names["forth"] + names["back"] - 1).max() < 1e-5
    assert float(SHARES.findall(capsys.readouterr().out)[0]) > 90


def test_maximum_is_or_and_minimum_is_and(start):
    names = run(UNIT, "maximum-and-minimum-experiment-2", then=start)
    one, zero = names["one"], names["zero"]
    either, both = (
        np.asarray(names["pictures"][name]) for name in ("Maximum (or)", "Minimum (and)")
    )
    assert np.array_equal(either > 0, (one > 0) | (zero > 0))
    assert np.array_equal(both > 0, (one > 0) & (zero > 0))
    count = len(names["zeros"])
    in_some = np.asarray(names["pictures"][f"or of {count} zeros"])[0]
    in_all = np.asarray(names["pictures"][f"and of {count} zeros"])[0]
    assert in_some[3:5, 4].max() < 0.3, "a spot where none has much ink"
    assert np.delete(in_some[1:7, 2:6], [2, 3], axis=0).min() > 0.8, "and a blot around it"
    assert 8 < np.count_nonzero(in_all) < 20, "a ring with gaps"
    assert 0.2 < in_all.max() < 0.5, "a faint one"
    assert not in_all[3:5, 3:5].any(), "with nothing inside"


@pytest.mark.long
@pytest.mark.parametrize("seed", SEEDS)
def test_two_straight_pieces_are_better_than_one(start, capsys, seed):
    changed = seeded(seed)
    run(UNIT, "maximum-and-minimum-experiment-3", then=start, changed=changed)
    one, two = map(float, SHARES.findall(capsys.readouterr().out))
    assert two > one + 3


def test_masks_are_broadcast(start):
    names = run(
        UNIT, "maximum-and-minimum-experiment-2", "maximum-and-minimum-experiment-4", then=start
    )
    five, kept = names["five"], np.asarray(names["pictures"]["picture and rows"])
    assert np.array_equal(kept[:, :4], five[:, :4])
    assert not kept[:, 6:].any()
    assert names["pictures"]["rows and columns"].shape == (1, 8, 8)
    left = np.asarray(names["minimum"]([five, names["columns"]]))
    assert left.shape == (1, 8, 8)
    assert np.array_equal(left[:, :, :4], five[:, :, :4])


YOURS = (
    "concatenate-shape",
    "concatenate",
    "add",
    "subtract",
    "maximum",
    "minimum",
    "all-five-layers-in-one-network-experiment",
)


SWAPPED = {
    '"yours": crossing(Concatenate, Add, Subtract, Maximum, Minimum)': (
        '"yours": crossing(Concatenate, Add, Subtract, Minimum, Maximum)'
    )
}


@pytest.mark.long
@pytest.mark.parametrize("swapped", [False, True])
def test_the_curves_are_equal_unless_two_layers_are_swapped(start, capsys, swapped):
    names = run(UNIT, *YOURS, then=start, changed=SWAPPED if swapped else None)
    assert names["gap"] > 1e-3 if swapped else names["gap"] < 1e-4
    keras, yours = map(float, SHARES.findall(capsys.readouterr().out))
    assert abs(keras - yours) < (4 if swapped else 0.5)
