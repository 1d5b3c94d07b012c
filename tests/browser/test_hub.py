"""A class on a JupyterHub, as deploy/ has it: from release to feedback, and who sees what."""

from __future__ import annotations

from collections.abc import Iterator

import nbformat
import pytest
from hub import COURSE, INSTRUCTOR, STUDENT, Hub, jupyterhub, log_in
from lab import IDLE, code_cell, nbgrader_menu, run, succeeded
from nbgrader.utils import get_username
from playwright.sync_api import Browser, Page, expect
from round_trip import fetch, grade, read_feedback, submit
from short_course import UNIT, answered

from tests.small_course import Course

pytestmark = pytest.mark.browser
PATIENCE = 120_000


@pytest.fixture(scope="module")
def hub(fresh_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A hub with one class and several graders."""
    with jupyterhub(tmp_path_factory.mktemp("hub"), fresh_course) as running:
        yield running


@pytest.fixture
def pages(chromium: Browser) -> Iterator[dict[str, Page]]:
    """A browser for each of them, with no memory of the others."""
    contexts = {
        who: chromium.new_context(viewport={"width": 1120, "height": 700})
        for who in (STUDENT, INSTRUCTOR)
    }
    made = {who: context.new_page() for who, context in contexts.items()}
    expect.set_options(timeout=PATIENCE)
    for page in made.values():
        page.set_default_timeout(PATIENCE)
    yield made
    for context in contexts.values():
        context.close()


def test_from_release_to_feedback(hub: Hub, pages: dict[str, Page]) -> None:
    """The course's own server grades; the student's does not see it."""
    student, grader, ada = pages[STUDENT], pages[INSTRUCTOR], hub.of(STUDENT)
    hub.start(student, STUDENT)  # meanwhile the unit is released

    hub.shared.to(grader, "formgrader")
    log_in(grader, INSTRUCTOR)
    table(grader, ".release")
    hub.ready(student, STUDENT)
    fetch(ada, student)
    notebook = hub.home(STUDENT) / UNIT / f"{UNIT}.ipynb"
    nbformat.write(answered(hub.course), notebook)
    check(hub, student)
    submit(student)

    hub.shared.to(grader, "formgrader")
    table(grader, ".collect")
    grade(hub.shared, grader, get_username())
    read_feedback(ada, student)
    assert (hub.course.path / "gradebook.db").stat().st_mode & 0o777 == 0o600
    student.goto(f"{hub.shared.url}/formgrader")
    expect(student.get_by_role("heading", name="403")).to_be_visible()


def test_an_instructor_has_formgrader_in_a_tab_and_a_student_has_none(
    hub: Hub, pages: dict[str, Page]
) -> None:
    """On a hub the one in JupyterLab's menu is blank: a page of a hub may stand in no frame."""
    entries = {STUDENT: menu(hub, pages[STUDENT], STUDENT)}
    instructor = pages[INSTRUCTOR]
    entries[INSTRUCTOR] = menu(hub, instructor, INSTRUCTOR)
    assert entries[STUDENT] == ["Assignment List"]
    assert {"Assignment List", "Course List", "Formgrader"} <= set(entries[INSTRUCTOR])
    instructor.keyboard.press("Escape")
    with instructor.expect_event("console", lambda said: "frame-ancestors" in said.text):
        nbgrader_menu(instructor, "Formgrader")
    nbgrader_menu(instructor, "Course List")
    address = f"{hub.shared.url}/lab?formgrader=true"
    expect(instructor.locator(f'a[href="{address}"]')).to_have_text(COURSE)


def menu(hub: Hub, page: Page, user: str) -> list[str]:
    """The entries of the menu Nbgrader in this user's JupyterLab."""
    hub.start(page, user)
    hub.ready(page, user)
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    entries = page.locator(".lm-Menu").get_by_role("menuitem")
    expect(entries.first).to_be_visible()
    return [entry.strip() for entry in entries.all_inner_texts()]


def table(page: Page, column: str) -> None:
    """A button of formgrader's table of assignments."""
    page.get_by_role("row").filter(has_text=UNIT).locator(column).get_by_role("link").click()
    succeeded(page)


def check(hub: Hub, page: Page) -> None:
    """An exercise checked in the student's notebook."""
    hub.of(STUDENT).to(page, f"lab/tree/{UNIT}/{UNIT}.ipynb?reset")
    page.wait_for_function(IDLE)
    run(code_cell(page, "from grader import check"))
    run(code_cell(page, "def dense_params("))
    tried = run(code_cell(page, "check(dense_params)"))
    expect(tried.get_by_role("group")).to_contain_text("dense_params: all right")
