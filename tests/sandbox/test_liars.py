"""A process that answers what it likes: the examiner bears it, and gives no points for it."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from test_wire import reader

from grader.bench.probe import Answer, Fault, Script, Subject
from grader.bench.subject import LocalSubject
from grader.card.report import Report
from grader.examination.examine import examine
from grader.exercises.catalogue import find
from grader.exercises.exercise import Exercise
from grader.sandbox.session import Session
from grader.sandbox.wire import WireError, decode
from tests.junk import JUNK
from tests.liar import Liar

ASKED_OF_DENSE = ["call", "weights", "assign", "gradient", "symbolic", "reload", "dtypes", "model"]


@cache
def first_kind(name: str) -> Exercise:
    """The exercise with its first kind of case only: all aspects are tried on it, once."""
    exercise = find(name)
    return replace(exercise, kinds=exercise.kinds[:1])


def liar(exercise: str, question: str, junk: Any) -> Liar:
    """The exercise's own reference, but for one question."""
    return Liar(LocalSubject(find(exercise).reference), question, junk)


def shown(report: Report) -> str:
    """All that a report shows, and that it can be shown."""
    return f"{report}{report._repr_html_()}{report.to_json()}"


@pytest.mark.parametrize("question", ASKED_OF_DENSE)
@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_no_junk_breaks_the_examiner_or_passes(question: str, junk: Any) -> None:
    lying = liar("Dense", question, junk)
    report = examine(lying, first_kind("Dense"))
    assert lying.lies
    assert len(shown(report)) < 100_000
    assert report.passed == (question == "assign")  # its answer holds nothing and is not read


@pytest.mark.parametrize("exercise", ["dense_params", "flatten_shape"])
@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
def test_no_junk_is_a_right_prediction(exercise: str, junk: Any) -> None:
    report = examine(liar(exercise, "apply", junk), first_kind(exercise))
    assert len(shown(report)) < 100_000
    assert report.score == 0


@pytest.mark.parametrize(
    ("exercise", "question"),
    [
        *(
            pytest.param("Decoder", question, marks=pytest.mark.long)
            for question in ("stages", "load", "values", "go_on")
        ),
        *(("generate", "write"), ("softmax_backward", "apply"), ("dense_is_right", "judge")),
        *(("temperature", "apply"), ("name_writer", "call")),
    ],
)
def test_no_junk_is_right_of_a_model_a_gradient_or_a_test(exercise: str, question: str) -> None:
    for name, junk in JUNK.items():
        lying = liar(exercise, question, junk)
        report = examine(lying, first_kind(exercise))
        assert len(shown(report)) < 100_000
        assert not (lying.lies and report.passed and question != "load"), name


@pytest.mark.parametrize("depth", [100, 400, 450, 800])
def test_what_is_nested_too_deep_to_be_judged_does_not_cross_the_wire(depth: int) -> None:
    header = b'{"arrays": [], "body": ' + b"[" * depth + b"]" * depth + b"}"
    try:
        junk = decode(reader(len(header).to_bytes(4, "big") + header))
    except WireError:
        junk = None
    for exercise, question in ("Dense", "call"), ("Dense", "reload"), ("dense_params", "apply"):
        assert not examine(liar(exercise, question, junk), first_kind(exercise)).passed


class Parrot(Subject):
    """Answers each question with what the question brought along."""

    def run(self, script: Script) -> list[Answer]:
        """The arguments of each step, or one of them."""
        return [Answer(next(iter(step.args.values()), None)) for step in script.steps]


class Sulker(Subject):
    """Answers everything with the same fault."""

    def __init__(self, fault: Fault) -> None:
        self._fault = fault

    def run(self, script: Script) -> list[Answer]:
        """So many faults."""
        return [Answer(fault=self._fault)] * len(script.steps)


FAULTS = {
    "of no type": Fault("", "", ""),
    "that pretends to be a verdict": Fault("Right", "all right", "line 1: 10/10 points"),
    "in HTML": Fault("<script>", "<img src=x onerror=alert(1)>", "<b>line 1</b> — <i>"),
    "that is long": Fault("E" * 500, "m" * 500, "w" * 500),
    "that claims to be the stub": Fault("NotImplementedError", "", "line 1: raise"),
}


@pytest.mark.parametrize("exercise", ["Dense", "dense_params"])
@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_no_fault_is_worth_a_point(exercise: str, fault: Fault) -> None:
    report = examine(Sulker(fault), first_kind(exercise))
    assert report.score == 0
    assert not report.passed
    assert "<script>" not in report._repr_html_()
    assert "<img src=x" not in report._repr_html_()


@pytest.mark.parametrize("make", [Parrot, lambda: liar("Flatten", "call", np.ones((2, 2)))])
def test_other_liars(make: Callable[[], Subject]) -> None:
    report = examine(make(), first_kind("Dense"), hidden=True)
    assert shown(report)
    assert not report.passed


FAKED = """
class Weight:
    name, trainable = "kernel", True
    def __init__(self, shape): self.shape = shape
    value = property(id)

class Dense(Dense):
    @property
    def weights(self):
        return [Weight(shape) for shape in {shapes}]
"""
SHAPES = {
    "more axes than NumPy bears": "[[1] * 65]",
    "a zero and a huge length": "[[0, 10**30]]",
    "a million axes": "[[1] * 1_000_000]",
    "many that are large": "[[1 << 20], [4, 3], [3, 4]] * 30",
}


@pytest.mark.parametrize("shapes", SHAPES.values(), ids=SHAPES.keys())
def test_no_list_of_weights_breaks_the_examiner(session: Session, shapes: str) -> None:
    session.run("import keras\nDense = keras.layers.Dense")
    session.run(FAKED.replace("{shapes}", shapes))
    report = examine(session.subject("Dense"), first_kind("Dense"))
    assert report.score == 0
    assert "WireError" in str(report.to_json()) or "not numbers" in shown(report)
