"""Scripts and answers as plain data; answers are checked, for a student's process sent them."""

from typing import Any

import numpy as np
import pytest
from test_wire import again, assert_same

from grader.bench.probe import Answer, Fault, Made, Ref, Script, Step
from grader.examination.attempt import Key, expect
from grader.exercises.catalogue import CATALOGUE
from grader.sandbox.message import (
    discreet,
    pack_answers,
    pack_script,
    unpack_answers,
    unpack_script,
)
from grader.sandbox.wire import WireError

CALL, WEIGHTS = Step("call"), Step("weights")
FAULT = Fault("ValueError", "no such shape", "line 3: return x")


def test_a_script_crosses_the_wire() -> None:
    inputs = {"query": np.arange(6.0).reshape(2, 3), "mask": [np.array([True, False])]}
    steps = (Step("call", {"inputs": inputs, "call": {"training": True}}), Step("weights"))
    script = Script({"units": 3, "activation": Ref("keras.ops.tanh"), "shape": (None, 2)}, steps)
    arrived = unpack_script(again(pack_script(script)))
    assert arrived.config == script.config
    assert [step.ask for step in arrived.steps] == ["call", "weights"]
    assert_same(inputs, arrived.steps[0].args["inputs"])
    assert arrived.steps[0].args["call"] == {"training": True}


def test_answers_cross_the_wire() -> None:
    value = {"output": np.eye(2), "keys": ["a"], "none": None}
    arrived = unpack_answers(
        again(pack_answers([Answer(value), Answer(fault=FAULT)])), [CALL, CALL]
    )
    assert_same(value, arrived[0].value)
    assert arrived[0].fault is None
    assert arrived[1] == Answer(fault=FAULT)


def test_an_answer_of_none_is_a_value() -> None:
    assert unpack_answers(again(pack_answers([Answer(None)])), [CALL]) == [Answer(None)]


@pytest.mark.parametrize("data", [None, 1, "ab", {}, {"value": 1}, [], [{"value": 1}] * 3])
def test_not_as_many_answers_as_questions(data: Any) -> None:
    with pytest.raises(
        WireError, match=r"^the number of answers differs from the number of questions$"
    ):
        unpack_answers(data, [CALL, CALL])


@pytest.mark.parametrize(
    "item",
    [
        None,
        3,
        "value",
        [],
        {},
        {"values": 1},
        {"value": 1, "fault": None},
        {"value": 1, "points": 10},
        {"fault": None},
        {"fault": "ValueError"},
        {"fault": ["ValueError", "message"]},
        {"fault": ["ValueError", "message", "where", "more"]},
        {"fault": ["ValueError", 3, "where"]},
        {"fault": {"type": "ValueError"}},
    ],
)
def test_neither_a_value_nor_a_fault(item: Any) -> None:
    with pytest.raises(WireError, match=r"^an answer is neither a value nor a fault$"):
        unpack_answers([{"value": 1}, item], [CALL, CALL])


def test_the_texts_of_a_fault_are_cut_short() -> None:
    [answer] = unpack_answers([{"fault": ["T" * 9000, "m" * 9000, "w" * 9000]}], [CALL])
    assert answer.fault == Fault("T" * 500, "m" * 500, "w" * 500)


def test_the_weights_of_a_layer_are_passed_on() -> None:
    rows = [["kernel", [3, 3, 3, 64, 128], True], ["", [0, 7], False], ["count", [], True]]
    value = {"tracked": [*rows, *[["w", [1000], True]] * 97], "untracked": []}
    assert unpack_answers([{"value": value}], [WEIGHTS]) == [Answer(value)]


