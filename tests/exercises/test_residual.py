"""The blocks of unit 16: what their cases must show."""

from __future__ import annotations

import dataclasses

import keras
import pytest
from keras import ops

from grader.examination.examine import examine
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.draw import Draw
from grader.exercises.residual.inverted_residual import InvertedResidual
from tests.variants.residual import Inverted, Residual

BLOCKS = ["ResidualBlock", "InvertedResidual"]


@pytest.mark.parametrize("name", BLOCKS)
@pytest.mark.parametrize("seed", range(20))
def test_with_strides_same_adds_a_zero_at_one_end_only(name, seed):
    """Where it adds one at both ends, padding as in PyTorch passes for `same`."""
    for kind in CATALOGUE[name].kinds:
        case = kind.draw(Draw(seed))
        strides = case.config.get("strides", 1)
        if strides > 1:
            assert any(_zeros(side, strides) < 2 for side in case.inputs.shape[1:3])


def _zeros(side, strides):
    """How many zeros `same` adds for a window of 3."""
    return max(0, (-(-side // strides) - 1) * strides + 3 - side)


def padded(convolution):
    return keras.Sequential([keras.layers.ZeroPadding2D(1), convolution])


class InvertedPaddedOnBothSides(Inverted):
    def build(self, input_shape):
        super().build(input_shape)
        self.look = padded(keras.layers.DepthwiseConv2D(3, strides=self.strides, use_bias=False))


class ResidualPaddedOnBothSides(Residual):
    def __init__(self, filters, strides=1, **kwargs):
        super().__init__(filters, strides, **kwargs)
        self.conv1 = padded(keras.layers.Conv2D(filters, 3, strides=strides, use_bias=False))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("ResidualBlock", ResidualPaddedOnBothSides),
        ("InvertedResidual", InvertedPaddedOnBothSides),
    ],
)
def test_a_student_sees_that_zeros_on_both_sides_are_wrong(name, wrong):
    exercise = dataclasses.replace(CATALOGUE[name], misconceptions=())
    report = examine(wrong, exercise)
    assert [finding.aspect for finding in report.failed] == ["output", "gradient"]


class WithOneLimit(InvertedResidual):
    """relu6 after the expansion, and relu after the depthwise convolution."""

    def activate(self, inputs, place):
        return ops.relu(inputs) if place == 1 else super().activate(inputs, place)


class AddedIfExpanded(InvertedResidual):
    def is_residual(self, channels):
        return super().is_residual(channels) and self.expansion > 1


class AddedByBroadcasting(InvertedResidual):
    def is_residual(self, channels):
        return self.strides == 1 and channels in (1, self.filters)


@pytest.mark.parametrize("seed", [0, 1, 2])
@pytest.mark.parametrize("wrong", [WithOneLimit, AddedIfExpanded, AddedByBroadcasting])
def test_what_differs_seldom_is_caught_in_grading(wrong, seed):
    exercise = dataclasses.replace(CATALOGUE["InvertedResidual"], misconceptions=())
    report = examine(wrong, exercise, seed=seed, hidden=True)
    assert {finding.aspect for finding in report.failed} >= {"output"}
    assert 0 < report.score < 1
