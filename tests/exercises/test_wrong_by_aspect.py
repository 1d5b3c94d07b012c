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
    "Dropout": {
        "not rescaled": "dropping",
        "rate taken as the share to keep": "dropping",
        "keeps what it should drop": "dropping",
        "scaled by 1 / rate": "dropping",
        "scaled down": "dropping",
        "active at inference": "dropping",
        "drops unless told otherwise": "dropping",
        "scaled at test time": "dropping",
        "same mask each call": "dropping",
        "dice frozen in a compiled model": "dropping",
        "never drops": "dropping",
        "same mask for all samples": "dropping",
    },
    "SpatialDropout2D": {
        "not rescaled": "dropping",
        "rate taken as the share to keep": "dropping",
        "keeps what it should drop": "dropping",
        "scaled by 1 / rate": "dropping",
        "scaled down": "dropping",
        "active at inference": "dropping",
        "drops unless told otherwise": "dropping",
        "scaled at test time": "dropping",
        "same mask each call": "dropping",
        "dice frozen in a compiled model": "dropping",
        "never drops": "dropping",
        "drops single values": "dropping",
        "drops pixels": "dropping",
        "same maps for all samples": "dropping",
        "drops rows": "dropping",
        "drops columns": "dropping",
        "drops rows of a map": "dropping",
    },
    "BatchNormalization": {
        "always in training mode": "output gradient training frozen",
        "batch statistics at inference": "output gradient training",
        "moving statistics in training": "training",
        "momentum the other way round": "training",
        "moving statistics never updated": "training",
        "unbiased variance": "training",
        "unbiased moving variance": "training",
        "epsilon outside the root": "output gradient training",
        "epsilon of 1e-5": "output gradient training",
        "epsilon omitted": "output gradient training",
        "root omitted": "output gradient training",
        "statistics for each pixel": "parameters output gradient training",
        "one mean for all channels": "training",
        "gamma and beta left out": "parameters output gradient training",
        "gamma and beta not applied": "output gradient training",
        "gradient cut off": "training",
        "trainable = False ignored": "frozen",
        "moving statistics trainable": "parameters",
        "random start": "training",
        "variance starts at zero": "training",
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
