"""Which weight plays which part: by name, by shape, by trial."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from grader.bench.probe import Weight
from grader.bench.weight_matching import (
    Part,
    assignments,
    from_sources,
    is_as_it_comes,
    is_whole,
    places_of,
    to_reference,
)
from grader.bench.weight_matching import sources as found_sources

KERNEL, BIAS = Weight("kernel", (3, 5), True), Weight("bias", (5,), True)
NORM = [
    Weight("gamma", (4,), True),
    Weight("beta", (4,), True),
    Weight("moving_mean", (4,), False),
    Weight("moving_variance", (4,), False),
]


def sources(way, reference=(KERNEL, BIAS)):
    """The reference weight of which each of the student's is made, where it is a single one."""
    places = places_of(reference)
    return [
        next(i for i, own in enumerate(places) if part.places.flat[0] in own) if part else None
        for part in way
    ]


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
    assert sources(first([NORM[i] for i in order], NORM), NORM) == list(order)


def test_without_names_the_trainable_ones_go_together():
    theirs = [Weight(name, (4,), name in "ab") for name in "cadb"]
    c, a, d, b = sources(first(theirs, NORM), NORM)
    assert ({a, b}, {c, d}) == ({0, 1}, {2, 3})


def test_without_names_every_order_is_tried():
    theirs = [Weight(name, (4,), True) for name in "wxyz"]
    ways = [tuple(sources(way, NORM)) for way in assignments(theirs, NORM)]
    assert set(ways) == set(itertools.permutations(range(4)))
    assert len(ways) == 24


def test_no_reference_weight_is_given_twice():
    theirs = [Weight(f"w{i}", (4,), True) for i in range(6)]
    for way in assignments(theirs, NORM):
        given = [source for source in sources(way, NORM) if source is not None]
        assert len(set(given)) == len(given) == 4


def test_many_weights_of_one_shape_do_not_take_for_ever():
    theirs = [Weight(f"w{i}", (4,), True) for i in range(12)]
    reference = [Weight(f"r{i}", (4,), True) for i in range(12)]
    assert 1 <= len(list(assignments(theirs, reference))) <= 48


BLOCK = [
    *(Weight("kernel", (3, 3, 4, 4), True), *NORM, Weight("kernel", (3, 3, 4, 4), True), *NORM),
    *(Weight("kernel", (1, 1, 4, 4), True), *NORM),
]
"""A block with three normalizations: twelve weights of one shape."""


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("turned", [False, True])
def test_a_normalization_keeps_its_weights_in_any_order_of_making(order, turned):
    kernels = (5, 0, 10) if turned else (0, 5, 10)
    places = [*kernels, *(5 * part + 1 + at for part in order for at in range(4))]
    ways = [tuple(sources(way, BLOCK)) for way in assignments([BLOCK[i] for i in places], BLOCK)]
    assert tuple(places) in ways
    assert len(ways) == len(set(ways)) == 12


@pytest.mark.parametrize("by_part", [True, False])
@pytest.mark.parametrize("order", [(0, 1, 2), (2, 0, 1)])
def test_without_names_they_are_made_part_by_part_or_kind_by_kind(by_part, order):
    at = range(4)
    if by_part:
        places = [5 * part + 1 + own for part in order for own in at]
    else:
        places = [5 * part + 1 + own for own in at for part in order]
    places = [0, 5, 10, *places]
    theirs = [Weight(f"w{i}", BLOCK[i].shape, BLOCK[i].trainable) for i in places]
    ways = [tuple(sources(way, BLOCK)) for way in assignments(theirs, BLOCK)]
    assert tuple(places) in ways
    assert len(ways) <= 96


def test_a_block_with_one_normalization_less_leaves_one_out():
    theirs = [*BLOCK[:10], BLOCK[10]]
    ways = [sources(way, BLOCK) for way in assignments(theirs, BLOCK)]
    assert ways[0] == list(range(11))
    assert all(None not in way for way in ways)


def test_many_weights_more_than_there_should_be_do_not_take_for_ever():
    theirs = [*BLOCK, *(Weight(f"w{i}", (4,), True) for i in range(60))]
    assert next(assignments(theirs, BLOCK))[60] is None


def normalized(length):
    return [Weight(own.name, (length,), own.trainable) for own in NORM]


