"""Tests that students write, judged on a zoo: what earns points, and what earns none."""

from __future__ import annotations

import inspect
import math

import keras
import numpy as np
import pytest

from grader.bench.black_box import Layer, LayerRaised, black_box
from grader.bench.subject import LocalSubject
from grader.examination.attempt import Key, expect
from grader.examination.examine import _in_order, examine, failing_case
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.draw import Draw
from grader.exercises.testing.keeper import Keeper
from tests.variants import RIGHT

JUDGED = [exercise for exercise in CATALOGUE.values() if exercise.kind == "test"]
DENSE = CATALOGUE["dense_is_right"]
every_one = pytest.mark.parametrize("exercise", JUDGED, ids=lambda exercise: exercise.name)


def members(exercise, seed=0):
    return [kind.draw(Draw(seed)).facts["member"] for kind in exercise.kinds]


def earned(test, exercise, hidden=False):
    return examine(LocalSubject(test), exercise, hidden=hidden, seed=hidden).score


class Counting:
    """Says what was right in the order that the catalogue has."""

    def __init__(self, exercise):
        self.verdicts = iter([member.is_right for member in members(exercise)] * 2)

    def __call__(self, layer):
        return next(self.verdicts)


def raises(layer):
    raise ValueError("always")


def by_its_name(layer):
    return layer.__name__ in ("Layer", "Dense") and layer.__qualname__ == "Layer"


def by_identity(layer):
    return layer is keras.layers.Dense or issubclass(layer, keras.layers.Layer)


def by_its_source(layer):
    return "matmul" in inspect.getsource(layer)


def makes_it_and_no_more(layer):
    """Right layers can be made; so can wrong ones."""
    return layer is not None and isinstance(layer, type)


@every_one
@pytest.mark.parametrize(
    "test",
    [lambda layer: True, lambda layer: False, lambda layer: None, lambda layer: "yes", raises,
     by_its_name, by_identity, by_its_source, makes_it_and_no_more],
)  # fmt: skip
def test_a_test_that_does_not_look_earns_nothing(exercise, test):
    assert earned(test, exercise) == 0
    assert earned(test, exercise, hidden=True) == 0


@every_one
def test_to_count_its_calls_earns_nothing(exercise):
    for hidden in (False, True):
        assert earned(Counting(exercise), exercise, hidden) == 0


@every_one
def test_the_order_of_the_zoo_is_another_for_another_seed(exercise):
    orders = {tuple(number for number, _ in _in_order(exercise, seed)) for seed in range(5)}
    assert len(orders) == 5
    assert all(sorted(order) == list(range(len(exercise.kinds))) for order in orders)


@every_one
def test_a_drawn_fault_is_only_hidden_and_another_for_another_seed(exercise):
    drawn = [kind for kind in exercise.kinds if kind.hidden]
    assert len(drawn) == 3
    assert all(kind.draws(1, hidden=False) == 0 for kind in drawn)
    sizes = {kind.draw(Draw(seed)).facts["member"].size for kind in drawn for seed in range(9)}
    assert len(sizes) == 9
    assert all(abs(size) >= 1.2 for size in sizes)


@every_one
def test_the_zoo_has_right_and_wrong_layers_enough(exercise):
    known = [member for member in members(exercise) if not member.fault]
    assert sum(member.is_right for member in known) >= 3
    assert sum(not member.is_right for member in known) >= 8


