"""Arrows point inward: the core is light, and what is heavy is loaded when it is first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import grader
from grader.bench.numerics import TENSORFLOW

LIGHT = (
    "grader",
    "grader.exercises.exercise",
    "grader.card.report",
    "grader.card.card",
    "grader.card.finding",
    "grader.bench.weight_matching",
    "grader.bench.probe",
    "grader.exercises.draw",
    "grader.data",
    "grader.cli",
    "grader.sandbox.wire",
    "grader.sandbox.message",
)


def fresh(code):
    """What a fresh process prints, on stdout and on stderr."""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout, done.stderr


@pytest.mark.parametrize("module", LIGHT)
def test_a_light_module_loads_nothing_heavy(module):
    loaded, errors = fresh(f"import sys, {module}; print(*sys.modules)")
    assert {"keras", "tensorflow", "tf_keras", "nbgrader", "distributed"}.isdisjoint(loaded.split())
    assert errors == ""


@pytest.fixture(scope="module")
def checking():
    """What a process prints that loads the check: its modules, kinds, and whether it collects."""
    code = """
import grader.check, gc, sys
from grader import CheckFailed, check, examine, Report
print(*sys.modules)
print(type(check).__name__, type(examine).__name__)
print(gc.isenabled())
"""
    return fresh(code)


def test_the_check_loads_keras_without_a_word_and_no_nbgrader(checking):
    """To the last byte: TensorFlow's first lines come from C++ and would be red in a notebook."""
    printed, errors = checking
    loaded = printed.splitlines()[0].split()
    assert errors == ""
    assert "keras" in loaded
    assert {"nbgrader", "distributed"}.isdisjoint(loaded)


def test_no_module_takes_the_place_of_a_function_of_its_name(checking):
    """`from grader import CheckFailed` loads the module grader.check."""
    assert checking[0].splitlines()[1] == "function function"


KERAS_FIRST = """
import gc; gc.disable()
import keras
from grader.bench.backend import tf
print(gc.isenabled())
print(tf.matmul(tf.ones((3, 7), 'float16'), tf.ones((7, 2), 'float16')).shape)
"""


def test_where_keras_was_first_products_in_float16_survive(without_ours, checking):
    """A processor with AVX512-FP16 ended the process here."""
    collects, shape = fresh(KERAS_FIRST)[0].splitlines()
    assert shape == "(3, 2)"
    assert (checking[0].splitlines()[2], collects) == ("True", "False"), "left as it was"


def test_where_onednn_was_asked_for_it_keeps_all_its_code(without_ours):
    code = "import os; os.environ['TF_ENABLE_ONEDNN_OPTS'] = '1'; import grader; print(*os.environ)"
    names = fresh(code)[0].split()
    assert "TF_CPP_MIN_LOG_LEVEL" in names
    assert "ONEDNN_MAX_CPU_ISA" not in names


@pytest.fixture
def without_ours(monkeypatch):
    """This process's own settings for TensorFlow are not handed on to those that it starts."""
    for name in TENSORFLOW:
        monkeypatch.delenv(name, raising=False)


def test_a_worker_loads_nothing_that_reads_notebooks():
    loaded, _ = fresh("import grader.grading.preload; import sys; print(*sys.modules)")
    assert "keras" in loaded.split()
    assert {"nbgrader", "nbformat", "sqlalchemy"}.isdisjoint(loaded.split())


def test_what_reads_notebooks_compiles_no_grammars():
    loaded, _ = fresh("import grader.grading.code_cells; import sys; print(*sys.modules)")
    assert {"jsonschema", "nbformat"} <= set(loaded.split())
    assert "lark" not in loaded.split()


def test_every_public_name_is_there():
    for name in grader.__all__:
        assert getattr(grader, name).__module__.startswith("grader.")


def test_a_name_that_is_not_there_is_said_so():
    with pytest.raises(AttributeError, match="module 'grader' has no attribute 'chek'"):
        grader.chek  # noqa: B018