INVERTED = [
    *(Weight("kernel", (1, 1, 3, 6), True), *normalized(6), Weight("kernel", (3, 3, 6, 1), True)),
    *(*normalized(6), Weight("kernel", (1, 1, 6, 4), True), *normalized(4)),
]
"""A block whose last normalization sees fewer channels than the others."""
_KERNELS, _NORMS = (0, 5, 10), ((1, 2, 3, 4), (6, 7, 8, 9), (11, 12, 13, 14))
_BY_PART = [0, *_NORMS[0], 5, *_NORMS[1], 10, *_NORMS[2]]
_BACKWARDS = [10, *_NORMS[2], 5, *_NORMS[1], 0, *_NORMS[0]]
_BY_KIND = [*_KERNELS, *(norm[kind] for kind in range(4) for norm in _NORMS)]


@pytest.mark.parametrize("made", [_BY_PART, _BACKWARDS, _BY_KIND])
@pytest.mark.parametrize("axes", [0, 3])
def test_without_names_a_normalization_may_see_fewer_channels(made, axes):
    def shape(own):
        return (1,) * axes + own.shape if len(own.shape) == 1 else own.shape

    theirs = [Weight(f"w{i}", shape(INVERTED[i]), INVERTED[i].trainable) for i in made]
    assert made in [sources(way, INVERTED) for way in assignments(theirs, INVERTED)]


def test_normalizations_of_keras_that_see_different_numbers_leave_few_ways():
    ways = [tuple(sources(way, INVERTED)) for way in assignments(INVERTED, INVERTED)]
    assert ways[0] == tuple(range(15))
    assert len(ways) == len(set(ways)) == 2


@pytest.mark.parametrize("names", [True, False])
@pytest.mark.parametrize("form", ["a row for each channel", "a kernel for each channel"])
def test_beside_normalizations_a_kernel_may_have_another_form(names, form):
    own = places_of(INVERTED)
    if form == "a row for each channel":
        made = [(Weight("kernel", (9, 6), True), own[5])]
    else:
        kernel = Weight("kernel", (3, 3, 1, 1), True)
        made = [(kernel, own[5][:, :, at]) for at in range(6)]
    rows = [(weight, own[at]) for at, weight in enumerate(INVERTED)]
    rows[5:6] = made
    theirs = [
        weight if names else Weight(f"w{at}", weight.shape, weight.trainable)
        for at, (weight, _) in enumerate(rows)
    ]
    way = first(theirs, INVERTED)
    for part, (_, wanted) in zip(way, rows, strict=True):
        assert np.array_equal(np.ravel(part.places), np.ravel(wanted))


@pytest.mark.parametrize(
    ("have", "want"),
    [((3, 5), (5, 3)), ((2, 3, 5), (5, 2, 3)), ((5,), (1, 5)), ((5,), (1, 1, 5)), ((3, 5), (3, 5))],
)
def test_what_is_stored_otherwise_is_taken_and_given_back(have, want):
    reference = [Weight("w", have, True)]
    way = first([Weight("w", want, True)], reference)
    value = np.arange(np.prod(have), dtype="float32").reshape(have)
    taken = way[0].take([value])
    assert taken.shape == want
    np.testing.assert_array_equal(to_reference(way, [taken], reference)[0], value)


def test_a_transposed_matrix_is_turned_not_reshaped():
    value = np.array([[1, 2, 3], [4, 5, 6]])
    (part,) = first([Weight("w", (3, 2), True)], [Weight("w", (2, 3), True)])
    np.testing.assert_array_equal(part.take([value]), [[1, 4], [2, 5], [3, 6]])


def test_a_square_matrix_is_left_as_it_is_and_nothing_else_is_tried():
    square = Weight("w", (4, 4), True)
    (way,) = assignments([square], [square])
    assert is_as_it_comes(way, [square])


def test_a_constant_of_the_shape_of_a_bias_may_stay_out():
    theirs = [Weight("ones", (5,), False), Weight("b", (5,), True), Weight("k", (3, 5), True)]
    assert [None, 1, 0] in [sources(way) for way in assignments(theirs, [KERNEL, BIAS])]


# Weights in another form

FEATURES, UNITS = 6, 5
LSTM = [
    Weight("kernel", (FEATURES, 4 * UNITS), True),
    Weight("recurrent_kernel", (UNITS, 4 * UNITS), True),
    Weight("bias", (4 * UNITS,), True),
]
HEADS = [
    Weight("kernel", (7, 2, 4), True),
    Weight("bias", (2, 4), True),
    Weight("kernel", (2, 4, 7), True),
    Weight("bias", (7,), True),
]


