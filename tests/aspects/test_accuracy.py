"""The aspect `accuracy`: what it counts as right, and what it says of the rest."""

from __future__ import annotations

import numpy as np
import pytest

from grader.aspects.accuracy import accuracy
from grader.aspects.aspect import Trial
from grader.bench.probe import Answer
from grader.exercises.exercise import Case

LABELS = np.arange(100) % 10
CASE = Case({}, np.zeros((100, 8, 8, 1), "float32"), facts={"labels": LABELS, "least": 0.97})


def scores(wrong=0):
    """Scores of a network that reads all but the first so many images."""
    told = np.where(np.arange(100) < wrong, (LABELS + 3) % 10, LABELS)
    return np.eye(10)[told]


def judged(plain, louder):
    """`louder` stands for every question after the first."""
    answers = [Answer(plain), Answer(louder), Answer({"trained": True, "shuffled": louder})]
    verdict = accuracy.judge(Trial(CASE, 1e-4), answers, answers)
    return verdict and verdict.message


@pytest.mark.parametrize("plain", [scores(), scores(3), np.log(scores() + 1e-9), scores() - 7])
def test_enough_is_enough_whatever_the_scores_are(plain):
    assert judged(plain, scores(99)) is None


@pytest.mark.parametrize(
    ("plain", "louder", "says"),
    [
        (scores(4), scores(4), "is not right often enough."),
        (scores(90), scores(1), "pixels on another scale"),
        (scores(90), scores(90), "hardly better than a guess"),
        (np.roll(scores(), 1, axis=1), scores(90), "gives them other labels"),
        (scores().argmax(axis=1), scores().argmax(axis=1), "ten scores"),
        (np.full((100, 10), np.nan), scores(), "NaN"),
        (scores()[:50], scores()[:50], "ten scores"),
    ],
)
def test_what_is_not_enough_is_told_by_its_symptom(plain, louder, says):
    assert says in judged(plain, louder)


def test_what_it_says_holds_no_value_of_the_case():
    answers = [Answer(scores(50)), Answer(scores(50))]
    verdict = accuracy.judge(Trial(CASE, 1e-4), answers, answers)
    assert not any(sign.isdigit() for sign in verdict.message)
    assert (verdict.expected, verdict.actual) == ("right on at least 97%", "right on 50.0%")
