"""What unit 16 says about its experiments, held by their own numbers with several seeds."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from tests.notebooks.claims.cells import run

UNIT = "16-residual-networks"
LAYERS = ("residual-block", "squeeze-excitation", "inverted-residual", "up-sampling2d")
COUNTS = ("block-params", "squeeze-params", "inverted-params")
seeds = pytest.mark.parametrize("seed", [1, 2, 3])


@functools.cache
def start():
    """The names after the data, all layers and all counts are there."""
    return run(UNIT, "imports", "start-experiment", *LAYERS, *COUNTS)


@functools.cache
def losses(seed):
    """The losses of the three networks of one seed."""
    changed = {"seed, epochs, losses = 1": f"seed, epochs, losses = {seed}"}
    names = run(UNIT, "degradation-experiment", then=start(), changed=changed)
    return run(UNIT, "degradation-experiment-2", then=names)["losses"]


@pytest.mark.long
@seeds
def test_a_deep_plain_network_trains_worse_and_a_residual_one_does_not(seed):
    shallow, deep, residual = (of[-1] for of in losses(seed).values())
    assert deep > 5 * shallow
    assert deep > 0.7
    assert residual < 0.35
    assert residual < deep / 3


@functools.cache
def untrained():
    """The names after the functions of the first experiment, without its training."""
    networks = '(("plain, 6 layers", 3), ("plain, 30 layers", 15))'
    return run(UNIT, "degradation-experiment", then=start(), changed={networks: "()"})


def test_plain_and_residual_networks_have_as_many_parameters():
    names = untrained()
    make, plain, block = (names[n] for n in ("make_network", "plain_block", "ResidualBlock"))
    assert make(plain, 4, 1).count_params() == make(block, 4, 1).count_params()


@functools.cache
def read(seed):
    """The shares of digits that are read right, without squeeze-and-excitation and with it."""
    changed = {"seed, read = 1": f"seed, read = {seed}"}
    return run(UNIT, "squeeze-experiment-2", then=untrained(), changed=changed)


@pytest.mark.long
@seeds
def test_squeeze_and_excitation_makes_less_than_half_as_many_mistakes(seed):
    right = read(seed)["read"]
    assert 1 - right["with"] < 0.5 * (1 - right["without"])
    assert right["with"] > 0.9
    assert right["without"] > 0.5, "the text says that it is not helpless"


@pytest.mark.long
def test_squeeze_and_excitation_costs_a_few_parameters():
    """With the networks that were trained for seed 1."""
    make = read(1)["make_reader"]
    without, excited = make(False, 1).count_params(), make(True, 1).count_params()
    assert without < excited < 1.1 * without


@pytest.mark.parametrize("seed", range(8))
def test_relu_loses_much_of_two_channels_and_hardly_anything_of_thirty(seed):
    changed = {"seed, errors = 0": f"seed, errors = {seed}"}
    errors = run(UNIT, "inverted-experiment-2", then=start(), changed=changed)["errors"]
    assert errors[2] > 0.15
    assert errors[30] < 0.01
    assert errors["no relu"] < 1e-6


def test_an_inverted_residual_is_somewhat_smaller_than_a_residual_block(capsys):
    names = run(UNIT, "inverted-experiment-3", then=start())
    for channels in (16, 32, 64):
        full = names["block_params"](channels, channels, 1)
        assert 0.6 * full < names["inverted_params"](channels, channels, 6) < full
    assert names["inside"] > 20 * names["light"]
    assert f"384 channels inside: {names['inside']} weights" in capsys.readouterr().out


@functools.cache
def uneven(seed, kernel_size=3):
    """The unevenness after each way to twice the size."""
    changed = {"kernel_size, seed = 3, 1": f"kernel_size, seed = {kernel_size}, {seed}"}
    return run(UNIT, "checkerboard-experiment-2", then=start(), changed=changed)["uneven"]


@pytest.mark.parametrize("seed", range(1, 6))
@pytest.mark.parametrize("kernel_size", [3, 4])
def test_only_the_transposed_convolution_makes_a_checkerboard(seed, kernel_size):
    found = uneven(seed, kernel_size)
    assert found["UpSampling2D, nearest"] < 1e-3
    assert found["UpSampling2D, bilinear"] < 1e-3
    assert found["transposed convolution"] > 0.2


def test_the_checkerboard_is_one_of_every_second_pixel():
    names = run(UNIT, "checkerboard-experiment-2", then=start())
    picture = names["ways"](3, 1)["transposed convolution"]
    np.testing.assert_allclose(picture[2:, 2:], picture[:-2, :-2], atol=1e-5)
    assert np.abs(picture[1:] - picture[:-1]).max() > 0.1


def test_with_activation_first_all_numbers_arrive():
    kept = run(UNIT, "pre-activation-block", "stretch-experiment", then=start())["kept"]
    assert kept["activation first"] == 1
    assert 0.4 < kept["as above"] < 0.6


def test_who_has_not_written_the_stretch_exercise_sees_no_error(capsys):
    keras = start()["keras"]

    class PreActivationBlock(keras.layers.Layer):
        def build(self, input_shape):
            raise NotImplementedError

        def call(self, inputs, training=None):
            raise NotImplementedError

    run(UNIT, "stretch-experiment", then={**start(), "PreActivationBlock": PreActivationBlock})
    assert "not written yet" in capsys.readouterr().out