def values_of(reference):
    ends = np.cumsum([np.prod(weight.shape) for weight in reference])
    numbers = np.split(np.arange(float(ends[-1])), ends[:-1])
    return [n.reshape(w.shape) for n, w in zip(numbers, reference, strict=True)]


def tried(pieces, reference):
    """Whether some way gives the weights these values, which are made of the reference's."""
    theirs = [Weight(f"w{i}", piece.shape, True) for i, piece in enumerate(pieces)]
    ways = list(assignments(theirs, reference))
    for way in ways:
        if is_whole(way, theirs, reference):
            taken = [part.take(values_of(reference)) for part in way]
            back = to_reference(way, taken, reference)
            assert all(map(np.array_equal, back, values_of(reference)))
            if all(map(np.array_equal, taken, pieces)):
                return True
    assert len(ways) <= 200
    return False


@pytest.mark.parametrize("order", ["ifco", "fico", "foic", "ocfi"])
def test_gates_may_have_weights_of_their_own_in_any_order(order):
    blocks = [np.split(value, 4, axis=-1) for value in values_of(LSTM)]
    kernel, recurrent, bias = (dict(zip("ifco", block, strict=True)) for block in blocks)
    assert tried([part[g] for g in order for part in (kernel, bias, recurrent)], LSTM)
    assert tried([part[g] for part in (recurrent, kernel, bias) for g in order], LSTM)
    joined = [np.concatenate([recurrent[g], kernel[g]]) for g in order]
    assert tried([*joined, *(bias[g][None] for g in order)], LSTM)


def test_several_weights_may_be_one():
    kernel, recurrent, bias = values_of(LSTM)
    assert tried([np.concatenate([kernel, recurrent]), bias], LSTM)
    assert tried([np.concatenate([kernel, recurrent, bias[None]])], LSTM)
    kernel, bias = values_of([KERNEL, BIAS])
    assert tried([np.concatenate([bias[None], kernel])], [KERNEL, BIAS])
    assert tried([np.concatenate([kernel, bias[None]]).T], [KERNEL, BIAS])


def test_heads_may_lie_side_by_side_in_either_order_or_apart():
    kernel, bias, out, out_bias = values_of(HEADS)
    beside = [kernel.reshape(7, 8), bias.reshape(8), out.reshape(8, 7), out_bias]
    assert tried(beside, HEADS)
    inner = np.transpose(kernel, (0, 2, 1)).reshape(7, 8), bias.T.reshape(8)
    assert tried([*inner, np.transpose(out, (1, 0, 2)).reshape(8, 7), out_bias], HEADS)
    apart = [part for head in (0, 1) for part in (kernel[:, head], bias[head], out[head])]
    assert tried([*apart, out_bias], HEADS)


GROUPS = [
    *(Weight("kernel", (7, 6, 4), True), Weight("bias", (6, 4), True)),
    *(Weight("kernel", (5, 2, 4), True), Weight("bias", (2, 4), True)),
    *(Weight("kernel", (7, 2, 4), True), Weight("bias", (2, 4), True)),
]
"""Six query heads, and two heads of keys and of values."""


def test_there_may_be_more_heads_of_one_than_of_another():
    heads = dict(
        zip(("q", "k", "v"), zip(*[iter(values_of(GROUPS))] * 2, strict=True), strict=True)
    )
    one = {
        f"{n}{h}": [w.take(h, -2) for w in heads[n]] for n in heads for h in range(len(heads[n][1]))
    }
    assert len(one) == 10
    in_rows = [f"{n}{h}" for n in "qkv" for h in range(len(heads[n][1]))]
    by_group = ["k0", "v0", "q0", "q1", "q2", "k1", "v1", "q3", "q4", "q5"]
    for order in (in_rows, by_group):
        assert tried([part for name in order for part in one[name]], GROUPS)


