"""The smallest visible case that failed, as lines that run as they are."""

from __future__ import annotations

import contextlib
import io

import keras
import numpy as np
import pytest
from keras import ops

from grader import failing
from grader.examination.examine import examine
from tests.variants import attention, cells, dense


class Dense(dense.WithOps):
    """The activation comes before the bias."""

    def call(self, inputs):
        outputs = self.activation(ops.matmul(inputs, self.kernel))
        return outputs + self.bias if self.use_bias else outputs


class LSTMCell(cells.LstmOfDense):
    def call(self, inputs, states):
        output, (h, c) = super().call(inputs, states)
        return -output, [h, c]


class MultiHeadAttention(attention.HeadsSideBySide):
    """The mask is forgotten."""

    def call(self, query, value, key=None, attention_mask=None, use_causal_mask=False):
        return super().call(query, value, key, use_causal_mask=use_causal_mask)


class Embedding(cells.Take):
    def call(self, inputs):
        return super().call(ops.where(inputs == 0, 1, inputs))


def dense_params(features, units, use_bias=True):
    return features * units


WRONG = [Dense, LSTMCell, pytest.param(MultiHeadAttention, marks=pytest.mark.slow), Embedding]


def run(lines, thing):
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(lines, {thing.__name__: thing})
    return said.getvalue()


@pytest.mark.parametrize("wrong", [*WRONG, dense_params], ids=lambda thing: thing.__name__)
def test_the_lines_run_as_they_are_and_show_two_answers(wrong):
    report = examine(wrong)
    assert report.failed
    assert "The case as lines that you can run" in report._repr_html_()
    assert run(report.lines, wrong)


@pytest.mark.parametrize("wrong", WRONG, ids=lambda thing: thing.__name__)
def test_the_case_is_at_hand(wrong):
    case = failing(wrong)
    layer, right = wrong(**case.config), getattr(keras.layers, wrong.__name__)(**case.config)
    outputs = []
    for made in (layer, right):
        made(*case.arguments, **case.call)
        if made is layer:
            made.set_weights(case.weights)
        outputs.append(keras.tree.flatten(made(*case.arguments, **case.call)))
    shapes = [[tuple(part.shape) for part in parts] for parts in outputs]
    assert shapes[0] == shapes[1] == [np.shape(part) for part in keras.tree.flatten(case.expected)]
    assert not all(map(np.allclose, outputs[0], keras.tree.flatten(case.expected)))
    assert wrong.__name__ in repr(case)


def test_a_right_layer_fails_on_nothing():
    assert failing(dense.WithOps, "Dense") is None
    assert examine(dense.WithOps, "Dense").lines == ""


@pytest.mark.parametrize("wrong", [Dense, dense_params], ids=lambda thing: thing.__name__)
def test_hidden_cases_are_never_written_out(wrong):
    report = examine(wrong, hidden=True)
    assert report.failed
    assert report.lines == ""
    assert "lines that you can run" not in report._repr_html_()


def test_a_layer_that_stops_has_lines_too():
    class Dense(dense.WithOps):
        def call(self, inputs):
            raise ValueError("too much")

    with pytest.raises(ValueError, match="too much"):
        run(examine(Dense).lines, Dense)
