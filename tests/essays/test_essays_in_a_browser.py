"""The page of `grader essays` in Chromium, with the keyboard alone."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from nbgrader.api import Gradebook
from playwright.sync_api import Browser, Page, expect

from grader.gradebook.course import course_directory
from tests.essays.written_class import ANSWERS, UNIT, given

pytestmark = [pytest.mark.browser, pytest.mark.slow]
GRADER = "import sys; from grader.cli import main; sys.exit(main())"
PATIENCE = 60_000


@pytest.fixture
def url(folder: Path) -> Iterator[str]:
    """The address that the command prints; in the end it is stopped as a person stops it."""
    process = subprocess.Popen(
        [sys.executable, "-c", GRADER, "essays", UNIT, "--no-browser"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        env={**os.environ, "COLUMNS": "1000"},
    )
    assert process.stdout is not None
    yield process.stdout.readline().strip()
    process.send_signal(signal.SIGINT)
    said, trouble = process.communicate(timeout=60)
    assert process.returncode == 0, trouble
    assert re.search(r"Saved \d+ entr", said)
    assert "nbgrader generate_feedback" in said


@pytest.fixture
def page(chromium: Browser, url: str) -> Iterator[Page]:
    """The page of the second question. Every request goes to the server itself, and no error of a
    script and no broken rule of the page's policy is met."""
    context = chromium.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    asked: list[str] = []
    troubles: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)
    page.goto(url)
    page.get_by_role("link", name="question").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_title(f"{UNIT}: question")
    yield page
    context.close()
    server = url.partition("?")[0]
    assert [one for one in asked if not one.startswith((server, "data:"))] == []
    assert [one for one in troubles if "409" not in one] == []


def test_a_question_is_graded_with_the_keyboard_alone(page: Page, folder: Path) -> None:
    expect(page.locator("#progress")).to_have_text(
        f"0 graded, {len(ANSWERS)} to go, 1 as handed out"
    )
    assert page.title() == f"{UNIT}: question", "no answer has run a script"
    expect(page.get_by_text("<script>document.title")).to_be_visible()

    press(page, "1", "3", "c")
    page.keyboard.type("Why is the shortcut right?")
    press(page, "Escape")
    saved(page, "Answer 1")
    press(page, "j", "a", "j", "0", "q")
    saved(page, "Answer 3")
    press(page, "u", "s")
    page.keyboard.type("1,5")
    press(page, "Enter")
    saved(page, "Answer 4")
    expect(page.locator("#progress")).to_have_text(
        f"{len(ANSWERS)} graded, 0 to go, 1 as handed out"
    )

    there = sorted(given(folder, student) for student in ANSWERS)  # type: ignore[type-var]
    asked = "Why is the shortcut right?"
    assert there == [
        (0.0, False, asked), (1.5, False, None), (2.0, False, asked), (3.0, False, None),
    ]  # fmt: skip
    press(page, "k", "k", "Backspace")
    saved(page, "Answer 2")
    assert sum(given(folder, student)[1] for student in ANSWERS) == 1
    page.reload()
    expect(page.locator("#current")).to_have_text("Answer 2: no points yet")
    expect(page.locator("article").first).to_contain_text(asked)


def test_formgrader_s_entry_is_shown_and_not_overwritten(page: Page, folder: Path) -> None:
    course = course_directory(folder)
    with Gradebook(course.db_url, course.course_id) as book:
        for student in ANSWERS:
            grade = book.find_grade("question", UNIT, UNIT, student)
            grade.manual_score, grade.needs_manual_grade = 1.0, False
        book.db.commit()
    press(page, "a")
    expect(page.locator("#status")).to_contain_text("somebody else has graded it meanwhile")
    expect(page.locator("#current")).to_have_text("Answer 1: 1 of 3")
    assert {given(folder, student)[0] for student in ANSWERS} == {1.0}
    press(page, "a")
    saved(page, "Answer 1")
    assert sorted(given(folder, student)[0] or 0 for student in ANSWERS) == [1.0, 1.0, 1.0, 3.0]


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def saved(page: Page, answer: str) -> None:
    """Wait until the page says that all is written."""
    expect(page.locator("body")).to_have_attribute("data-saved", "true")
    expect(page.locator("#status")).to_have_text(f"{answer}: saved")
