"""The instructor's desk: formgrader grades by its own button, and keeps what was given by hand."""

from __future__ import annotations

import re

import pytest
from lab import shot, succeeded
from playwright.sync_api import Page, expect
from short_course import UNIT, Site

pytestmark = pytest.mark.browser
SHARE_OF_THE_OUTPUT = re.compile(r"^10\.\d+ / 15$")
"""Of 10 points for Dense, what is right without an activation: it hangs on the number of cases."""


def test_a_class_is_graded_and_a_manual_grade_outlives_a_regrade(site: Site, page: Page) -> None:
    autograde(site, page, "gus", SHARE_OF_THE_OUTPUT)
    autograde(site, page, "ada", "12 / 15")
    open_submission(site, page, "gus")
    card = page.get_by_role("group", name="Dense: 5 of 7 right", exact=True)
    expect(card).to_contain_text("Your layer adds the bias after the activation.")
    expect(card.get_by_role("img")).to_have_attribute("alt", re.compile("Heat maps"))
    given = page.locator("#check-dense")
    expect(given).to_have_attribute("placeholder", re.compile(r"^8\.\d+$"))

    give(page, "check-dense", "7")
    give(page, "question-plot", "2")
    autograde(site, page, "gus", "11 / 15")
    open_submission(site, page, "gus")
    expect(page.locator("#check-dense")).to_have_value("7")
    expect(page.locator("#question-plot")).to_have_value("2")
    shot(page.locator(".nbgrader_cell", has=page.locator("#question-plot")), "manual-grade")


def autograde(site: Site, page: Page, student: str, score: str | re.Pattern[str]) -> None:
    """Press the button in the student's row, and read the score there."""
    site.to(page, f"formgrader/manage_submissions/{UNIT}")
    row = page.get_by_role("row").filter(has_text=student)
    row.locator(".autograde").get_by_role("link").click()
    succeeded(page)
    expect(row.locator(".score")).to_have_text(score)


def open_submission(site: Site, page: Page, student: str) -> None:
    """From the student's row to the graded notebook."""
    site.to(page, f"formgrader/manage_students/{student}/{UNIT}")
    page.get_by_role("link", name=UNIT).last.click()
    expect(page.locator("#check-dense")).to_be_visible()


def give(page: Page, cell: str, points: str) -> None:
    """Enter a grade by hand, and wait until formgrader has saved it."""
    box = page.locator(f"#{cell}")
    with page.expect_response(lambda r: "/api/grade/" in r.url and r.request.method == "PUT"):
        box.fill(points)
        box.press("Tab")
