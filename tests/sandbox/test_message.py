"""Scripts and answers as plain data; answers are checked, for a student's process sent them."""

from typing import Any

import numpy as np
import pytest
from test_wire import again, assert_same

from grader.probe import Answer, Fault, Ref, Script, Step
from grader.sandbox.message import pack_answers, pack_script, unpack_answers, unpack_script
from grader.sandbox.wire import WireError

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
    arrived = unpack_answers(again(pack_answers([Answer(value), Answer(fault=FAULT)])), 2)
    assert_same(value, arrived[0].value)
    assert arrived[0].fault is None
    assert arrived[1] == Answer(fault=FAULT)


def test_an_answer_of_none_is_a_value() -> None:
    assert unpack_answers(again(pack_answers([Answer(None)])), 1) == [Answer(None)]


@pytest.mark.parametrize("data", [None, 1, "ab", {}, {"value": 1}, [], [{"value": 1}] * 3])
def test_not_as_many_answers_as_questions(data: Any) -> None:
    with pytest.raises(WireError, match=r"^the answers are not as many as the questions$"):
        unpack_answers(data, 2)


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
        unpack_answers([{"value": 1}, item], 2)


def test_the_texts_of_a_fault_are_cut_short() -> None:
    [answer] = unpack_answers([{"fault": ["T" * 9000, "m" * 9000, "w" * 9000]}], 1)
    assert answer.fault == Fault("T" * 500, "m" * 500, "w" * 500)