def test_half_of_the_wrong_ones_and_all_right_ones_are_the_rule():
    def refusing_one_right_way():
        seen = []

        def test(layer):
            right = RIGHT["dense_is_right"][2](layer)
            seen.append(right)
            return right and seen.count(True) != 2

        return test

    report = examine(LocalSubject(refusing_one_right_way()), DENSE)
    assert report.score == 0
    assert [finding.message.split(". ")[0] for finding in report.findings] == [
        "3 of 4 right layers are let through.",
        "8 of 8 wrong layers are caught",
    ]

    def without_a_look_at_the_bias(layer):
        made = layer(3)
        inputs = np.ones((2, 4), "float32")
        made(inputs)
        return len(made.weights) == 2

    report = examine(LocalSubject(without_a_look_at_the_bias), DENSE)
    through, catches = report.findings
    assert through.passed is None
    assert 0 < catches.earned < 1
    assert catches.message.startswith("1 of 8 wrong layers are caught. One that slips through is")
    assert catches.says.endswith("For those caught: 0.5 of 4 points.")


def test_the_card_names_a_wrong_layer_that_slipped_through_by_what_is_said_of_it():
    report = examine(LocalSubject(lambda layer: True), DENSE)
    said = [idea.says for idea in CATALOGUE["Dense"].misconceptions]
    assert any(f"“{says}”" in report.findings[1].message for says in said)
    hidden = examine(LocalSubject(lambda layer: True), DENSE, hidden=True, seed=4)
    assert not any(says in str(finding) for finding in hidden.findings for says in said)


def test_an_exception_says_that_a_layer_is_wrong_and_shows_its_line_for_a_right_one():
    def asserts(layer):
        inputs = np.ones((2, 4), "float32")
        assert layer(3)(inputs).shape == (2, 4)

    report = examine(asserts, DENSE)
    assert report.score == 0
    assert "assert layer(3)(inputs).shape == (2, 4)" in report.crash


@pytest.mark.parametrize("said", [None, 1, "right", keras.layers.Dense, [True, True], object()])
def test_what_is_neither_true_nor_false_is_told(said):
    report = examine(lambda layer: said, DENSE)
    assert report.score == 0
    named = type(said).__name__
    assert report.crash.endswith(f"a test must return True or False, and yours gave a {named}")


@pytest.mark.parametrize("kind", [np.bool_, np.array, keras.ops.convert_to_tensor])
def test_true_and_false_may_be_those_of_numpy_and_tensorflow(kind):
    right = RIGHT["dense_is_right"][0]
    assert examine(lambda layer: kind(right(layer)), DENSE).passed


@every_one
def test_a_guess_is_worth_less_than_a_tenth_on_average(exercise):
    """Of a test that says "right" by chance, with whatever chance is best in the hidden check."""
    right = sum(member.is_right for member in members(exercise))
    wrong = len(members(exercise)) - right
    caught = np.arange(wrong + 1)
    ways = np.array([math.comb(wrong, number) for number in caught])
    points = 4 * caught / wrong + (caught >= wrong / 2)
    worth = [
        chance**right * np.sum(ways * (1 - chance) ** caught * chance ** (wrong - caught) * points)
        for chance in np.linspace(0, 1, 101)
    ]
    assert 0 < max(worth) < 0.1 * 5


def test_a_stub_is_not_attempted():
    def dense_is_right(layer):
        raise NotImplementedError

    report = examine(dense_is_right, DENSE)
    assert not report.attempted


def test_failing_gives_the_layer_that_slipped_through():
    case = failing_case(lambda layer: True, DENSE)
    (layer,) = case.arguments
    assert case.expected is False
    assert not RIGHT["dense_is_right"][0](layer)


def test_a_black_box_does_as_the_layer_and_looks_like_any_other():
    inputs = np.linspace(-1, 1, 12, dtype="float32").reshape(3, 4)
    made = black_box(Keeper(keras.layers.Dense, keras.layers.Dense, ("units", "activation")))
    layer, theirs = made(2, activation=keras.activations.tanh), keras.layers.Dense(2, "tanh")
    assert layer.get_weights() == []
    layer.build((None, 4))
    theirs(inputs)
    theirs.set_weights([weight + 0.5 for weight in layer.get_weights()])
    layer.set_weights(theirs.get_weights())
    np.testing.assert_allclose(layer(inputs), theirs(inputs), rtol=1e-6)
    assert keras.ops.is_tensor(layer(inputs))
    assert layer.count_params() == 10
    assert [w.shape for w in layer.trainable_weights] == [(4, 2), (2,)]
    layer.weights[1].assign([7.0, 8.0])
    np.testing.assert_array_equal(layer.weights[1].numpy(), [7, 8])
    other = black_box(Keeper(keras.layers.Conv2D, keras.layers.Conv2D, ("units", "activation")))
    assert made.__mro__[1:] == other.__mro__[1:] == (Layer, object)
    assert (made.__name__, made.__module__) == (other.__name__, other.__module__)
    assert vars(made).keys() == vars(other).keys()


