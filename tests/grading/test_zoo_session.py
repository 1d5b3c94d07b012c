"""A student's test in the box: it gets arrays and no code, and its questions do no harm."""

from __future__ import annotations

import inspect
import os
import signal

import pytest

from grader.bench.probe import Made, Ref, Script, Step
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.draw import Draw
from grader.grading.check_calls import check_calls
from grader.grading.judge import Judgement
from grader.grading.zoo_session import ZooSession, bundle
from grader.sandbox.session import Session
from tests.processes import children, runners
from tests.variants import judging

WHOLE = "check(dense_is_right)\ncheck(dense_is_right, hidden=True)"
RIGHT = f"{inspect.getsource(judging)}\ndense_is_right = dense_by_formula"
SHAPES = """
import numpy as np

def dense_is_right(Layer):
    return tuple(Layer(3)(np.ones((1, 2, 4), "float32")).shape) == (1, 2, 3)
"""
LOOKS = """
import gc, sys

def dense_is_right(Layer):
    layer = Layer(3)
    layer.build((None, 4))
    try:
        import grader.exercises.testing.judge_dense
        loaded = True
    except ImportError:
        loaded = False
    classes = [thing for thing in gc.get_objects() if isinstance(thing, type)]
    names = {str(getattr(one, "__module__", "")) for one in classes} | {repr(vars(Layer))}
    if loaded or any("exercises" in name for name in names):
        raise NotImplementedError("it is here")
    return True
"""
ASKS = """
QUESTIONS = (
    {"do": "truth"},
    {"do": "make"},
    {"do": "call", "layer": 99, "args": [], "kwargs": {}},
    {"do": "make", "args": [1 << 40], "kwargs": {}},
    {"do": "make", "args": [], "kwargs": {"member": ["judge_conv2d", True]}},
    "member", None, [],
)

def dense_is_right(Layer):
    for question in QUESTIONS:
        try:
            Layer._ask(question)
        except Exception as error:
            assert type(error).__name__ == "LayerRaised", error
    return RIGHT(Layer)

"""
STORM = """
import numpy as np

def dense_is_right(Layer):
    layer = Layer(3)
    while True:
        try:
            layer.get_weights()
        except Exception:
            pass
"""
ENDLESS = """
def dense_is_right(Layer):
    while True:
        pass
"""


def graded(warm, *sources, seed=77, zoo=None):
    """The judgement of a test cell below these cells, as `grading.run` makes it."""
    zoo = zoo or ZooSession(warm.start, warm.limits)
    calls = check_calls(WHOLE)
    with zoo, Session(warm.start, warm.limits) as shown:
        shown.answers = zoo.answers
        for source in sources:
            assert not [o for o in shown.run(source) if o["output_type"] == "error"]
        judgement = Judgement(calls, shown, seed)
        shown.be_unseen()
        judgement.ask_again()
    with zoo, Session(warm.start, warm.limits, discreet=True) as unseen:
        unseen.answers = zoo.answers
        for source in sources:
            unseen.later(source)
        if judgement.is_open:
            judgement.finish(unseen)
    return judgement


def points(judgement):
    return float(judgement.outputs(5)[-1]["data"]["text/plain"])


def test_a_right_test_earns_everything(warm):
    judgement = graded(warm, RIGHT)
    assert [str(report) for report in judgement.reports if not report.passed] == []
    assert points(judgement) == 5


def test_a_weak_test_earns_its_share_and_always_true_earns_nothing(warm):
    assert 0 < points(graded(warm, SHAPES)) < 1
    assert points(graded(warm, "def dense_is_right(Layer):\n    return True")) == 0


def test_a_test_finds_no_code_of_the_zoo_in_its_process(warm):
    judgement = graded(warm, LOOKS)
    assert [report.attempted for report in judgement.reports] == [True, True]
    assert judgement.reports[0].findings[0].message.startswith("4 of 4 right layers")


def test_raw_questions_reach_no_other_member_and_break_nothing(warm):
    judgement = graded(warm, RIGHT.replace("dense_is_right =", "RIGHT ="), ASKS)
    assert points(judgement) == 5


