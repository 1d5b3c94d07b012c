"""What students see, through a sanitizer: editors and web pages may let no more of it through."""

from __future__ import annotations

import html
import re

import bleach
import numpy as np
import pytest

from grader.card.finding import Diagnosis, Evidence, Finding
from grader.card.report import Report
from grader.pictures import convolution
from grader.progress import DONE, TRIED, UNTOUCHED, Progress

_EVIDENCE = Evidence("Dense(4)", np.arange(6.0).reshape(2, 3), np.ones((2, 3)))
_WRONG = Finding("output", False, 3, "The values differ.", _EVIDENCE)
_IDEA = Diagnosis("late", "Your layer adds the bias late.", "In which order do they come?")
PAGES = {
    "card": Report("Dense", (_WRONG,), diagnosis=_IDEA)._repr_html_(),
    "progress": Progress(
        {"01-a": {"Dense": DONE, "Flatten": TRIED, "Add": UNTOUCHED}}
    )._repr_html_(),
    "still": convolution.draw_walk().bundle()["text/html"],
}
TAGS = {"b", "br", "code", "details", "div", "img", "span", "summary", "table", "td", "tr"}
"""Plain tags, which sanitizers let through."""
every_page = pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)


def sanitized(page: str, protocols: set[str]) -> str:
    """With no style, no role and no attribute but what a picture needs."""
    attributes = {"img": ["alt", "src", "width"]}
    return bleach.clean(page, tags=TAGS, attributes=attributes, protocols=protocols, strip=True)


def words(page: str) -> list[str]:
    return html.unescape(re.sub(r"<[^>]*>", " ", page)).split()


@every_page
def test_nothing_that_is_read_is_lost(page: str) -> None:
    assert words(sanitized(page, {"data"})) == words(page)
    assert len(words(page) + re.findall('alt="([^"]+)"', page)) > 0


@every_page
def test_nothing_runs_and_nothing_is_fetched(page: str) -> None:
    assert not re.search(r"<(script|style|link|iframe|object|form)|javascript:| on\w+=", page)
    assert not re.search(r"(?:src|href)=[\"'](?!data:image/)|url\(", page)


@pytest.mark.parametrize("name", ["card", "still"])
def test_a_picture_comes_through_and_its_alt_text_where_pictures_do_not(name: str) -> None:
    alt = re.search('alt="([^"]+)"', PAGES[name])
    assert alt is not None
    lenient, strict = sanitized(PAGES[name], {"data"}), sanitized(PAGES[name], {"https"})
    assert 'src="data:image/' in lenient
    assert "src=" not in strict
    assert alt[1] in lenient
    assert alt[1] in strict