def test_what_a_layer_raises_comes_without_its_words():
    (member,) = {m for m in members(DENSE) if not m.is_right and m.idea.name == "flattens rank 3"}
    layer = black_box(member.here())
    with pytest.raises(LayerRaised, match=r"^the layer raised \w+$"):
        layer(3)("no numbers")


GIVEN = {
    "Dense": ((3,), {"activation": None, "use_bias": True}, {}),
    "Conv2D": ((4, (3, 2), 1, "valid"), {"dilation_rate": 1, "groups": 1, "use_bias": True}, {}),
    "LSTMCell": ((3,), {}, {}),
    "BatchNormalization": ((), {"momentum": 0.99, "epsilon": 1e-3}, {"training": False}),
    "Attention": ((False,), {}, {"mask": None, "use_causal_mask": False}),
}
"""Arguments by position and by name, and of a call, with the values that Keras takes anyway."""


def inputs_of(exercise):
    rows = np.linspace(-1, 1, 2 * 7 * 6 * 3, dtype="float32")
    return {
        "Dense": (rows[:8].reshape(2, 4),),
        "Conv2D": (rows.reshape(2, 7, 6, 3),),
        "LSTMCell": (rows[:8].reshape(2, 4), [rows[:6].reshape(2, 3), rows[:6].reshape(2, 3)]),
        "BatchNormalization": (rows[:8].reshape(2, 4),),
        "Attention": ([rows[:24].reshape(2, 3, 4), rows[:40].reshape(2, 5, 4)],),
    }[exercise.layer]


@every_one
def test_no_layer_is_known_by_the_arguments_that_its_class_takes(exercise):
    """A wrong idea's class may take fewer than Keras's, or take them by name alone."""
    args, config, call = GIVEN[exercise.layer]
    for member in members(exercise):
        layer = black_box(member.here())
        assert layer(*args, **config).get_weights() == []
        layer(*args, **config)(*inputs_of(exercise), **call)
        first = inputs_of(exercise)[0]
        shape = [part.shape for part in first] if isinstance(first, list) else first.shape
        layer(*args, **config).build(shape)
        for other in ({"axis": -1}, {"name": "x"}, {"dtype": "float32"}, {"trainable": True}):
            with pytest.raises(LayerRaised, match="TypeError"):
                layer(*args, **{**config, **other})


def test_what_is_right_to_say_is_known_of_each_member():
    expected = [expect(DENSE, Key(0, number, 0)) for number in range(len(DENSE.kinds))]
    for one in expected:
        (name,) = one.aspects
        member = one.case.facts["member"]
        assert name == ("lets_through" if member.is_right else "catches")
        assert one.answers[name][0].value is member.is_right


def test_a_test_has_many_questions_but_not_all():
    layer = black_box(Keeper(keras.layers.Dense, keras.layers.Dense, ("units", "activation")))
    made = layer(1)
    made.build((None, 1))
    for _ in range(1998):
        made.get_weights()
    with pytest.raises(ValueError, match="2000 questions"):
        made.get_weights()
    others = black_box(Keeper(keras.layers.Dense, keras.layers.Dense, ("units", "activation")))
    for _ in range(200):
        others(1)
    with pytest.raises(ValueError, match="200 layers"):
        others(1)
