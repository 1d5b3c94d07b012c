"""What unit 13 says about its experiments, held by their own numbers with several seeds."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from tests.notebooks.claims.cells import mean, run

UNIT = "13-normalization"
LAYERS = ("layer-normalization", "rms-normalization", "group-normalization")
OURS = ("LayerNormalization", "RMSNormalization", "GroupNormalization")
seeds = pytest.mark.parametrize("seed", [1, 2, 3])


@functools.cache
def start():
    """The names after the data and all layers are there, and what measures a network."""
    names = run(UNIT, "imports", "start-experiment", *LAYERS, "pale-ink-experiment")
    return run(UNIT, "side-by-side-experiment", then=names)


@pytest.mark.long
@seeds
def test_pale_ink_harms_batch_normalization_alone(seed):
    changed = {"seed, paleness = 1": f"seed, paleness = {seed}"}
    pale = run(UNIT, "pale-ink-experiment", then=start(), changed=changed)["pale"]
    dark, light = pale["BatchNormalization"]
    assert dark - light > 0.3
    dark, light = pale["LayerNormalization"]
    assert abs(dark - light) < 0.02
    assert dark > 0.94


def test_layer_normalization_does_not_notice_times_and_plus():
    vector = np.array([[-2.0, 1.0, 0.0, 4.0, 2.0]], "float32")
    layers = start()["LayerNormalization"](), start()["RMSNormalization"]()
    for layer, minds in zip(layers, (False, True), strict=True):
        before = np.array(layer(vector))
        np.testing.assert_allclose(layer(2 * vector), before, rtol=1e-3, atol=1e-3)
        moved = np.array(layer(vector + 8))
        assert (np.abs(moved - before).max() > 0.5) == minds
    np.testing.assert_allclose(layers[1](vector + 1000), 1, atol=0.01)
    for layer in layers:
        both = (layer(times * vector + plus) for times, plus in ((2, 8), (1, 4)))
        np.testing.assert_allclose(*both, rtol=1e-3, atol=1e-3)


def test_each_channel_by_itself_takes_the_light_away_and_one_group_does_not():
    apart = run(UNIT, "groupnormalization-experiment-2", then=start())["apart"]
    assert apart["groups=3"] < 0.05
    assert 0.3 < apart["groups=1"] < apart["inputs"]


def test_only_batch_normalization_changes_with_what_it_should_not_notice():
    changes = start()["changes"]
    assert min(changes["BatchNormalization"].values()) > 0.3
    for name in OURS:
        longer = changes[name].pop("longer")
        assert (longer > 0.3) == (name == "GroupNormalization")
        assert max(changes[name].values()) < 1e-4
        changes[name]["longer"] = longer
    assert start()["kept"] == 0
    kept = run(UNIT, "side-by-side-experiment", then=start())["makers"]["BatchNormalization"]()
    kept.build((None, 8, 8))
    assert sum(weight.shape[0] for weight in kept.non_trainable_weights) == 16


@pytest.mark.long
@seeds
def test_batch_normalization_alone_fails_in_batches_of_two(seed):
    changed = {"seed, batch = 1": f"seed, batch = {seed}"}
    names = run(UNIT, "small-batches-experiment", then=start(), changed=changed)
    signs = np.abs(np.array(names["two"]))
    assert np.all((signs < 0.01) | (signs > 0.99))
    right = {name: of["right"] for name, of in names["small"].items()}
    losses = {name: of["loss"] for name, of in names["small"].items()}
    for name in OURS:
        assert right[name] > right["BatchNormalization"] + 0.12
        assert losses[name] < 0.6 * losses["BatchNormalization"]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_gradients_fall_along_a_pre_norm_network_and_not_along_a_post_norm_one(seed):
    assert slope(seed, "pre-norm") < 0.65
    assert slope(seed, "post-norm") > 0.7


def test_with_most_seeds_the_last_blocks_of_post_norm_have_the_larger_gradients():
    slopes = [slope(seed, "post-norm") for seed in (1, 2, 3, 4, 5)]
    assert sum(found > 1.1 for found in slopes) >= 3
    assert mean(slopes) > 1.2


@functools.cache
def gradients(seed):
    changed = {"seed, depth = 1": f"seed, depth = {seed}"}
    return run(UNIT, "gradient-norms-experiment", then=start(), changed=changed)["gradients"]


def slope(seed, place):
    """The gradient norm of the last three blocks, as a multiple of that of the first three."""
    norms = gradients(seed)[place]
    return mean(norms[-3:]) / mean(norms[:3])


@pytest.mark.long
@seeds
def test_with_a_large_learning_rate_only_pre_norm_learns(seed):
    names = run(UNIT, "gradient-norms-experiment", then=start())
    changed = {"rate, epochs = 1": f"rate, epochs = {seed}"}
    learned = run(UNIT, "places-experiment-2", then=names, changed=changed)["learned"]
    assert learned["pre-norm"]["losses"][-1] < 1.2
    assert learned["post-norm"]["losses"][-1] > 1.6
    assert learned["pre-norm"]["right"] > learned["post-norm"]["right"] + 0.3


@pytest.mark.long
@seeds
def test_dynamic_tanh_minds_neither_two_samples_nor_pale_ink(seed):
    changed = {"seed, squeezed = 1": f"seed, squeezed = {seed}"}
    found = run(UNIT, "dynamic-tanh", "stretch-experiment", then=start(), changed=changed)
    assert found["squeezed"]["right"] > 0.85
    assert found["squeezed"]["right"] - found["squeezed"]["pale"] < 0.06
    strong = found["right_on"](found["model"], 10 * found["test_flat"])
    assert strong < found["squeezed"]["right"] - 0.02


def test_who_has_not_written_the_stretch_exercise_sees_no_error(capsys):
    keras = start()["keras"]

    class DynamicTanh(keras.layers.Layer):
        def build(self, input_shape):
            raise NotImplementedError

        def call(self, inputs):
            raise NotImplementedError

    run(UNIT, "stretch-experiment", then={**start(), "DynamicTanh": DynamicTanh})
    assert "not written yet" in capsys.readouterr().out
