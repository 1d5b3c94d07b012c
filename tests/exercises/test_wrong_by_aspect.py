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
    "Embedding": {
        "zeros for padding": "output gradient",
        "mask not passed on": "mask",
        "mask inverted": "mask",
        "mask without being asked": "mask",
        "mask with a feature axis": "mask model",
        "matrix transposed": "parameters",
        "a row more than asked for": "parameters output gradient",
        "counts from one": "output gradient",
        "scaled by the root of the width": "output gradient",
    },
    "SimpleRNNCell": {
        "state handed on bare": "shape output",
        "state not used": "output gradient in_rnn",
        "recurrent kernel transposed": "output gradient in_rnn",
        "state added as it is": "output gradient in_rnn",
        "state after the activation": "output gradient in_rnn",
        "activation forgotten": "output gradient in_rnn",
        "always tanh": "output gradient",
        "bias omitted": "parameters output gradient in_rnn",
        "use_bias ignored": "parameters output gradient",
        "no state_size": "in_rnn",
        "old state handed on": "output gradient in_rnn",
    },
    "LSTMCell": {
        "gate order f, i, c, o": "output gradient in_rnn",
        "gate order i, f, o, c": "output gradient in_rnn",
        "gate order i, c, f, o": "output gradient in_rnn",
        "gate order f, i, o, c": "output gradient in_rnn",
        "hard_sigmoid of Keras 2": "output gradient in_rnn",
        "hard_sigmoid": "output gradient in_rnn",
        "sigmoid for the candidate": "output gradient in_rnn",
        "tanh for the gates": "output gradient in_rnn",
        "1 added at every step": "output gradient in_rnn",
        "tanh on the output forgotten": "output gradient in_rnn",
        "tanh after the output gate": "output gradient in_rnn",
        "old carry in the output": "output gradient in_rnn",
        "forget gate inverted": "output gradient in_rnn",
        "nothing forgotten": "output gradient in_rnn",
        "no input gate": "output gradient in_rnn",
        "c and h swapped": "output gradient in_rnn",
        "handed on as [c, h]": "output in_rnn",
        "carry as output": "output gradient in_rnn",
        "states not in a list": "shape output in_rnn",
        "state_size of one state": "in_rnn",
        "forget bias starts at zero": "start",
        "unit_forget_bias ignored": "start",
        "ones in another gate": "start",
        "ones in all gates": "start",
        "no state_size": "in_rnn",
        "old state handed on": "output gradient in_rnn",
    },
    "GRUCell": {
        "z and r swapped": "output gradient in_rnn",
        "update gate the other way": "output gradient in_rnn",
        "recurrent bias outside the reset": "output gradient in_rnn",
        "reset_after ignored: always before": "output gradient in_rnn",
        "reset_after ignored: always after": "output gradient",
        "reset gate not used": "output gradient in_rnn",
        "inputs reset": "output gradient in_rnn",
        "everything reset": "output gradient in_rnn",
        "tanh of the candidate forgotten": "output gradient in_rnn",
        "hard_sigmoid of Keras 2": "output gradient in_rnn",
        "hard_sigmoid": "output gradient in_rnn",
        "one bias": "parameters output gradient in_rnn",
        "always two biases": "parameters",
        "state handed on bare": "shape output",
        "no state_size": "in_rnn",
        "old state handed on": "output gradient in_rnn",
    },
    "MemoryCell": {
        "writes the old h": "output gradient in_rnn",
        "memory changed first": "output gradient in_rnn",
        "keep the other way round": "output gradient in_rnn",
        "nothing kept": "output gradient in_rnn",
        "written in full": "output gradient in_rnn",
        "memory not read": "output gradient in_rnn",
        "tanh on the memory": "output gradient in_rnn",
        "states swapped": "shape output in_rnn",
        "gives the memory out": "shape output gradient in_rnn",
        "old states handed on": "output gradient in_rnn",
        "state_size missing": "in_rnn",
        "memory begins empty": "in_rnn",
        "h begins full": "in_rnn",
        "loops over the batch": "shape",
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