@pytest.mark.slow
def test_a_storm_of_questions_has_an_end(hasty, warm):
    with ZooSession(warm.start, warm.limits) as zoo:
        hasty.answers = zoo.answers
        for source in (STORM, ENDLESS):
            hasty.run(source)
            subject = hasty.subject("dense_is_right")
            member = CATALOGUE["dense_is_right"].kinds[0].draw(Draw(0)).facts["member"]
            (answer,) = subject.run(Script({}, (Step("judge"),), member))
            assert answer.fault.type in ("TimeLimit", "ProcessLost")


class Killing:
    """A zoo whose process the system kills as it does where it runs out of memory: at the question
    of this number about a member, of as many members as are to lose it."""

    def __init__(self, warm, question, members):
        self.question, self.left, self.killed = question, members, 0
        self.zoo = ZooSession(self.start, warm.limits)
        self.warm = warm

    def start(self):
        others = children()
        child = self.warm.start()
        [self.runner] = runners(others)
        return child

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.zoo.__exit__(*error)

    def answers(self, member):
        ask, asked = self.zoo.answers(member), 0

        def answer(question):
            nonlocal asked
            asked += 1
            is_due = asked == self.question and self.runner in children()
            if self.left and is_due:
                self.left, self.killed = self.left - 1, self.killed + 1
                os.kill(self.runner, signal.SIGKILL)
            return ask(question)

        return answer


@pytest.mark.parametrize("question", [1, 4])
def test_a_zoo_that_the_machine_kills_costs_nobody_a_point(warm, question):
    """Also where a test has made layers already, which are gone then."""
    zoo = Killing(warm, question, members=2)
    judgement = graded(warm, RIGHT, zoo=zoo)
    assert zoo.killed == 2
    assert [str(report) for report in judgement.reports if not report.passed] == []
    assert points(judgement) == 5
    assert points(graded(warm, "def dense_is_right(Layer):\n    return True")) == 0


def test_a_zoo_killed_again_and_again_is_told_and_holds_nothing_against_the_test(warm):
    with Killing(warm, 2, members=99) as zoo, Session(warm.start, warm.limits) as shown:
        shown.answers = zoo.answers
        shown.run(RIGHT)
        judgement = Judgement(check_calls(WHOLE), shown, 77)
        judgement.ask_again()
        assert zoo.killed == 3
        assert shown.killed  # so the instructor reads: grade it again
    said = "The machine ended your code's process. It may not be your fault."
    found = [finding for report in judgement.reports for finding in report.findings]
    assert [(finding.passed, finding.message) for finding in found] == [(None, said)] * 4


def test_the_same_cards_whatever_is_hidden_where_the_verdicts_are_the_same(warm):
    shown = [graded(warm, SHAPES, seed=seed).outputs(5) for seed in (1, 2)]
    assert shown[0] == shown[1]
    text = str(shown[0])
    assert "drawn" not in text
    assert "of 11" not in text  # how many are hidden


@pytest.mark.parametrize(
    "question",
    [
        {"do": "make", "args": [Made("keras.layers.Dense", {"units": 1})], "kwargs": {}},
        {"do": "make", "args": [1, Ref("keras.saving.load_model")], "kwargs": {}},
        {"do": "make", "args": [1, Ref("keras.activations.keras.saving")], "kwargs": {}},
    ],
)
def test_a_question_brings_no_functions_but_activations(warm, question):
    member = CATALOGUE["dense_is_right"].kinds[0].draw(Draw(0)).facts["member"]
    with ZooSession(warm.start, warm.limits) as zoo:
        ask = zoo.answers(member)
        assert ask(question) == {"raised": "TypeError"}
        fine = {"do": "make", "args": [1, Ref("keras.activations.relu")], "kwargs": {}}
        assert ask(fine) == {"value": 0}


@pytest.mark.parametrize("name", [n for n, e in CATALOGUE.items() if e.kind == "test"])
def test_every_zoo_can_be_sent(warm, name):
    """Each source after those that it imports; none is of a part that knows an answer."""
    member = CATALOGUE[name].kinds[0].draw(Draw(0)).facts["member"]
    files = [file for file, *_ in bundle(member.module)]
    assert all(file.startswith("grader.exercises") for file in files)
    assert "grader.exercises.catalogue" not in files
    with ZooSession(warm.start, warm.limits) as zoo:
        ask = zoo.answers(member)
        assert "raised" in ask({"do": "call", "layer": 0, "args": [], "kwargs": {}})
