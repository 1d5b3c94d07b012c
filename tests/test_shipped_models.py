"""The models that the course ships: small, plain arrays, and made again by one command."""

from __future__ import annotations

import runpy
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from keras import ops

from grader.aspects.perplexity import of
from grader.data import load
from grader.exercises.pooling import digit_network
from grader.exercises.seeing import resnet
from grader.exercises.seeing.digit_reader import LEAST
from grader.exercises.writing import decoder
from grader.exercises.writing.name_writer import held
from grader.exercises.writing.parts import counted

MOST_BYTES = 2 << 20
SAME = 0.05
"""Largest difference of two predicted chances. Two threads in place of one round as differently as
another processor may: then it was 0.018, and on the same threads the bytes are the same."""
RECIPE = Path(__file__).parents[1] / "data" / "train.py"


def predicted(weights):
    """The chances of the next sign at each place of the names that are held back."""
    model = decoder.Decoder(**decoder.SHIPPED)
    model.build(None)
    model.load(weights)
    return ops.softmax(model(held()[:, :-1])).numpy()


def read(weights):
    """The probabilities of the ten digits, for the images that are held back."""
    model = resnet.ResNet(**resnet.SHIPPED)
    model.build((None, 8, 8, 1))
    model.load(weights)
    return ops.softmax(model(digit_network.held()[0])).numpy()


def share_right(probabilities):
    """The share of these images that is read rightly."""
    return np.mean(np.argmax(probabilities, axis=1) == digit_network.held()[1])


def told(chances):
    """The perplexity on these names."""
    return of(np.log(chances), held()[:, 1:], counted(held()))


@pytest.mark.parametrize("name", runpy.run_path(str(RECIPE))["MODELS"])
def test_a_model_is_small_and_holds_plain_numbers(name):
    path = RECIPE.with_name(f"{name}.npz")
    assert path.stat().st_size <= MOST_BYTES
    with np.load(path, allow_pickle=False) as archive:
        assert {archive[part].dtype.name for part in archive.files} == {"float32"}


@pytest.mark.parametrize(("name", "module"), [("names_model", decoder), ("digits_model", resnet)])
def test_the_weights_have_the_names_and_shapes_of_the_model(name, module):
    shapes = {part: value.shape for part, value in load(name).items()}
    assert shapes == module.weight_shapes(module.SHIPPED)


@pytest.mark.parametrize("name", runpy.run_path(str(RECIPE))["MODELS"])
def test_the_page_on_the_data_says_how_many_parameters_it_has(name):
    count = sum(value.size for value in load(name).values())
    rows = RECIPE.with_name("README.md").read_text().splitlines()
    (row,) = [row for row in rows if row.startswith(f"| `{name}.npz`")]
    assert f"{count:,} parameters" in row


def test_the_network_that_is_shipped_does_not_read_as_well_as_is_asked_for():
    """Nobody gets the points for a network of one's own with it; it reads well all the same."""
    assert 0.96 < share_right(read(load("digits_model"))) < LEAST


def made_again(name, folder):
    command = [sys.executable, str(RECIPE), name, "--into", str(folder)]
    subprocess.run(command, check=True, cwd=RECIPE.parents[1], timeout=1800)
    with np.load(folder / f"{name}.npz") as archive:
        return dict(archive)


@pytest.mark.long
def test_the_recipe_makes_the_same_predictions_again(tmp_path):
    again, kept = predicted(made_again("names_model", tmp_path)), predicted(load("names_model"))
    assert np.abs(again - kept).max() < SAME
    assert told(again) == pytest.approx(told(kept), rel=0.005)


@pytest.mark.long
def test_the_recipe_makes_a_network_again_that_reads_as_well(tmp_path):
    again, kept = read(made_again("digits_model", tmp_path)), read(load("digits_model"))
    assert np.mean(np.argmax(again, axis=1) == np.argmax(kept, axis=1)) > 0.98
    assert abs(share_right(again) - share_right(kept)) < 0.01


def test_a_model_that_is_not_known_is_answered_with_those_that_are():
    done = subprocess.run(
        [sys.executable, str(RECIPE), "digit_model"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "no model 'digit_model'; there is: digits_model, names_model" in done.stderr