def test_several_in_one_may_lie_head_by_head_or_column_by_column():
    query, key = values_of([Weight("q", (7, 3, 4), True), Weight("k", (7, 3, 5), True)])
    reference = [Weight("q", query.shape, True), Weight("k", key.shape, True)]
    assert tried([np.concatenate([query, key], -1).reshape(7, 27)], reference)
    assert tried([np.concatenate([query.reshape(7, 12), key.reshape(7, 15)], -1)], reference)
    gate, up = values_of([Weight("g", (7, 5), True), Weight("u", (7, 5), True)])
    pair = [Weight("g", gate.shape, True), Weight("u", up.shape, True)]
    for both in ((gate, up), (up, gate)):
        assert tried([np.stack(both, -1).reshape(7, 10)], pair)
        assert tried([np.concatenate(both, -1)], pair)


SQUARE = {"q": (10, 2, 4), "k": (10, 2, 4), "v": (10, 2, 5), "o": (2, 5, 10)}
"""All heads of the values have as many numbers together as there are features."""


@pytest.mark.parametrize("out", ["first", "last"])
def test_the_kernel_that_leads_out_may_be_square(out):
    reference = [Weight(name, shape, True) for name, shape in SQUARE.items()]
    *into, last = values_of(reference)
    apart = [weight[:, head] for head in range(2) for weight in into]
    square = [last.reshape(10, 10)]
    assert tried([*square, *apart] if out == "first" else [*apart, *square], reference)


@pytest.mark.parametrize("whole", ["u", "v"])
def test_which_of_two_is_whole_is_tried_both_ways(whole):
    """Nothing tells it, and one of the two possibilities has more ways than are tried."""
    shapes = {"q": (10, 2, 4), "k": (10, 2, 4), "u": (10, 2, 5), "v": (10, 2, 5)}
    reference = [Weight(name, shape, True) for name, shape in shapes.items()]
    own = dict(zip(shapes, values_of(reference), strict=True))
    square = own.pop(whole).reshape(10, 10)
    assert tried([square, *(w[:, h] for h in range(2) for w in own.values())], reference)


@pytest.mark.parametrize("made", ["qkvo", "kvqo", "ovkq", "vqok"])
def test_of_heads_of_one_number_the_kernel_that_leads_out_is_found_by_how_it_lies(made):
    """All four kernels and the last bias hold as many numbers. 48 of the orders are tried."""
    shapes = {"q": (7, 1, 1), "k": (7, 1, 1), "v": (7, 1, 1), "o": (1, 1, 7)}
    bias = {"q": (1, 1), "k": (1, 1), "v": (1, 1), "o": (7,)}
    reference = [Weight("", s[n], True) for n in shapes for s in (shapes, bias)]
    own = dict(zip(shapes, zip(*[iter(values_of(reference))] * 2, strict=True), strict=True))
    flat = {name: (7, 1) for name in "qkv"} | {"o": (1, 7)}
    pieces = [p for n in made for p in (own[n][0].reshape(flat[n]), own[n][1].reshape(-1))]
    assert tried(pieces, reference)


@pytest.mark.parametrize("groups", [2, 3])
@pytest.mark.parametrize("made", list(itertools.permutations(["query", "key", "value"])))
def test_heads_that_share_keys_are_found_in_any_order_of_making(groups, made):
    """The kernel into the query heads has as many numbers as the one out of them, or, with twice as
    many of them, as those of keys and values together."""
    heads = {"query": 6, "key": groups, "value": groups}
    own = [shape for h in heads.values() for shape in ((14, h, 9), (h, 9))] + [(6, 9, 14), (14,)]
    reference = [Weight(f"w{index}", shape, True) for index, shape in enumerate(own)]
    order = [2 * list(heads).index(name) + part for name in made for part in (0, 1)] + [6, 7]
    dense = {3: (14, -1), 2: (-1,), 1: (-1,)}  # a kernel and a bias as Dense has them
    places = places_of(reference)
    want = [places[n].reshape((54, 14) if n == 6 else dense[len(own[n])]) for n in order]
    theirs = [Weight(f"v{n}", part.shape, True) for n, part in enumerate(want)]
    ways = itertools.islice(assignments(theirs, reference), 12)
    assert any(
        all(np.array_equal(part.places, own) for part, own in zip(way, want, strict=True))
        for way in ways
    )


def test_a_bias_of_two_rows_may_be_biases_for_each_gate():
    reference = [Weight("kernel", (7, 15), True), Weight("bias", (2, 15), True)]
    kernel, bias = values_of(reference)
    gates = zip(np.split(kernel, 3, 1), np.split(bias[0], 3), np.split(bias[1], 3), strict=True)
    assert tried([part for gate in gates for part in gate], reference)


