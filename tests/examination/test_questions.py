"""All aspects put their questions in one script, and none is put twice without need."""

from __future__ import annotations

import numpy as np
import pytest
from keras import ops

from grader.aspects.aspect import ask
from grader.bench.probe import Answer, Fault, Step, Subject
from grader.bench.subject import LocalSubject
from grader.examination.attempt import Key, attempt, expect
from grader.examination.questions import Questions
from grader.exercises.catalogue import CATALOGUE
from grader.exercises.exercise import Case
from tests.variants.dense import WithOps

DENSE = CATALOGUE["Dense"]
CASE = Case({}, np.ones((2, 3), "float32")).once()


class Recorder(Subject):
    """Answers each step with its own number, and keeps the steps."""

    def __init__(self, *failing):
        self.failing, self.asked = failing, []

    def run(self, script):
        self.asked = [step.ask for step in script.steps]
        return [self.answer(*pair) for pair in enumerate(script.steps)]

    def answer(self, place, step):
        if step.ask in self.failing:
            return Answer(fault=Fault("ValueError", step.ask))
        return Answer({"output": place, "is": place} if step.ask == "gradient" else place)


def put(*aspects, opening=(), values=(), hopeful=False, failing=()):
    subject = Recorder(*failing)
    given = Questions.of(CASE, aspects).put(subject, opening, values, hopeful=hopeful)
    return subject.asked, *given


def values_of(answers):
    return {name: [answer.value for answer in given] for name, given in answers.items()}


def test_one_call_is_for_all_who_want_it():
    asked, _, answers = put("shape", "output", "model")
    assert asked == ["call", "symbolic", "values", "model"]
    assert values_of(answers) == {"shape": [0, 1], "output": [0], "model": [0, 2, 3]}


def test_what_was_said_before_the_weights_were_given_is_asked_again():
    opening = (ask(CASE, "call"), Step("weights"))
    asked, listed, answers = put("output", opening=opening, values=[np.ones(1)])
    assert asked == ["call", "weights", "assign", "call"]
    assert [answer.value for answer in listed] == [0, 1]
    assert values_of(answers) == {"output": [3]}


def test_a_shape_from_symbols_outlasts_new_weights():
    symbols = Questions.of(CASE, ["shape"]).steps["shape"][1]
    questions, subject = Questions.of(CASE, ["shape", "output"]), Recorder()
    assert questions.symbols.ask == "symbolic"
    assert symbols.args["inputs"] is questions.symbols.args["inputs"]
    _, answers = questions.put(subject, (questions.symbols, Step("weights")), [np.ones(1)])
    assert subject.asked == ["symbolic", "weights", "assign", "call"]
    assert values_of(answers) == {"shape": [3, 0], "output": [3]}


def test_a_training_call_is_never_one_for_another():
    asked, _, _ = put("training", "output")
    # Three of them train, the last with one sample; inference and the output are two cases.
    assert asked.count("call") == 5


@pytest.mark.parametrize("failing", [(), ("gradient",)])
def test_in_hope_the_gradients_bring_the_output_along(failing):
    asked, _, answers = put("output", "gradient", hopeful=True, failing=failing)
    assert asked == ["gradient"]
    assert [answer.fault is None for answer in answers["output"]] == [not failing]
    if not failing:
        assert values_of(answers) == {"output": [0], "gradient": [{"output": 0, "is": 0}]}


def test_an_aspect_that_asks_nothing_has_no_answers():
    assert put("parameters")[2] == {"parameters": []}


# The examiner's use of it


def counted(base):
    """The class, and how often it was made, built and called with numbers."""
    done = {"made": 0, "built": 0, "called": 0}

    class Counted(base):
        def __init__(self, *args, **kwargs):
            done["made"] += 1
            super().__init__(*args, **kwargs)

        def build(self, input_shape):
            done["built"] += 1
            super().build(input_shape)

        def call(self, inputs):
            done["called"] += hasattr(inputs, "numpy")  # and not while it is traced
            return super().call(inputs)

    return Counted, done


def tried(layer, kind):
    number = [kind.name for kind in DENSE.kinds].index(kind)
    return attempt(LocalSubject(layer), DENSE, expect(DENSE, Key(0, number, 0)))


PLAINEST = next(
    kind.name
    for number, kind in enumerate(DENSE.kinds)
    if set(expect(DENSE, Key(0, number, 0)).aspects)
    == {"shape", "parameters", "output", "gradient"}
)


def test_a_right_layer_is_made_once_and_called_once_for_each_batch():
    layer, done = counted(WithOps)
    assert tried(layer, PLAINEST).failed == frozenset()
    assert done == {"made": 1, "built": 1, "called": 2}  # the second time with another batch


def test_a_layer_that_fails_on_symbols_is_called_with_numbers_first():
    class Peeks(WithOps):
        def call(self, inputs):
            float(ops.sum(inputs))
            return super().call(inputs)

    found = tried(Peeks, PLAINEST)
    assert found.failed == {"shape"}
    assert found.answers["output"][0].fault is None


def test_a_layer_that_is_wrong_when_built_from_symbols_is_wrong():
    class Guesses(WithOps):
        def build(self, input_shape):
            self.factor = 2.0 if input_shape[0] is None else 1.0
            super().build(input_shape)

        def call(self, inputs):
            return self.factor * super().call(inputs)

    assert tried(Guesses, PLAINEST).failed == {"output", "gradient"}
