"""Which aspects a wrong idea costs, and which it must leave: partial credit is exact."""

from __future__ import annotations

import pytest

from grader.catalogue import CATALOGUE
from grader.examine import examine
from grader.subject import LocalSubject

ALL_OF_LINEAR = "shape compute_output_shape parameters output gradient built config model saving"

COSTS = {
    "first_model": {
        "batch axis inside the shape": "shape parameters output built",
        "shape is no tuple": "shape parameters output built",
        "TensorFlow on a KerasTensor": "shape parameters output built",
        "no Input": "built",
        "second layer sees the inputs": "parameters output",
        "relu forgotten": "output",
        "relu at the end too": "output",
    },
    "power_layer": {
        "multiplies": "output",
        "always the square": "output",
        "the other way round": "output",
        "the sign is lost": "output",
    },
    "lasting_power": {
        "multiplies": "output",
        "always the square": "output",
        "an anonymous function": "saving",
        "not registered": "saving",
        "registered inside": "saving",
        "functools.partial": "saving",
        "exponent not in the config": "saving",
    },
    "Linear": {
        "tf.Variable": "parameters output gradient",
        "size fixed in __init__": ALL_OF_LINEAR,
        "weights made in call": ALL_OF_LINEAR,
        "build leaves the sublayer": "built saving",
        "@tf.function on call": "output gradient built model saving",
        "kernel transposed": "parameters",
        "bias omitted": "parameters output gradient",
        "activation forgotten": "output gradient",
        "shape without the batch": "shape compute_output_shape",
        "compute_output_shape not written": "compute_output_shape",
        "get_config not written": "config saving",
        "units not in the config": "config saving",
        "activation not in the config": "config saving",
        "the function itself in the config": "saving",
        "not registered": "saving",
    },
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
    "Concatenate": {
        "axis ignored": "shape compute_output_shape output gradient config",
        "axis ignored in call": "shape compute_output_shape output gradient config",
        "joins along the batch": "shape compute_output_shape output gradient config model",
        "axis counted without the batch": "shape compute_output_shape output gradient config",
        "operand order reversed": "output gradient",
        "only the first two": "shape output gradient",
        "stacks instead of joining": "shape compute_output_shape output gradient config model",
        "shape of the first input": "shape compute_output_shape",
        "slice from axis + 1": "shape compute_output_shape",
        "axis not in config": "config",
    },
    "Add": {
        "averages": "output gradient",
        "multiplies": "output gradient",
        "sums everything to one number": "shape output gradient model",
        "sums over the features": "shape output gradient",
        "sums over the samples": "shape output gradient",
        "broadcasts unasked": "shape output gradient",
        "whole list of shapes": "shape compute_output_shape model",
        "joins end to end": "shape output gradient",
        "only the first two": "output gradient",
        "starts anew at each input": "output gradient",
    },
    "Subtract": {
        "second minus first": "output gradient",
        "absolute difference": "output gradient",
        "never below zero": "output gradient",
        "sums": "output gradient",
        "whole list of shapes": "shape compute_output_shape model",
        "joins end to end": "shape output gradient",
    },
    "Maximum": {
        "minimum for maximum": "output gradient",
        "reduces over the features": "shape output gradient",
        "reduces over the samples": "shape output gradient",
        "reduces everything to one number": "shape output gradient model",
        "tells who instead of what": "output gradient",
        "sign ignored": "output gradient",
        "whole list of shapes": "shape compute_output_shape model",
        "joins end to end": "shape output gradient",
        "only the first two": "output gradient",
        "starts anew at each input": "output gradient",
    },
    "Minimum": {
        "maximum for minimum": "output gradient",
        "reduces over the features": "shape output gradient",
        "reduces over the samples": "shape output gradient",
        "reduces everything to one number": "shape output gradient model",
        "tells who instead of what": "output gradient",
        "sign ignored": "output gradient",
        "whole list of shapes": "shape compute_output_shape model",
        "joins end to end": "shape output gradient",
        "only the first two": "output gradient",
        "starts anew at each input": "output gradient",
    },
    "Bucketize": {
        "right-closed buckets": "output",
        "number of the bucket": "shape output",
        "all boundaries passed": "shape output",
        "no bucket below the first boundary": "shape output",
        "no bucket above the last boundary": "shape output",
        "only between the boundaries": "shape output",
    },
    "OneHot": {
        "integer category not one-hot": "shape output",
        "place instead of one-hot": "shape output",
        "unknown word is the first word": "output",
        "unknown word is the last word": "output",
        "a column for unknown words": "shape output",
        "first word left out": "shape output",
        "vocabulary sorted": "output",
    },
    "DenseFeatures": {
        "declared order": "output gradient",
        "sorted by feature": "output gradient",
        "normaliser not adapted": "output gradient",
        "mean not taken away": "output",
        "deviation taken as variance": "output gradient",
        "right-closed buckets": "output",
        "integer category not one-hot": "shape output gradient",
        "place instead of one-hot": "shape output gradient",
        "unknown word is the first word": "output",
        "a column for unknown words": "shape output gradient",
        "unknown word has the first row": "output gradient",
        "a row for unknown words": "parameters output gradient",
        "embedding without a table": "shape parameters output gradient",
        "table not trained": "parameters gradient",
        "crossed in alphabetical order": "output",
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
