"""The aspect `model`: a model gives the layer's own output, and one step of fit changes weights."""

from __future__ import annotations

import numpy as np
import pytest

from grader.aspects.aspect import Trial
from grader.aspects.model import model
from grader.bench.probe import Answer, Weight
from grader.exercises.exercise import Case

OWN, OTHER = np.ones((2, 3)), np.zeros((2, 3))
WEIGHTS = (Weight("kernel", (3,), True), Weight("count", (3,), False))
BEFORE, AFTER = [np.zeros(3), np.zeros(3)], [np.ones(3), np.zeros(3)]


def judged(functional=OWN, sequential=OWN, after=AFTER):
    found = {"functional": functional, "sequential": sequential, "after": after}
    trial = Trial(Case({}, OWN), 1e-4, their_weights=WEIGHTS)
    verdict = model.judge(trial, [], [Answer(OWN), Answer(BEFORE), Answer(found)])
    return verdict and verdict.message


def test_what_is_not_trained_may_stay_and_a_sequential_model_may_be_none():
    assert judged() is None
    assert judged(sequential=None) is None


@pytest.mark.parametrize(
    ("found", "says"),
    [
        ({"functional": OTHER}, "In a Functional model the output changes."),
        ({"sequential": OTHER}, "In a Sequential model the output changes."),
        ({"after": BEFORE}, "One step of fit does not change one of the weights."),
    ],
)
def test_each_way_to_be_wrong_is_told(found, says):
    assert judged(**found) == says
