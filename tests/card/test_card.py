"""The card: words beside the marks, alt texts, and nothing of a student's that could run."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from grader.card.finding import Diagnosis, Evidence, Finding
from grader.card.report import Report
from grader.examination.examine import examine
from tests.variants.dense import WithOps

NASTY = "<script>alert('1')</script>\"><img src=x onerror=alert(2)> & — </div>"
WANT, GOT = np.arange(6.0).reshape(2, 3), np.ones((2, 3))


class Page(HTMLParser):
    """Tags, attributes and text of a page; fails on a tag that is not closed."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.text, self.open = [], [], "", []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        if tag not in ("img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data + " "


def shown(*findings, **more):
    return Page(Report("Dense", findings, **more)._repr_html_())


def wrong(expected=WANT, actual=GOT, message="The values differ."):
    return Finding("output", False, 3, message, Evidence("Dense(4)", expected, actual))


@pytest.mark.parametrize(
    ("passed", "mark", "word"), [(True, "✓", "right"), (False, "✗", "wrong"), (None, "–", "not")]
)
def test_a_word_stands_beside_each_mark(passed, mark, word):
    text = shown(Finding("shape", passed, 1), Finding("output", True, 1)).text
    assert re.search(rf"{mark}\s+{word}", text)
    assert "shape" in text


def test_the_headline_is_there_for_the_eye_and_for_a_screen_reader():
    page = shown(Finding("shape", True, 1))
    assert "Dense: all right" in page.text
    assert ("aria-label", "Dense: all right") in page.attributes
    assert ("role", "group") in page.attributes


def test_a_wrong_output_comes_with_a_picture_and_its_alt_text():
    page = shown(wrong())
    alt = next(value for name, value in page.attributes if name == "alt")
    source = next(value for name, value in page.attributes if name == "src")
    assert "5 of 6 values differ" in alt
    assert "expected" in alt
    assert source.startswith("data:image/")
    assert "Dense(4)" in page.text


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (WANT, GOT[:1]),
        (WANT, None),
        ("4 parameters", "3 parameters"),
        (np.float32(1), np.float32(2)),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        ([WANT], [GOT]),
        ({"output": 1}, np.ones(3)),
    ],
)
def test_what_cannot_be_drawn_is_told_in_words(expected, actual):
    page = shown(wrong(expected, actual))
    assert "img" not in page.tags
    assert "expected" in page.text
    assert "yours" in page.text


@pytest.mark.parametrize(
    "actual",
    [GOT * np.nan, GOT * np.inf, GOT > 0, GOT.astype("int32"), GOT * 1e30, WANT],
    ids=["NaN", "infinity", "truth", "integers", "huge", "equal"],
)
def test_every_array_of_numbers_can_be_drawn(actual):
    assert shown(wrong(WANT, actual)).tags.count("img") == 1


@pytest.mark.parametrize("shape", [(5,), (2, 3), (2, 3, 4), (2, 3, 4, 5), (90, 90), (3, 1)])
def test_every_shape_can_be_drawn(shape):
    want = np.random.default_rng(0).normal(size=shape)
    assert shown(wrong(want, -want)).tags.count("img") == 1


def test_nothing_of_a_student_becomes_markup():
    nasty = Finding(NASTY, False, 1, NASTY, Evidence(NASTY, NASTY, NASTY))
    idea = Diagnosis(NASTY, NASTY, NASTY)
    page = Page(Report(NASTY, (nasty, wrong()), crash=NASTY, diagnosis=idea)._repr_html_())
    assert "script" not in page.tags
    assert page.tags.count("img") == 1  # ours
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    assert page.text.count("alert('1')") >= 6


def test_a_nasty_layer_makes_a_harmless_card():
    class Nasty(WithOps):
        def build(self, input_shape):
            self.add_weight(name="<script>", shape=(2, 2))
            super().build(input_shape)

        def call(self, inputs):
            raise type("<b>bold", (Exception,), {})(NASTY)

    for hidden in (False, True):
        page = Page(examine(Nasty, "Dense", hidden=hidden)._repr_html_())
        assert {"script", "img"}.isdisjoint(page.tags)
        assert "raise type(" in page.text


def test_a_card_carries_no_script_and_no_style_sheet():
    page = shown(wrong(), crash="line 3: x", diagnosis=Diagnosis("a", "b", "c"))
    assert {"script", "style", "link", "iframe"}.isdisjoint(page.tags)
    assert not [value for name, value in page.attributes if name in ("href", "onclick")]
