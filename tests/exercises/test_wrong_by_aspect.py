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
    "Conv1D": {
        "flipped kernel": "output gradient",
        "bias omitted": "parameters output gradient",
        "use_bias ignored": "parameters output",
        "only the first channel": "output gradient",
        "strides ignored": "shape output gradient",
        "last window over the edge": "shape output gradient",
        "same padded left-heavy": "output gradient",
        "same padded as for stride 1": "output gradient",
        "same padded on both sides alike": "shape output gradient",
        "floor for ceil": "shape output gradient",
        "same repeats the border": "output gradient",
        "same taken for valid": "shape output gradient",
        "dilation taken as stride": "shape output gradient",
        "dilation ignored": "shape output gradient",
        "same without the dilation": "shape output gradient",
        "causal padded right": "output gradient",
        "causal padded on both sides": "output gradient",
        "causal without the dilation": "shape output gradient",
        "steps taken for channels": "shape parameters output gradient model",
    },
    "Conv2D": {
        "flipped kernel": "output gradient",
        "bias omitted": "parameters output gradient",
        "use_bias ignored": "parameters output",
        "only the first channel": "output gradient",
        "strides ignored": "shape compute_output_shape output gradient",
        "last window over the edge": "shape compute_output_shape output gradient",
        "same padded left-heavy": "output gradient",
        "same padded as for stride 1": "output gradient",
        "same padded on both sides alike": "shape compute_output_shape output gradient",
        "floor for ceil": "shape compute_output_shape output gradient",
        "same repeats the border": "output gradient",
        "same taken for valid": "shape compute_output_shape output gradient",
        "dilation taken as stride": "shape compute_output_shape output gradient",
        "dilation ignored": "shape compute_output_shape output gradient",
        "same without the dilation": "shape compute_output_shape output gradient",
        "kernel height and width swapped": "shape compute_output_shape parameters output gradient",
        "strides swapped": "shape compute_output_shape output gradient",
        "dilation swapped": "shape compute_output_shape output gradient",
        "rows taken for channels": "shape compute_output_shape parameters output gradient",
        "groups ignored": "parameters output gradient",
        "groups see the first channels": "output gradient",
        "channels dealt out to the groups": "output gradient",
        "filters of the groups interleaved": "output gradient",
        "activation before bias": "output gradient",
        "activation forgotten": "output gradient",
        "casts to float32": "dtype",
        "dilation not in config": "config",
        "strides not in config": "config",
        "padding not in config": "config",
        "groups not in config": "config",
    },
    "Conv3D": {
        "flipped kernel": "output gradient",
        "bias omitted": "parameters output gradient",
        "use_bias ignored": "parameters output",
        "only the first channel": "output gradient",
        "strides ignored": "shape output gradient",
        "last window over the edge": "shape output gradient",
        "same padded left-heavy": "output gradient",
        "same padded as for stride 1": "output gradient",
        "same padded on both sides alike": "shape output gradient",
        "floor for ceil": "shape output gradient",
        "same repeats the border": "output gradient",
        "same taken for valid": "shape output gradient",
        "depth of the kernel last": "shape parameters output gradient",
        "depth of the strides last": "shape output gradient",
        "one slice only": "output gradient",
        "depth of the inputs last": "shape output gradient",
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
