"""From an exception to a fault: the student's own line, and a message without the noise."""

from __future__ import annotations

import json
import os
import re

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from grader.bench.fault import fault_of


def caught(function):
    try:
        function()
    except BaseException as error:
        return fault_of(error)
    raise AssertionError("nothing was raised")


def in_a_layer(call):
    """The fault of a layer with this call, on inputs of shape (2, 3)."""
    layer = type("Mine", (keras.layers.Layer,), {"call": lambda self, inputs: call(inputs)})()
    return caught(lambda: layer(tf.ones((2, 3))))


def helper():
    return {}["nothing"]


def test_the_innermost_own_line_is_shown():
    fault = caught(lambda: helper())
    assert fault.where.endswith(': return {}["nothing"]')
    assert fault.where.startswith(f"line {helper.__code__.co_firstlineno + 1}:")
    assert (fault.type, fault.message) == ("KeyError", "'nothing'")


def test_lines_of_libraries_are_not_their_own():
    fault = caught(lambda: json.loads("{"))
    assert 'json.loads("{")' in fault.where
    assert fault.type == "JSONDecodeError"


def test_lines_of_compiled_libraries_are_not_their_own():
    fault = caught(lambda: np.random.default_rng().choice(5, 7, replace=False))
    assert "replace=False" in fault.where  # and not a line of numpy/random/_generator.pyx


def test_without_an_own_line_there_is_none():
    assert fault_of(ValueError("made, not raised")).where == ""


def test_the_line_of_a_notebook_cell_is_shown_by_its_number():
    code = compile("x = 1\ny = x / 0", "<ipython-input-3>", "exec")
    assert caught(lambda: exec(code)).where.startswith("line 2:")


@pytest.mark.parametrize(
    ("call", "type_", "message"),
    [
        (lambda x: 1 / 0, "ZeroDivisionError", "division by zero"),
        (lambda x: x.numpie(), "AttributeError", ".*object has no attribute 'numpie'"),
        (lambda x: x @ np.ones((4, 2), "f4"), "InvalidArgumentError", r"Matrix size-inc[^{}]*\]"),
        (lambda x: tf.reshape(x, (4, 4)), "InvalidArgumentError", "Input to reshape [^{}]* has 16"),
        (lambda x: ops.reshape(x, (4, 4)), "InvalidArgumentError", "Input to reshape .* has 16"),
        (lambda x: keras.Sequential([])(x), "ValueError", "Sequential model .*"),
    ],
    ids=["Python", "attribute", "matmul", "TensorFlow", "Keras", "nested"],
)
def test_the_message_is_what_the_library_said_without_its_noise(call, type_, message):
    fault = in_a_layer(call)
    assert fault.type == type_
    assert "Exception encountered" not in fault.message
    assert "Arguments received" not in fault.message
    assert "\x1b" not in fault.message
    assert re.fullmatch(message, fault.message), fault.message


def test_a_failure_on_symbolic_inputs_shows_the_error_itself():
    layer = type("Mine", (keras.layers.Layer,), {"call": lambda self, x: x.numpy()})()
    fault = caught(lambda: layer(keras.Input((3,))))
    assert fault.message == "'SymbolicTensor' object has no attribute 'numpy'"
    assert "x.numpy()" in fault.where


@tf.function
def in_a_graph(x):
    y = 2 * x
    return tf.reshape(y, (4, 4))


@pytest.mark.parametrize(
    "fault",
    [
        lambda: caught(lambda: in_a_graph(tf.ones((2, 3)))),
        lambda: in_a_layer(lambda inputs: in_a_graph(inputs)),
        lambda: in_a_layer(tf.function(lambda inputs: in_a_graph(inputs) + 1)),
    ],
    ids=["bare", "in a layer", "in a graph in a layer"],
)
def test_a_failure_in_a_graph_shows_the_line_as_it_was_written(fault):
    """TensorFlow runs another file in its place, and tells the line in the message only."""
    assert fault().where.endswith(": return tf.reshape(y, (4, 4))")
    assert re.match(r"Cannot reshape a tensor with 6 elements [^{]*$", fault().message)


def test_an_error_of_the_system_keeps_its_words_in_a_layer():
    """Keras makes a new exception of it, and gives that the number only."""
    fault = in_a_layer(lambda inputs: os.stat("no-such-file"))
    assert fault.type in ("OSError", "FileNotFoundError")
    assert fault.message == "[Errno 2] No such file or directory: 'no-such-file'"


def test_a_long_message_is_cut_and_stays_one_line():
    fault = fault_of(ValueError("many\nlines and words " * 100))
    assert len(fault.message) == 300
    assert fault.message.endswith("…")
    assert "\n" not in fault.message


class Mute(Exception):
    def __str__(self):
        raise ValueError("no words")


class Escapes(Exception):
    def __str__(self):
        raise SystemExit


class NoText(Exception):
    def __str__(self):
        return 5


@pytest.mark.parametrize("kind", [Mute, Escapes, NoText])
def test_an_exception_without_words_is_no_trouble(kind):
    fault = fault_of(kind())
    assert (fault.type, fault.message) == (kind.__name__, "(its message cannot be read)")


@pytest.mark.parametrize(
    ("error", "untouched"),
    [(NotImplementedError(), True), (NotImplementedError("later"), True), (ValueError(), False)],
)
def test_only_a_stub_is_untouched(error, untouched):
    def stub():
        raise error

    assert caught(stub).untouched is untouched
    assert not fault_of(error.__class__()).untouched  # no line of theirs
