"""Gradients by hand: each term is judged by itself, against the live gradient."""

from __future__ import annotations

import numpy as np
import pytest

from grader.bench.subject import LocalSubject
from grader.examination.attempt import Key, expect
from grader.examination.case_to_run import as_lines
from grader.examination.examine import examine, failing_case
from grader.exercises.catalogue import CATALOGUE
from tests.variants import RIGHT

DERIVED = [exercise for exercise in CATALOGUE.values() if exercise.kind == "derive"]
every_one = pytest.mark.parametrize("exercise", DERIVED, ids=lambda exercise: exercise.name)


def verdicts(report):
    return {finding.aspect: finding.passed for finding in report.findings}


def changed(exercise, change):
    """A right answer, after something was done to it."""
    right = RIGHT[exercise.name][0]
    return lambda *arguments: change(right(*arguments))


@every_one
def test_each_term_earns_its_points_alone(exercise):
    for term, worth in exercise.aspects.items():
        only = changed(exercise, lambda answer, term=term: {term: answer[term]})
        report = examine(LocalSubject(only), exercise)
        assert verdicts(report) == {name: name == term for name in exercise.aspects}
        assert report.score == pytest.approx(worth / sum(exercise.aspects.values()))
        assert all(f"no entry `{f.aspect}`" in f.message for f in report.failed)


@every_one
def test_each_term_is_compared_with_the_live_gradient(exercise):
    for term in exercise.aspects:
        twice = changed(exercise, lambda answer, term=term: {**answer, term: 2 * answer[term]})
        report = examine(LocalSubject(twice), exercise)
        assert verdicts(report) == {name: name != term for name in exercise.aspects}


@every_one
def test_a_wrong_shape_is_said_and_so_is_an_answer_that_is_no_dict(exercise):
    flat = changed(exercise, lambda answer: {name: [answer[name]] for name in answer})
    report = examine(LocalSubject(flat), exercise)
    assert all("shape" in f.message or "one number" in f.message for f in report.findings)
    listed = changed(exercise, lambda answer: tuple(answer.values()))
    report = examine(LocalSubject(listed), exercise)
    assert report.score == 0
    assert {finding.message for finding in report.findings} == {
        "The function must return a dict with an entry for each term."
    }


@every_one
def test_a_gradient_of_zeros_earns_nothing(exercise):
    zeros = changed(exercise, lambda answer: {k: np.zeros_like(v) for k, v in answer.items()})
    assert examine(LocalSubject(zeros), exercise).score == 0


@every_one
def test_an_answer_may_change_the_arrays_that_it_is_given(exercise):
    """It gets copies: the case that others are tried on stays as it is."""
    right = RIGHT[exercise.name][0]

    def spoils(*arguments):
        answer = right(*arguments)
        for argument in arguments:
            if isinstance(argument, np.ndarray):
                argument[...] = 0
        return answer

    assert examine(spoils, exercise).passed
    assert examine(right, exercise).passed


@every_one
def test_the_card_has_the_case_as_lines_that_run(exercise):
    idea = exercise.misconceptions[0]
    report = examine(LocalSubject(idea.wrong), exercise)
    assert f"case = failing({exercise.name})" in report.lines
    assert all("array of shape" in f.evidence.case for f in report.failed)
    case = failing_case(LocalSubject(idea.wrong).candidate, exercise)
    assert set(case.expected) == set(exercise.aspects)
    assert as_lines(exercise, None) == report.lines
    answer = RIGHT[exercise.name][0](*case.arguments)
    for name, expected in case.expected.items():
        np.testing.assert_allclose(answer[name], expected, rtol=1e-3, atol=1e-4)


def test_the_live_gradient_is_the_slope_that_numbers_show():
    """A loss that is moved by a little, in float64, has that slope."""
    exercise = CATALOGUE["softmax_backward"]
    expected = expect(exercise, Key(0, 0, 0))
    logits, labels = expected.case.config.values()
    right, gradient = RIGHT[exercise.name][0], expected.answers["d_logits"][0].value["d_logits"]
    for place in np.ndindex(logits.shape):
        more, less = (logits.astype("float64") for _ in range(2))
        more[place] += 1e-4
        less[place] -= 1e-4
        slope = (right(more, labels)["loss"] - right(less, labels)["loss"]) / 2e-4
        assert slope == pytest.approx(gradient[place], abs=1e-5)


def clipped(logits, labels):
    """Its loss cannot be larger than 16, and it is right as long as no sample is surely wrong."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares = powers / powers.sum(axis=1, keepdims=True)
    own = (np.arange(len(labels)), labels)
    loss = -np.log(np.clip(shares[own], 1e-7, 1.0)).mean()
    shares[own] -= 1
    return {"loss": loss, "d_logits": shares / len(labels)}


def shifted_by_the_batch(logits, labels):
    """Takes the largest logit of the batch away, and not that of each sample."""
    with np.errstate(all="ignore"):
        return softmax_in_place(logits - logits.max(), labels, shift=False)


def softmax_in_place(logits, labels, *, shift=True):
    powers = np.exp(logits - logits.max(axis=1, keepdims=True) * shift)
    shares = powers / powers.sum(axis=1, keepdims=True)
    own = (np.arange(len(labels)), labels)
    loss = -np.log(shares[own]).mean()
    shares[own] -= 1
    return {"loss": loss, "d_logits": shares / len(labels)}


@pytest.mark.parametrize("seed", range(3))
def test_a_loss_that_is_right_but_for_sure_mistakes_is_caught(seed):
    assert examine(softmax_in_place, "softmax_backward", seed=seed).passed
    assert not examine(clipped, "softmax_backward", seed=seed).passed
    assert not examine(shifted_by_the_batch, "softmax_backward", seed=seed).passed


def test_a_stride_above_the_window_needs_no_zeros():
    def backward(inputs, kernel, upstream, strides, padding):
        """Counts zeros below 0."""
        missing = (upstream.shape[1] - 1) * strides + kernel.shape[0] - inputs.shape[1]
        if padding == "same" and missing < 0:
            raise ValueError("index can't contain negative values")
        return right(inputs, kernel, upstream, strides, padding)

    right = RIGHT["conv1d_backward"][0]
    assert examine(right, "conv1d_backward").passed
    assert not examine(backward, "conv1d_backward").passed
