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
from grader.exercises.writing.decoder import SHIPPED, Decoder, weight_shapes
from grader.exercises.writing.name_writer import held
from grader.exercises.writing.parts import counted

MOST_BYTES = 2 << 20
SAME = 0.05
"""Largest difference of two predicted chances. Two threads in place of one round as differently as
another processor may: then it was 0.018, and on the same threads the bytes are the same."""
RECIPE = Path(__file__).parents[1] / "data" / "train.py"


def predicted(weights):
    """The chances of the next sign at each place of the names that are held back."""
    model = Decoder(**SHIPPED)
    model.build(None)
    model.load(weights)
    return ops.softmax(model(held()[:, :-1])).numpy()


def told(chances):
    """The perplexity on these names."""
    return of(np.log(chances), held()[:, 1:], counted(held()))


@pytest.mark.parametrize("name", runpy.run_path(str(RECIPE))["MODELS"])
def test_a_model_is_small_and_holds_plain_numbers(name):
    path = RECIPE.with_name(f"{name}.npz")
    assert path.stat().st_size <= MOST_BYTES
    with np.load(path, allow_pickle=False) as archive:
        assert {archive[part].dtype.name for part in archive.files} == {"float32"}


def test_the_weights_have_the_names_and_shapes_of_the_model():
    shapes = {name: value.shape for name, value in load("names_model").items()}
    assert shapes == weight_shapes(SHIPPED)


def test_the_page_on_the_data_says_how_many_parameters_it_has():
    count = sum(value.size for value in load("names_model").values())
    assert f"{count:,} parameters" in RECIPE.with_name("README.md").read_text()


@pytest.mark.long
def test_the_recipe_makes_the_same_predictions_again(tmp_path):
    command = [sys.executable, str(RECIPE), "--into", str(tmp_path)]
    subprocess.run(command, check=True, cwd=RECIPE.parents[1], timeout=1800)
    with np.load(tmp_path / "names_model.npz", allow_pickle=False) as archive:
        again = predicted(dict(archive))
    kept = predicted(load("names_model"))
    assert np.abs(again - kept).max() < SAME
    assert told(again) == pytest.approx(told(kept), rel=0.005)
