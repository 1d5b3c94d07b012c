"""The aspects of a model that writes: what they count as right, and what they say of the rest."""

from __future__ import annotations

import numpy as np
import pytest

from grader.aspects.aspect import Trial
from grader.aspects.distribution import distribution
from grader.aspects.loading import loading
from grader.aspects.passes import passes
from grader.aspects.perplexity import _GUESS, of, perplexity
from grader.aspects.stages import stages
from grader.aspects.text import text
from grader.bench.probe import Answer
from grader.exercises.exercise import Case
from grader.exercises.writing.name_writer import MOST, held
from grader.exercises.writing.parts import SIGNS, counted

TARGETS = np.tile(np.arange(1, 5), (6, 1))
FACTS = {
    "targets": TARGETS,
    "counted": np.ones(TARGETS.shape, "float32"),
    "signs": 5,
    "changed": np.full(6, 2),
    "most": 2.0,
}
CASE = Case({}, np.roll(TARGETS, 1, axis=1), facts=FACTS)


def logits(sure=4.0):
    """Of a model that knows all answers; with 0 of one that knows none."""
    return (sure * np.eye(5)[TARGETS]).astype("float32")


def said(main, copies=None, shuffled=None, trained=9):
    copies = main if copies is None else copies
    shuffled = logits(0) if shuffled is None else shuffled
    answers = [Answer(main), Answer(copies)]
    answers.append(Answer({"trained": trained, "shuffled": shuffled}))
    verdict = perplexity.judge(Trial(CASE, 1e-4), answers, answers)
    return verdict.message if verdict else ""


def test_the_perplexity_of_an_even_guess_is_the_number_of_signs():
    assert of(logits(0), TARGETS, FACTS["counted"]) == pytest.approx(5)
    assert of(logits() + 100, TARGETS, FACTS["counted"]) == pytest.approx(
        of(logits(), TARGETS, FACTS["counted"])
    )


def test_a_sure_model_passes():
    assert said(logits()) == ""


def test_what_is_changed_later_may_change_the_logits_there_and_not_before():
    late, early = logits().copy(), logits().copy()
    late[:, 2:] += 1
    early[0, 1] += 1
    assert said(logits(), copies=late) == ""
    assert "depend on letters that come later" in said(logits(), copies=early)


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        (logits()[:, -1], "does not give a logit for each sign"),
        (logits().astype("int32"), "does not give a logit for each sign"),
        (np.full_like(logits(), np.nan), "NaN"),
        (logits(0), "hardly more than"),
        (logits(1.0) - 0.5, "The perplexity is too high."),
        (logits(0.7) - 0.5, "The perplexity is too high."),
        (np.eye(5, dtype="float32")[TARGETS] * 0.98 + 0.004, "gives probabilities"),
        ((8 * np.eye(5)[CASE.inputs]).astype("float32"), "just read"),
    ],
)
def test_what_is_not_enough_is_told_by_its_symptom(answer, word):
    assert word in said(answer)


def test_whoever_is_told_to_know_frequent_letters_only_knows_no_more():
    rows = held()
    taken = counted(rows) > 0
    shares = np.bincount(rows[:, 1:][taken], minlength=len(SIGNS)) / taken.sum()
    told = np.tile(np.log(np.maximum(shares, 1e-9)), (*taken.shape, 1))
    letters_alone = of(told, rows[:, 1:], counted(rows))
    assert 0.95 * letters_alone < _GUESS * MOST < letters_alone


def test_what_is_known_without_learning_is_worth_nothing():
    assert "has no trainable weights" in said(logits(), trained=0)
    assert "shuffled" in said(logits(), shuffled=logits())


def judged(aspect, want, got, **facts):
    trial = Trial(Case({}, facts=facts), 1e-4)
    verdict = aspect.judge(trial, [Answer(part) for part in want], [Answer(part) for part in got])
    return verdict.message if verdict else ""


@pytest.mark.parametrize(
    ("got", "word"),
    [
        ([0.25, 0.75], ""),
        (np.array([0.25, 0.75]), ""),
        (None, "return"),
        ([0.25], "one probability for each"),
        (["a", "b"], "one probability for each"),
        ([0.5, 0.75], "sum up to 1"),
        ([np.nan, 0.75], "NaN"),
        ([0.75, 0.25], "not the right ones"),
    ],
)
def test_chances(got, word):
    found = judged(distribution, [np.array([0.25, 0.75])], [got])
    assert word in found
    assert bool(found) == bool(word)


def test_loading_takes_the_numbers_in_any_form():
    want = [None, [np.array([[1.0, 2.0], [3.0, 4.0]])]]
    assert judged(loading, want, [None, [np.array([4.0, 2.0]), np.array([[3.0], [1.0]])]]) == ""
    assert "not the numbers" in judged(loading, want, [None, [np.array([4.0, 2.0, 3.0, 5.0])]])
    assert "another number" in judged(loading, want, [None, []])


def test_the_first_stage_that_differs_is_named():
    one, names = np.ones((2, 3)), ("a", "b", "c")
    assert judged(stages, [[one, one, one]], [[one, one, one]], stages=names) == ""
    found = judged(stages, [[one, one, one]], [[one, 2 * one, 3 * one]], stages=names)
    assert found == "The first stage that differs: b, all before it are right (a)."
    found = judged(stages, [[one, one, one]], [[one[:1], one, one]], stages=names)
    assert found == "The first stage that differs: a, by its shape."
    assert "gives 2 stages, not 3" in judged(stages, [[one] * 3], [[one] * 2], stages=names)
    assert "gives 1 stages" in judged(stages, [[one] * 3], [one], stages=names)


def wrote(tokens, passed=5):
    return {"tokens": tokens, "passed": passed}


@pytest.mark.parametrize(
    ("got", "word"),
    [
        ([3, 4, 0], ""),
        (np.array([3, 4, 0]), ""),
        ([np.array([3]), 4, np.int64(0)], ""),
        ([3, 4, 0, 1], "writes on"),
        ([3, 4], "missing at the end"),
        ([3, 1, 0], "other tokens"),
        ([3.0, 4.0, 0.0], "not return a list"),
        (None, "not return a list"),
        ("340", "not return a list"),
    ],
)
def test_tokens(got, word):
    found = judged(text, [wrote([3, 4, 0])], [wrote(got)])
    assert word in found
    assert bool(found) == bool(word)


@pytest.mark.parametrize(("passed", "right"), [(4, True), (5, True), (6, False), (0, False)])
def test_a_token_may_pass_once(passed, right):
    found = judged(passes, [wrote([3, 4, 0])], [wrote([3, 4, 0], passed)], prompt=2)
    assert bool(found) != right
