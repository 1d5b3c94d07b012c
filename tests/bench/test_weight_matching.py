"""Which weight plays which part: by name, by shape, by trial."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from grader.bench.probe import Weight
from grader.bench.weight_matching import Part, assignments

KERNEL, BIAS = Weight("kernel", (3, 5), True), Weight("bias", (5,), True)
NORM = [
    Weight("gamma", (4,), True),
    Weight("beta", (4,), True),
    Weight("moving_mean", (4,), False),
    Weight("moving_variance", (4,), False),
]


def sources(way):
    return [part.source if part else None for part in way]


def first(theirs, reference):
    return next(assignments(theirs, reference))


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        ([KERNEL, BIAS], [0, 1]),
        ([BIAS, KERNEL], [1, 0]),
        ([Weight("b", (5,), True), Weight("w", (3, 5), True)], [1, 0]),
        ([Weight("bias", (3, 5), True), Weight("kernel", (5,), True)], [0, 1]),
        ([KERNEL], [0]),
        ([KERNEL, BIAS, Weight("more", (5,), True)], [0, 1, None]),
        ([Weight("w", (7, 7), True)], [None]),
        ([], []),
    ],
    ids=["same", "order", "names", "names lie", "one is missing", "one more", "unknown", "none"],
)
def test_the_first_way_goes_by_name_and_shape(theirs, expected):
    assert sources(first(theirs, [KERNEL, BIAS])) == expected


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_names_win_over_the_order_of_making(order):
    assert sources(first([NORM[i] for i in order], NORM)) == list(order)


def test_without_names_the_trainable_ones_go_together():
    theirs = [Weight(name, (4,), name in "ab") for name in "cadb"]
    c, a, d, b = sources(first(theirs, NORM))
    assert ({a, b}, {c, d}) == ({0, 1}, {2, 3})


def test_without_names_every_order_is_tried():
    theirs = [Weight(name, (4,), True) for name in "wxyz"]
    ways = [tuple(sources(way)) for way in assignments(theirs, NORM)]
    assert set(ways) == set(itertools.permutations(range(4)))
    assert len(ways) == 24


def test_no_reference_weight_is_given_twice():
    theirs = [Weight(f"w{i}", (4,), True) for i in range(6)]
    for way in assignments(theirs, NORM):
        given = [source for source in sources(way) if source is not None]
        assert len(set(given)) == len(given) == 4


def test_many_weights_of_one_shape_do_not_take_for_ever():
    theirs = [Weight(f"w{i}", (4,), True) for i in range(12)]
    reference = [Weight(f"r{i}", (4,), True) for i in range(12)]
    assert 1 <= len(list(assignments(theirs, reference))) <= 48


@pytest.mark.parametrize(
    ("have", "want"),
    [((3, 5), (5, 3)), ((2, 3, 5), (5, 2, 3)), ((5,), (1, 5)), ((5,), (1, 1, 5)), ((3, 5), (3, 5))],
)
def test_what_is_stored_otherwise_is_taken_and_given_back(have, want):
    (part,) = first([Weight("w", want, True)], [Weight("w", have, True)])
    value = np.arange(np.prod(have), dtype="float32").reshape(have)
    taken = part.take([value])
    assert taken.shape == want
    np.testing.assert_array_equal(part.back(taken), value)


def test_a_transposed_matrix_is_turned_not_reshaped():
    value = np.array([[1, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(Part(0, (1, 0)).take([value]), [[1, 4], [2, 5], [3, 6]])


def test_a_square_matrix_is_left_as_it_is_first():
    square = Weight("w", (4, 4), True)
    assert first([square], [square]) == (Part(0, (0, 1)),)
