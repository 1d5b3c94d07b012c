"""Random cases obey the rules for sharp probes."""

from __future__ import annotations

import numpy as np
import pytest

from grader.exercises.draw import Draw

SEEDS = range(200)


def test_the_same_seed_draws_the_same():
    one, other = Draw(1, 2, 3), Draw(1, 2, 3)
    assert one.sizes(4) == other.sizes(4)
    np.testing.assert_array_equal(one.normal(2, 3), other.normal(2, 3))
    np.testing.assert_array_equal(one.weight("kernel", (2, 3)), other.weight("kernel", (2, 3)))


def test_each_part_of_the_seed_matters():
    drawn = [Draw(*seed).normal(3).tolist() for seed in ((1, 2), (2, 1), (1, 3), (1,), (1, 2, 1))]
    assert len({tuple(values) for values in drawn}) == 5


def test_no_two_sizes_of_a_draw_are_equal():
    for seed in SEEDS:
        draw = Draw(seed)
        sizes = [*draw.sizes(3), draw.size(), *draw.sizes(2, 2, 9)]
        assert len(set(sizes)) == 6
        assert all(2 <= size <= 7 for size in sizes[:4])


def test_every_size_of_the_range_comes_up():
    assert {Draw(seed).size(3, 5) for seed in SEEDS} == {3, 4, 5}


def test_a_range_without_a_free_size_is_an_error():
    draw = Draw(0)
    draw.sizes(6)
    with pytest.raises(ValueError, match="no size from 2 to 7 is left"):
        draw.size()


def test_every_option_is_chosen_some_time():
    assert {Draw(seed).choice(("a", "b", "c")) for seed in SEEDS} == {"a", "b", "c"}


def test_values_are_of_both_signs_and_of_the_scale():
    values = Draw(0).normal(50, 40, scale=0.05)
    assert values.dtype == "float32"
    assert values.min() < 0 < values.max()
    assert 0.04 < values.std() < 0.06


def test_no_weight_is_zero_or_one_so_that_none_can_be_forgotten_unseen():
    weights = Draw(0).weight("gamma", (30, 40))
    assert weights.dtype == "float32"
    assert 0.2 <= np.abs(weights).min() <= np.abs(weights).max() <= 0.9
    assert weights.min() < 0 < weights.max()


def test_a_variance_is_positive():
    assert Draw(0).weight("moving_variance", (500,)).min() >= 0.5
