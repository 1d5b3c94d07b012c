"""What a student and an instructor click, in a JupyterLab of one's own and on a hub."""

from __future__ import annotations

import re
from typing import Protocol

from lab import nbgrader_menu, shot, succeeded
from playwright.sync_api import Locator, Page, expect
from short_course import UNIT


class Place(Protocol):
    """A Jupyter server."""

    def to(self, page: Page, path: str) -> None:
        """Open a page of the server."""


def fetch(place: Place, page: Page) -> None:
    place.to(page, "lab?reset")
    nbgrader_menu(page, "Assignment List")
    page.locator("#released_assignments_list").get_by_role("button", name="Fetch").click()
    expect(page.locator("#fetched_assignments_list")).to_contain_text(UNIT)


def submit(page: Page) -> None:
    nbgrader_menu(page, "Assignment List")
    page.locator("#fetched_assignments_list").get_by_role("button", name="Submit").click()
    submitted = page.locator("#submitted_assignments_list")
    expect(submitted).to_contain_text(UNIT)
    expect(submitted).to_contain_text(re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d"))
    shot(page, "assignments")


def grade(place: Place, page: Page, student: str) -> None:
    """Autograde and feedback, by formgrader's buttons for one student."""
    place.to(page, f"formgrader/manage_submissions/{UNIT}")
    row = page.get_by_role("row").filter(has_text=student)
    for column in (".autograde", ".generate-feedback", ".release-feedback"):
        row.locator(column).get_by_role("link").click()
        succeeded(page)
    expect(row.locator(".score")).to_have_text("12 / 15")
    expect(row.locator(".status")).to_have_text("needs manual grading")


def read_feedback(place: Place, page: Page) -> None:
    place.to(page, "lab?reset")
    nbgrader_menu(page, "Assignment List")
    submitted = page.locator("#submitted_assignments_list")
    submitted.get_by_role("button", name="Fetch Feedback").click()
    submitted.get_by_text(UNIT, exact=True).first.click()
    submitted.get_by_text("view feedback").click()
    page.get_by_role("listitem", name=re.compile(r"\.html")).dblclick()
    feedback = page.frame_locator("iframe")
    card: Locator = feedback.get_by_role("group", name="Dense: all right", exact=True)
    expect(card).to_be_visible()
    card.scroll_into_view_if_needed()
    shot(page, "feedback")
