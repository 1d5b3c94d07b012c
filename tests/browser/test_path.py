"""A student's path through a unit: fetch, answer, validate, hand in, get feedback."""

from __future__ import annotations

import nbformat
import pytest
from lab import IDLE, SAVED, code_cell, nbgrader_menu, run, shot, succeeded
from nbgrader.utils import get_username
from playwright.sync_api import Page, expect
from round_trip import fetch, grade, read_feedback, submit
from short_course import UNIT, Site, answered

STUB = "def dense_params(features, units, use_bias=True):\n    raise NotImplementedError()"
pytestmark = [pytest.mark.browser, pytest.mark.long]


def test_from_fetch_to_feedback(site: Site, page: Page) -> None:
    instructor_clicks(site, page, ".release")
    fetch(site, page)
    assert site.notebook.is_file()
    # What a student types is the same for each exercise: one is typed, the others are there.
    nbformat.write(answered(site.course, dense_params=STUB), site.notebook)
    open_unit(site, page)
    answer(page)
    progress(page)
    validate(page)
    submit(page)
    instructor_clicks(site, page, ".collect")
    grade(site, page, get_username())
    read_feedback(site, page)


def instructor_clicks(site: Site, page: Page, column: str) -> None:
    """A button of formgrader's table of assignments, in its place in JupyterLab."""
    site.to(page, "lab?reset")
    nbgrader_menu(page, "Formgrader")
    frame = page.frame_locator("iframe")
    row = frame.get_by_role("row").filter(has_text=UNIT)
    row.locator(column).get_by_role("link").click()
    succeeded(frame)


def open_unit(site: Site, page: Page) -> None:
    """The notebook that was fetched, opened in JupyterLab."""
    site.to(page, f"lab/tree/{site.notebook.relative_to(site.folder)}?reset")
    page.wait_for_function(IDLE)


def answer(page: Page) -> None:
    """From the first cell to a card that is all right, and nothing typed but the answer."""
    imports = run(code_cell(page, "from grader import check"))
    expect(imports.locator(".jp-OutputArea-output")).to_have_count(0)
    stub = run(code_cell(page, "def dense_params("))
    test = run(code_cell(page, "check(dense_params)"))
    expect(test.get_by_role("group")).to_contain_text("dense_params: not attempted yet")
    expect(test).to_contain_text("CheckFailed: dense_params: not attempted yet")
    stub.get_by_text("raise NotImplementedError()").click(click_count=3)
    page.keyboard.type("    return (features + use_bias) * units")
    run(stub)
    run(test)
    expect(test.get_by_role("group")).to_contain_text("dense_params: all right")
    expect(test).not_to_contain_text("CheckFailed")


def progress(page: Page) -> None:
    cell = run(code_cell(page, "progress()"))
    assert cell.get_by_role("img", name="dense_params: done").count() == 1
    assert cell.get_by_role("img", name="Dense: untouched", exact=True).count() == 1
    expect(cell.get_by_role("group")).to_contain_text("Progress: 2 of ")  # and the written answer


def validate(page: Page) -> None:
    page.get_by_role("button", name="Validate").last.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Success! Your notebook passes all the tests.")
    shot(page, "validate")
    dialog.get_by_role("button", name="Ok").click()
    page.wait_for_function(SAVED)
