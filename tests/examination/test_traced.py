"""A layer that says its output shape itself: its call is traced for a batch of any size, for those
cases of an exercise that are named."""

from __future__ import annotations

import keras
import pytest
from keras import ops

from grader.examination.examine import examine
from grader.exercises.catalogue import WRITTEN
from tests.variants import RIGHT

RIGHT_ONE = RIGHT["Conv1D"][0]


def with_the_batch_of_the_call(padding):
    """A right layer that writes down the size of the batch where it pads in this way."""

    class Conv1D(RIGHT_ONE):
        def call(self, inputs):
            output = super().call(inputs)
            if self.padding != padding:
                return output
            return ops.reshape(output, (int(inputs.shape[0]), *output.shape[1:]))

    return Conv1D


@pytest.mark.parametrize("padding", ["valid", "same", "causal"])
def test_a_batch_that_is_written_down_is_found_in_each_padding(padding):
    wrong = with_the_batch_of_the_call(padding)
    report = examine(wrong, "Conv1D", named=True)
    found = {finding.aspect: finding.passed for finding in report.findings}
    assert not found["shape"]
    assert examine(with_the_batch_of_the_call("none of them"), "Conv1D").passed


def test_other_cases_ask_for_the_shape_only():
    traced = []

    class Conv1D(RIGHT_ONE):
        def call(self, inputs):
            if isinstance(inputs, keras.KerasTensor) or not hasattr(inputs, "numpy"):
                traced.append(self.padding)
            return super().call(inputs)

    assert examine(Conv1D, "Conv1D").passed
    kinds = WRITTEN["Conv1D"].kinds
    named = sum("traced" in kind.also for kind in kinds)
    assert {"valid", "same", "causal"} <= set(traced)
    assert 0 < named < len(kinds)
    # a model is built of the first kind besides, and trained
    assert traced.count("same") == traced.count("causal") == 1


def with_the_batch_of_the_call_where(is_so):
    """A right layer that writes down the size of the batch where its config is so."""

    class Conv1D(RIGHT_ONE):
        def call(self, inputs):
            output = super().call(inputs)
            if not is_so(self):
                return output
            return ops.reshape(output, (int(inputs.shape[0]), *output.shape[1:]))

    return Conv1D


@pytest.mark.parametrize(
    "is_so",
    [lambda layer: not layer.use_bias, lambda layer: layer.strides != (1,)],
    ids=["no bias", "strides"],
)
def test_in_grading_it_is_found_in_each_kind(is_so):
    """A visible check says nothing of it where that kind is not traced: it would take too long."""
    wrong = with_the_batch_of_the_call_where(is_so)
    report = examine(wrong, "Conv1D", hidden=True, named=True)
    found = {finding.aspect: finding.passed for finding in report.findings}
    assert not found["shape"]
    assert examine(
        with_the_batch_of_the_call_where(lambda layer: False), "Conv1D", hidden=True
    ).passed
