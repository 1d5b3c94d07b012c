"""`check`, as a student calls it: in IPython, and in plain Python."""

from __future__ import annotations

import subprocess
import sys

import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output

from grader import CheckFailed, UnknownExercise, check
from tests.variants.dense import WithOps


class Dense(WithOps):
    pass


class MyThing(WithOps):
    pass


class Doubled(WithOps):
    def call(self, inputs):
        return 2 * super().call(inputs)


@pytest.fixture
def shell():
    """A real IPython shell that knows check and three classes."""
    shell = InteractiveShell.instance()
    shell.push({"check": check, "Dense": Dense, "MyThing": MyThing, "Doubled": Doubled})
    yield shell
    InteractiveShell.clear_instance()


def run(shell, cell):
    """Outputs of a cell: what was displayed, and what was printed."""
    with capture_output() as captured:
        shell.run_cell(cell)
    return [rich.data for rich in captured.outputs], captured.stdout, captured.stderr


def test_a_right_layer_shows_its_card_and_raises_nothing(shell):
    cards, printed, errors = run(shell, "check(Dense)")
    assert "Dense: all right" in cards[0]["text/html"]
    assert "Dense: all right" in cards[0]["text/plain"]
    assert (printed, errors) == ("", "")


def test_a_wrong_layer_ends_in_one_line_below_its_card(shell):
    cards, printed, errors = run(shell, 'check(Doubled, exercise="Dense")')
    assert "The values differ" in cards[0]["text/html"]
    assert printed.strip() == "CheckFailed: Dense: 5 of 7 right"
    assert errors == ""


def test_a_layer_of_another_name_says_what_it_is_for(shell):
    cards, printed, _ = run(shell, 'check(MyThing, exercise="Dense"); check(MyThing, "Dense")')
    assert [card["text/plain"].splitlines()[0] for card in cards] == ["Dense: all right"] * 2
    assert printed == ""


def test_the_report_is_printed_where_there_is_no_notebook(capsys):
    check(Dense)
    assert capsys.readouterr().out.startswith("Dense: all right\n  right      shape")


def test_a_failed_check_is_an_assertion_error(capsys):
    with pytest.raises(AssertionError, match=r"^Dense: 5 of 7 right$") as caught:
        check(Doubled, "Dense")
    assert type(caught.value) is CheckFailed
    assert "The values differ" in capsys.readouterr().out


def test_a_stub_is_not_attempted_yet(capsys):
    def dense_params(features, units, use_bias=True):
        raise NotImplementedError

    with pytest.raises(CheckFailed, match=r"^dense_params: not attempted yet$"):
        check(dense_params)
    assert "not judged" in capsys.readouterr().out


def test_a_hidden_check_shows_no_values(capsys):
    with pytest.raises(CheckFailed, match="5 of 7 right on the hidden cases"):
        check(Doubled, "Dense", hidden=True)
    out = capsys.readouterr().out
    assert "The values differ" in out
    assert "expected:" not in out


@pytest.mark.parametrize(
    ("name", "meant"), [("Dens", "Did you mean Dense?"), ("dense_parms", "Did you mean dense_pa")]
)
def test_an_unknown_name_is_answered_with_the_nearest(name, meant):
    layer = type(name, (WithOps,), {})
    with pytest.raises(UnknownExercise, match=name) as caught:
        check(layer)
    assert meant in str(caught.value)
    assert f'check({name}, exercise="...")' in str(caught.value)


def test_a_name_that_is_near_to_none_is_answered_without_a_guess():
    with pytest.raises(UnknownExercise) as caught:
        check(lambda x: x)
    assert "Did you mean" not in str(caught.value)


NOISY = """
from grader import check
import logging, os, sys, warnings
import keras
import tensorflow as tf
from tests.variants.dense import WithOps

class Dense(WithOps):
    def call(self, inputs):
        warnings.warn("a warning")
        logging.warning("a log line")
        logging.getLogger("mine").error("an error line")
        tf.get_logger().error("an error line of TensorFlow")
        tf.print("a line past sys.stderr")
        os.write(2, b"another one")
        print("a line", file=sys.stderr)
        return super().call(inputs)

check(Dense)
"""


def test_a_noisy_layer_leaves_stderr_empty_to_the_last_byte(root):
    """nbgrader gives zero to a test cell with any output there."""
    run = subprocess.run([sys.executable, "-c", NOISY], capture_output=True, text=True, cwd=root)
    assert run.stderr == ""
    assert run.stdout.startswith("Dense: all right")
