"""Which aspects a wrong idea costs, and which it must leave: partial credit is exact."""

from __future__ import annotations

import pytest

from grader.catalogue import CATALOGUE
from grader.examine import examine
from grader.subject import LocalSubject

COSTS = {
    "Dense": {
        "kernel transposed": "parameters",
        "bias omitted": "parameters output gradient",
        "use_bias ignored": "parameters output",
        "activation before bias": "output gradient",
        "activation forgotten": "output gradient",
        "flattens rank 3": "shape parameters output gradient",
        "input_shape[1] in build": "shape parameters output gradient",
        "activation not in config": "config",
        "use_bias not in config": "config",
        "casts to float32": "dtype",
    },
    "Activation": {
        "softmax over axis 0": "output gradient",
        "sigmoid for softmax": "output gradient",
        "softmax over everything": "output gradient",
        "softmax overflows": "output gradient",
        "leaky slope sign": "output gradient",
        "leaky slope 0.01": "output gradient",
        "hard_sigmoid of Keras 2": "output gradient",
        "hard_sigmoid not clipped": "output gradient",
        "sigmoid sign": "output gradient",
        "functions ignored": "output gradient",
    },
    "Flatten": {
        "batch flattened too": "shape compute_output_shape output",
        "column-major": "output",
        "channels-first order": "output",
        "only two axes joined": "shape compute_output_shape output",
        "shape without the batch": "shape compute_output_shape",
    },
    "Reshape": {
        "batch inside the target": "shape compute_output_shape output",
        "-1 filled wrongly": "shape compute_output_shape output",
        "transposed first": "output",
        "column-major": "output",
        "-1 in compute_output_shape": "shape compute_output_shape",
    },
    "DepthwiseConv2D": {
        "the same filters for all channels": "parameters output gradient",
        "multiplier-major order": "output gradient",
        "channels summed": "shape parameters output gradient",
        "kernel flipped": "output gradient",
        "depth_multiplier ignored": "shape parameters output gradient",
        "bias omitted": "parameters output gradient",
        "same ignored": "shape output gradient",
    },
    "SeparableConv2D": {
        "pointwise first": "parameters output gradient",
        "a bias after each step": "parameters output gradient",
        "an activation between": "output gradient",
        "multiplier-major channels": "output gradient",
        "not separated": "parameters output gradient",
        "bias omitted": "parameters output gradient",
        "depth_multiplier ignored": "parameters output gradient",
    },
    "Conv2DTranspose": {
        "kernel as Conv2D has it": "parameters",
        "kernel not turned": "output gradient",
        "pixels repeated": "output gradient",
        "cut to length × strides": "shape output gradient",
        "cut at the end only": "output gradient",
        "same not cut": "shape output gradient",
        "bias omitted": "parameters output gradient",
    },
    "LocallyConnected2D": {
        "weights shared": "parameters output gradient",
        "a bias for each filter": "parameters output gradient",
        "channels before places": "output gradient",
        "windows column by column": "output gradient",
        "kernel flipped": "output gradient",
    },
    "MaxPool2D": {
        "zero padding": "output gradient",
        "averages": "output gradient",
        "magnitudes": "output gradient",
        "strides of 1": "shape output gradient",
        "valid rounded up": "shape output gradient",
        "same ignored": "shape output gradient",
        "padding on the wrong side": "output gradient",
        "height and width exchanged": "shape output gradient",
        "pools over channels": "shape output gradient",
    },
    "AveragePooling2D": {
        "padding counted": "output gradient",
        "sums": "output gradient",
        "takes the largest": "output gradient",
        "strides of 1": "shape output gradient",
        "valid rounded up": "shape output gradient",
        "same ignored": "shape output gradient",
        "padding on the wrong side": "output gradient",
        "height and width exchanged": "shape output gradient",
        "pools over channels": "shape output gradient",
    },
    "GlobalMaxPool2D": {
        "averages": "output gradient",
        "keeps dims": "shape output",
        "keepdims ignored": "shape output",
        "pools over channels": "shape output gradient",
        "channels taken for the first axis": "shape output gradient",
        "only the rows joined": "shape output gradient",
    },
    "GlobalAvgPool2D": {
        "sums": "output gradient",
        "takes the largest": "output gradient",
        "keeps dims": "shape output",
        "keepdims ignored": "shape output",
        "pools over channels": "shape output gradient",
        "channels taken for the first axis": "shape output gradient",
        "only the rows joined": "shape output gradient",
    },
}


@pytest.mark.parametrize(
    ("name", "idea", "cost"),
    [(name, idea, cost) for name in COSTS for idea, cost in COSTS[name].items()],
)
def test_a_wrong_idea_costs_its_aspects_and_no_other(name, idea, cost):
    exercise = CATALOGUE[name]
    wrong = next(known.wrong for known in exercise.misconceptions if known.name == idea)
    report = examine(LocalSubject(wrong), exercise)
    assert {finding.aspect for finding in report.failed} == set(cost.split())
    lost = sum(exercise.aspects[aspect] for aspect in cost.split())
    assert report.score == pytest.approx(1 - lost / sum(exercise.aspects.values()))


def test_the_table_holds_every_wrong_idea_of_every_layer():
    layers = [exercise for exercise in CATALOGUE.values() if exercise.kind == "implement"]
    known = {exercise.name: [idea.name for idea in exercise.misconceptions] for exercise in layers}
    assert {name: list(ideas) for name, ideas in COSTS.items()} == known
