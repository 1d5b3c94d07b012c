"""A report shows itself as text, as data and as a score."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from grader.card.finding import Diagnosis, Evidence, Finding
from grader.card.report import Report, merge

SHAPE = Finding("shape", True, 1)
OUTPUT = Finding("output", False, 3, "The values differ.", Evidence("Dense(4)", np.ones(2), None))
CONFIG = Finding("config", None, 1, "Your code raised KeyError.")
IDEA = Diagnosis("bias omitted", "You add no bias.", "What is added?")


def report(*findings, **more):
    return Report("Dense", findings, **more)


@pytest.mark.parametrize(
    ("findings", "score", "passed"),
    [
        ((SHAPE,), 1.0, True),
        ((SHAPE, OUTPUT), 0.25, False),
        ((SHAPE, OUTPUT, CONFIG), 0.2, False),
        ((SHAPE, CONFIG), 0.5, False),
        ((OUTPUT, CONFIG), 0.0, False),
        ((), 0.0, False),
    ],
)
def test_the_score_is_the_worth_of_what_passed(findings, score, passed):
    made = report(*findings)
    assert made.score == pytest.approx(score)
    assert made.passed is passed
    assert made.failed == tuple(finding for finding in findings if finding is not SHAPE)


@pytest.mark.parametrize(
    ("made", "headline"),
    [
        (report(SHAPE), "Dense: all right"),
        (report(SHAPE, hidden=True), "Dense: all right on the hidden cases"),
        (report(SHAPE, OUTPUT, CONFIG), "Dense: 1 of 3 right"),
        (report(SHAPE, OUTPUT, hidden=True), "Dense: 1 of 2 right on the hidden cases"),
        (report(CONFIG, attempted=False), "Dense: not attempted yet"),
        (report(CONFIG, attempted=False, whole=True, given=IDEA), "Dense: not mended yet"),
    ],
)
def test_the_headline_is_the_verdict_in_one_line(made, headline):
    assert made.headline == headline
    assert str(made).splitlines()[0] == headline
    assert repr(made) == str(made)


def test_a_whole_exercise_earns_all_or_nothing():
    partly = replace(OUTPUT, share=0.5)
    assert report(SHAPE, partly).score > 0
    made = report(SHAPE, partly, whole=True)
    assert (made.score, report(SHAPE, whole=True).score) == (0, 1)
    assert [row["earned"] for row in made.to_json()["findings"]] == [0, 0]
    assert "points" in str(report(SHAPE, partly))
    assert "points" not in str(made)
    assert merge([report(SHAPE, whole=True), report(replace(SHAPE, passed=False))]).score == 0


def test_the_fault_that_was_given_is_on_no_card():
    made = report(SHAPE, OUTPUT, attempted=False, whole=True, given=IDEA, note="Look out.")
    merged = merge([made, report(SHAPE, OUTPUT, attempted=False, whole=True, hidden=True)])
    assert merged.given == IDEA
    assert str(made).splitlines()[1].startswith("  Note: Look out. The fault that this layer was ")
    for words in (IDEA.says, IDEA.hint):
        assert words not in str(made) + made._repr_html_() + str(made.to_json())


def test_the_text_says_all_that_is_known():
    text = str(report(SHAPE, OUTPUT, CONFIG, crash="line 3: x = y — NameError", diagnosis=IDEA))
    assert text.splitlines() == [
        "Dense: 1 of 3 right",
        "  right      shape",
        "  wrong      output  The values differ.",
        "  not judged config  Your code raised KeyError.",
        "  On output:",
        "      tried:    Dense(4)",
        "      expected: [1., 1.], shape (2,)",
        "      yours:    None",
        "  What stopped it: line 3: x = y — NameError",
        "  Idea: You add no bias.",
        "  Hint: What is added?",
    ]


def test_a_case_that_fails_several_aspects_is_told_once():
    again = Finding("gradient", False, 1, "Wrong too.", Evidence("Dense(4)", np.zeros(3), None))
    stopped = Finding("model", False, 1, "Stopped.", Evidence("Dense(4)"))
    text = str(report(OUTPUT, again, stopped))
    assert text.count("tried:    Dense(4)") == 2  # once with arrays, once without
    assert "On gradient" not in text


def test_a_large_array_is_cut_short():
    evidence = Evidence("Dense(4)", np.random.default_rng(0).normal(size=(40, 50)), "x" * 500)
    lines = str(report(Finding("output", False, 1, "Wrong.", evidence))).splitlines()
    assert max(len(line) for line in lines) < 240
    assert any(line.endswith("shape (40, 50)") for line in lines)


def test_the_data_hold_the_verdict_and_no_evidence():
    data = report(SHAPE, OUTPUT, crash="here", diagnosis=IDEA).to_json()
    assert json.loads(json.dumps(data)) == {
        "exercise": "Dense",
        "score": 0.25,
        "attempted": True,
        "hidden": False,
        "crash": "here",
        "diagnosis": {"name": IDEA.name, "says": IDEA.says, "hint": IDEA.hint, "parts": []},
        "findings": [
            {"aspect": "shape", "passed": True, "worth": 1, "earned": 1, "message": ""},
            {
                "aspect": "output",
                "passed": False,
                "worth": 3,
                "earned": 0,
                "message": "The values differ.",
            },
        ],
    }


def test_a_share_is_earned_and_told():
    made = report(SHAPE, Finding("output", False, 3, "Wrong.", share=0.5))
    assert made.score == pytest.approx((1 + 1.5) / 4)
    assert "Wrong. Right for some kinds of cases: 1.5 of 3 points." in str(made)
    assert "Right for some kinds of cases: 1.5 of 3 points." in made._repr_html_()
    assert not made.passed
    hidden = report(SHAPE, Finding("output", False, 3, "Wrong.", share=0.5), hidden=True)
    assert hidden.score == made.score
    assert "some kinds" not in str(hidden) + hidden._repr_html_()


@pytest.mark.parametrize(
    ("worth", "share", "earned"),
    [
        (10, 4 / 7, 5.7),
        (1, 1 / 3, 0.3),
        (5, 3 / 4, 3.8),
        (2, 1 / 50, 0.1),  # something is earned
        (2, 49 / 50, 1.9),  # something is missing
        (0.1, 1 / 3, 0.05),
        (3, 0, 0),
        (3, 1, 3),
        (2.25, 1, 2.25),
    ],
)
def test_points_are_told_and_counted_in_tenths(worth, share, earned):
    made = report(Finding("output", False, worth, "Wrong.", share=share))
    assert made.findings[0].earned == earned
    assert made.score * worth == pytest.approx(earned)
    assert made.to_json()["findings"][0]["earned"] == earned
    if earned:
        points = "point" if worth == 1 else "points"
        says = f"Wrong. Right for some kinds of cases: {earned:g} of {worth:g} {points}."
        assert says in str(made)


def test_merged_the_smallest_share_counts():
    halves = [report(SHAPE, Finding("output", False, 3, "Wrong.", share=s)) for s in (0.75, 0.5)]
    right = report(SHAPE, Finding("output", True, 3))
    assert merge([right, *halves]).score == pytest.approx((1 + 1.5) / 4)


def test_merged_an_aspect_is_right_only_where_it_is_right_in_each():
    shown = report(SHAPE, Finding("output", True, 3))
    hidden = report(SHAPE, OUTPUT, hidden=True, diagnosis=IDEA, crash="there")
    merged = merge([shown, hidden])
    assert [finding.passed for finding in merged.findings] == [True, False]
    assert merged.score == pytest.approx(0.25)
    assert (merged.diagnosis, merged.crash) == (IDEA, "there")
    assert merge([shown, shown]).passed


def test_merged_one_attempt_is_an_attempt():
    blank = report(CONFIG, attempted=False)
    assert not merge([blank, blank]).attempted
    assert merge([blank, report(SHAPE)]).attempted