def test_gates_of_one_weight_do_not_change_places():
    """The text says in which order they come: a layer with another one is wrong."""
    kernel, recurrent, bias = values_of(LSTM)
    turned = [np.concatenate(np.split(v, 4, -1)[::-1], -1) for v in (kernel, recurrent, bias)]
    assert not tried(turned, LSTM)


def test_where_numbers_are_missing_or_left_nothing_is_whole():
    for theirs in ([Weight("w", (4, 4), True)], [KERNEL, BIAS, Weight("more", (1,), True)]):
        assert not any(is_whole(way, theirs, [KERNEL, BIAS]) for way in first_few(theirs))


def first_few(theirs):
    return list(assignments(theirs, [KERNEL, BIAS]))[:10]


@pytest.mark.parametrize(
    "shapes",
    [
        [(1,)] * 20,
        [(n,) for n in (1, 2, 3, 4, 10)],
        [(1,) * 40 + (20,)],
        [(2, 2, 5), (0, 7)],
        [(1 << 40, 1 << 40)],
        [(2,) * 2 + (5,)],
    ],
    ids=["many", "all different", "axes", "empty", "huge", "one"],
)
def test_hostile_shapes_get_some_way_and_not_too_many(shapes):
    theirs = [Weight("w", shape, True) for shape in shapes]
    ways = list(assignments(theirs, [KERNEL, BIAS]))
    assert 1 <= len(ways) <= 200
    for way in ways:
        assert all(part is None or part.places.size <= 20 for part in way)


def test_a_value_of_another_shape_is_refused():
    way = first([KERNEL, BIAS], [KERNEL, BIAS])
    with pytest.raises(ValueError, match="another shape"):
        to_reference(way, [np.zeros(()), np.zeros(5)], [KERNEL, BIAS])


def projections(heads, size, width=6):
    """Kernels and biases of three projections into heads and one out of them, as Keras has them."""
    into = [Weight("kernel", (width, heads, size), True), Weight("bias", (heads, size), True)]
    out = [Weight("kernel", (heads, size, width), True), Weight("bias", (width,), True)]
    return [*into, *into, *into, *out]


def of_dense(heads, size, width=6):
    """The same as Dense layers, made from the last one to the first."""
    into = [Weight("kernel", (width, heads * size), True), Weight("bias", (heads * size,), True)]
    out = [Weight("kernel", (heads * size, width), True), Weight("bias", (width,), True)]
    return [*out, *into, *into, *into]


REVERSED = (6, 7, 4, 5, 2, 3, 0, 1)


def test_what_another_case_has_shown_is_known_where_too_many_weights_look_alike():
    usual, alike = projections(2, 3), projections(1, 1, width=1)
    shown = [found_sources(way, usual) for way in assignments(of_dense(2, 3), usual)]
    assert REVERSED in shown
    theirs = of_dense(1, 1, width=1)
    assert REVERSED not in [found_sources(way, alike) for way in assignments(theirs, alike)]
    assert found_sources(from_sources(REVERSED, theirs, alike), alike) == REVERSED


def test_what_was_known_may_not_fit():
    assert from_sources((1, 0), [KERNEL, BIAS], [KERNEL, BIAS]) is None
    assert from_sources((0,), [KERNEL, BIAS], [KERNEL, BIAS]) is None
    assert from_sources((0, 7), [KERNEL, BIAS], [KERNEL, BIAS]) is None
    assert found_sources(from_sources((None, 1), [KERNEL, BIAS], [KERNEL, BIAS]), [KERNEL]) == ()


def test_a_part_of_a_weight_has_no_source():
    half = Part(np.arange(6).reshape(3, 2), plain=False)
    assert found_sources((half, None), [KERNEL]) == ()
    assert found_sources((Part(np.arange(15)), None), [KERNEL]) == (0, None)


def test_each_group_may_have_an_order_of_its_own():
    scale, branch = Weight("scale", (3,), True), Weight("kernel", (3, 5), True)
    reference = [scale, branch, branch, scale]
    both = Weight("both", (3, 10), True)
    first, two, three, last = places_of(reference)
    wanted = [first, np.concatenate([three, two], axis=1), last]  # the value before the gate
    ways = assignments([scale, both, scale], reference)
    found = [[part.places for part in way if part] for way in ways]
    assert any(all(map(np.array_equal, way, wanted)) for way in found if len(way) == len(wanted))