NO_WEIGHTS = {
    "no list of them": {"untracked": []},
    "a word for the names of others": {"tracked": [], "untracked": "4711"},
    "others that are no names": {"tracked": [], "untracked": [4711]},
    "no dict": [["kernel", [2], True]],
    "no row": {"tracked": ["kernel"], "untracked": []},
    "a row that is too short": {"tracked": [["kernel", [2]]], "untracked": []},
    "a name that is no text": {"tracked": [[3, [2], True]], "untracked": []},
    "more axes than NumPy bears": {"tracked": [["kernel", [1] * 65, True]], "untracked": []},
    "three million axes": {"tracked": [["kernel", [1] * 3_000_000, True]], "untracked": []},
    "a huge length beside a zero": {"tracked": [["kernel", [0, 10**30], True]], "untracked": []},
    "a negative length": {"tracked": [["kernel", [-5, 2], True]], "untracked": []},
    "a length that is a truth value": {"tracked": [["kernel", [True], True]], "untracked": []},
    "a length that is a word": {"tracked": [["kernel", [2, "x"], True]], "untracked": []},
    "a flag that is a list": {"tracked": [["kernel", [2], []]], "untracked": []},
}


@pytest.mark.parametrize("value", NO_WEIGHTS.values(), ids=NO_WEIGHTS.keys())
def test_no_weights_that_the_examiner_could_not_make(value: Any) -> None:
    with pytest.raises(WireError, match=r"^an answer (has another form|holds more) than "):
        unpack_answers([{"value": value}], [WEIGHTS])
    assert len(str(value)) > 10_000 or unpack_answers([{"value": value}], [CALL])


def test_no_more_weights_than_can_be_filled_in_many_ways() -> None:
    large = [["w", [1 << 20], True], ["w", [1], True]]
    for rows, says in (large, "hold more than 1048576 numbers"), ([["w", [2], True]] * 101, "100"):
        with pytest.raises(WireError, match=says):
            unpack_answers([{"value": {"tracked": rows, "untracked": []}}], [WEIGHTS])


@pytest.mark.parametrize(
    "value",
    [
        [0] * 20_001,
        {str(key): None for key in range(20_001)},
        [[[] for _ in range(200)] for _ in range(200)],
        (Made("keras.layers.RNN", {"a": [0] * 20_001}),),
    ],
)
def test_an_answer_of_too_many_values(value: Any) -> None:
    with pytest.raises(WireError, match=r"^an answer holds more than 20000 values$"):
        unpack_answers([{"value": value}], [CALL])


def test_many_numbers_in_lists_and_any_number_in_arrays() -> None:
    value = [list(range(9000)), np.zeros(10**6)]
    assert unpack_answers([{"value": value}], [CALL])[0].value is value


# Hidden cases


def listed(*names: str) -> Answer:
    """A layer with weights of these names, and others that Keras does not track."""
    rows = [[name, [at, 2], at > 0] for at, name in enumerate(names)]
    return Answer({"tracked": rows, "untracked": list(names)})


def test_names_of_weights_tell_nothing_of_a_hidden_case() -> None:
    sources = ["self.add_weight(name='mine')", "other = tf.Variable(0.0)"]
    given = discreet(listed("mine", "LEAK_47", "kernel", "47", "other"), sources)
    assert given.value == {
        "tracked": [
            ["mine", [0, 2], False],
            ["a weight", [1, 2], True],
            ["kernel", [2, 2], True],
            ["a weight", [3, 2], True],
            ["other", [4, 2], True],
        ],
        "untracked": ["mine", "kernel", "other"],
    }


@pytest.mark.parametrize(
    "value", [{"tracked": 5, "untracked": []}, {"tracked": [], "untracked": [[]]}, {"a": 1}, None]
)
def test_what_is_no_list_of_weights_stays(value: Any) -> None:
    assert discreet(Answer(value), []).value is value


@pytest.mark.parametrize(
    "name", [name for name in CATALOGUE if CATALOGUE[name].kind == "implement"]
)
def test_no_name_by_which_a_weight_is_matched_is_replaced(name: str) -> None:
    exercise = CATALOGUE[name]
    for kind in range(len(exercise.kinds)):
        weights = expect(exercise, Key(0, kind, 0)).weights
        given = discreet(listed(*(weight.name for weight in weights)), [])
        assert given == listed(*(weight.name for weight in weights))
