"""How often a right layer that drops at random is accused: computed, not sampled."""

from __future__ import annotations

import math

import numpy as np
import pytest

from grader.aspects.coins import FALSE_ALARM, is_near, odd_places, tied_pairs
from grader.aspects.dropping import MANY_CALLS, share_of
from grader.examination.examine import HIDDEN_DRAWS
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.draw import Draw

EXERCISES = [exercise for exercise in CATALOGUE.values() if "dropping" in exercise.aspects]


def coins(case):
    """How many coins a right layer throws in two calls."""
    together = case.facts["together"]
    return 2 * math.prod(n for axis, n in enumerate(case.inputs.shape) if axis not in together)


def share(dropped, count, rate):
    """What the aspect says of so many coins that fell."""
    return share_of(np.arange(count) < dropped, rate)


def log_chances(count, rate):
    """Logarithms of the binomial probabilities that so many of `count` coins fall."""
    return [
        math.lgamma(count + 1) - math.lgamma(k + 1) - math.lgamma(count - k + 1)
        + k * math.log(rate) + (count - k) * math.log(1 - rate)
        for k in range(count + 1)
    ]  # fmt: skip


def chance_of_accusal(count, rate, looks=1):
    """The sum of the binomial probabilities of all outcomes that do not count as the rate."""
    chances = enumerate(log_chances(count, rate))
    return sum(math.exp(p) for k, p in chances if not is_near(k, count, rate, looks))


def tried(exercise):
    """The kinds that are judged by chance, with their numbers."""
    numbered = enumerate(exercise.kinds)
    return [(n, kind) for n, kind in numbered if kind.draw(Draw(0, n)).facts["rate"]]


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_a_right_layer_is_accused_in_less_than_one_of_a_million_checks(exercise):
    total = 0.0
    for number, kind in tried(exercise):
        cases = [kind.draw(Draw(seed, number)) for seed in range(20)]
        chances = [chance_of_accusal(coins(case), case.facts["rate"]) for case in cases]
        assert 0 < max(chances) < FALSE_ALARM
        draws = sum(
            kind.draws(HIDDEN_DRAWS["implement"], hidden=hidden) for hidden in (False, True)
        )
        total += draws * (max(chances) + (4 * FALSE_ALARM if "crowd" in cases[0].facts else 0))
    assert total < 1e-6


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_right_coins_never_fall_in_equal_numbers_each_time(exercise):
    """That all counts lie within one of each other has a chance of at most twice that of one
    count to be one of the two likeliest, to the power of the number of the others."""
    for number, kind in tried(exercise):
        case = kind.draw(Draw(7, number))
        if "crowd" in case.facts:
            most = math.exp(max(log_chances(coins(case) // 2, case.facts["rate"])))
            assert 2 * (2 * most) ** (MANY_CALLS - 1) < FALSE_ALARM


@pytest.mark.parametrize(("count", "rate"), [(400, 0.2), (300, 0.68), (60_000, 0.3)])
def test_each_rule_of_chance_keeps_to_its_rate_of_false_alarms(count, rate):
    for looks in (1, 700):
        assert 0 < looks * chance_of_accusal(count, rate, looks) < FALSE_ALARM


def test_coins_are_told_from_what_is_no_coin():
    dice = np.random.default_rng(3).random((300, 200))
    fair = dice < 0.3
    assert (odd_places(fair, 0.3), tied_pairs(fair, 0.3)) == ("", "")
    never = fair.copy()
    never[:, 7] = False
    assert odd_places(never, 0.3) == "those at index 7 of axis 1"
    assert tied_pairs(np.repeat(fair, 2, axis=1), 0.3) == "neighbours along axis 1"
    assert tied_pairs(np.concatenate([fair, fair]), 0.3) == "the two halves along axis 0"
    assert tied_pairs(np.concatenate([fair, fair[::-1]]), 0.3) == "mirrored places along axis 0"


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.name)
def test_a_share_that_is_far_off_is_told_from_the_rate(exercise):
    for number, kind in tried(exercise):
        case = kind.draw(Draw(7, number))
        count, rate = coins(case), case.facts["rate"]
        assert share(round(rate * count), count, rate) == "rate"
        assert share(round((1 - rate) * count), count, rate) == "1 - rate"
        assert share(count // 2, count, rate) == "neither"
