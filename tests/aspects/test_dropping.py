"""How often a right layer that drops at random is accused: computed, not sampled."""

from __future__ import annotations

import math

import numpy as np
import pytest

from grader.aspects.dropping import FALSE_ALARM, share_of
from grader.examination.examine import HIDDEN_DRAWS
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.draw import Draw

EXERCISES = [exercise for exercise in CATALOGUE.values() if "dropping" in exercise.aspects]


def coins(case):
    """How many coins a right layer throws in the two calls that are looked at."""
    together = case.facts["together"]
    return 2 * math.prod(n for axis, n in enumerate(case.inputs.shape) if axis not in together)


def share(dropped, count, rate):
    """What the aspect says of so many coins that fell."""
    return share_of(np.arange(count) < dropped, rate)


def chance_of_accusal(count, rate):
    """The sum of the binomial probabilities of all outcomes that do not count as the rate."""
    log_chance = (
        math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        + k * math.log(rate) + (count - k) * math.log(1 - rate)
        for k in range(count + 1)
    )  # fmt: skip
    return sum(math.exp(p) for k, p in enumerate(log_chance) if share(k, count, rate) != "rate")


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_a_right_layer_is_accused_in_less_than_one_of_a_million_checks(exercise):
    total = 0.0
    for number, kind in enumerate(exercise.kinds):
        cases = [kind.draw(Draw(seed, number)) for seed in range(20)]
        chances = [chance_of_accusal(coins(case), case.facts["rate"]) for case in cases]
        assert 0 < max(chances) < FALSE_ALARM
        total += max(chances) * (1 + HIDDEN_DRAWS["implement"])
    assert total < 1e-6


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_a_share_that_is_far_off_is_told_from_the_rate(exercise):
    for number, kind in enumerate(exercise.kinds):
        case = kind.draw(Draw(7, number))
        count, rate = coins(case), case.facts["rate"]
        assert share(round(rate * count), count, rate) == "rate"
        assert share(round((1 - rate) * count), count, rate) == "1 - rate"
        assert share(count // 2, count, rate) == "neither"
