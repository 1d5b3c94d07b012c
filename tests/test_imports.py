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


def test_the_check_loads_keras_without_a_word_and_no_nbgrader():
    """To the last byte: TensorFlow's first lines come from C++ and would be red in a notebook."""
    loaded, errors = fresh("from grader import check; import sys; print(*sys.modules)")
    assert errors == ""
    assert "keras" in loaded.split()
    assert {"nbgrader", "distributed"}.isdisjoint(loaded.split())


@pytest.mark.parametrize("first", ["import keras", "os.environ['TF_ENABLE_ONEDNN_OPTS'] = '1'"])
def test_products_in_float16_survive_where_onednn_is_on(first, monkeypatch):
    """A processor with AVX512-FP16 ended the process here."""
    for name in TENSORFLOW:
        monkeypatch.delenv(name, raising=False)
    product = "tf.matmul(tf.ones((3, 7), 'float16'), tf.ones((7, 2), 'float16')).shape"
    code = f"import os; {first}; import grader; import tensorflow as tf; print({product})"
    assert fresh(code)[0].strip() == "(3, 2)"


def test_a_worker_loads_nothing_that_reads_notebooks():
    loaded, _ = fresh("import grader.grading.preload; import sys; print(*sys.modules)")
    assert "keras" in loaded.split()
    assert {"nbgrader", "nbformat", "sqlalchemy"}.isdisjoint(loaded.split())


def test_what_reads_notebooks_compiles_no_grammars():
    loaded, _ = fresh("import grader.grading.code_cells; import sys; print(*sys.modules)")
    assert {"jsonschema", "nbformat"} <= set(loaded.split())
    assert "lark" not in loaded.split()


def test_loading_leaves_the_collector_as_it_was():
    code = "import gc; {} import grader.bench.backend; print(gc.isenabled())"
    assert [fresh(code.format(first))[0].strip() for first in ("", "gc.disable();")] == [
        "True",
        "False",
    ]


def test_every_public_name_is_there():
    for name in grader.__all__:
        assert getattr(grader, name).__module__.startswith("grader.")


def test_no_module_takes_the_place_of_a_function_of_its_name():
    """`from grader import CheckFailed` loads the module grader.check."""
    code = "import grader.check; from grader import CheckFailed, check, examine, Report"
    kinds = fresh(f"{code}; print(*(type(x).__name__ for x in (check, examine)))")[0]
    assert kinds.split() == ["function", "function"]


def test_a_name_that_is_not_there_is_said_so():
    with pytest.raises(AttributeError, match="module 'grader' has no attribute 'chek'"):
        grader.chek  # noqa: B018
