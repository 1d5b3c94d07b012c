"""One course, one JupyterLab and one Chromium for all tests in a browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from lab import jupyterlab
from playwright.sync_api import Browser, Page, expect
from short_course import UNIT, Site, handed_in, short_unit

from tests.chromium import CHROMIUM
from tests.small_course import Course

PATIENCE = 120_000
"""Milliseconds that a page has for anything: machines are slow."""
CONFIG = """c = get_config()
load_subconfig("nbgrader_config.py", path={course!r})
c.CourseDirectory.root = {course!r}
c.Exchange.root = {exchange!r}
c.Exchange.assignment_dir = {home!r}
"""


@pytest.fixture(scope="session")
def fresh_course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """The course, made and generated; nobody has handed in. It is to be copied."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    return Course.make(tmp_path_factory.mktemp("fresh") / "course", {}, UNIT, short_unit())


@pytest.fixture(scope="session")
def site(fresh_course: Course, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The course, in which two students have handed in; nothing is released."""
    folder = tmp_path_factory.mktemp("site")
    course = Course(Path(shutil.copytree(fresh_course.path, folder / "course")), UNIT)
    for name in ("gus", "ada"):
        course.hand_in(name, handed_in(name, course))
    for name in ("exchange", "home"):
        (folder / name).mkdir()
        (folder / name).chmod(0o777)
    places = {name: str(folder / name) for name in ("course", "exchange", "home")}
    config = folder / "jupyter" / "config"  # where a course's config is found in every folder
    config.mkdir(parents=True)
    (config / "nbgrader_config.py").write_text(CONFIG.format(**places))
    with jupyterlab(folder, folder / "jupyter") as (url, token):
        yield Site(folder, course, url, token)


@pytest.fixture(scope="session")
def practice(site: Site) -> str:
    """The path of a notebook in which Dense adds its bias after the activation."""
    path = site.folder / "practice" / "practice.ipynb"
    path.parent.mkdir()
    path.write_text(handed_in("gus", site.course))
    return "practice/practice.ipynb"


@pytest.fixture
def page(site: Site, chromium: Browser) -> Iterator[Page]:
    """A page with no memory of the others."""
    context = chromium.new_context(
        viewport={"width": 1120, "height": 700},
        extra_http_headers={"Authorization": f"token {site.token}"},
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    expect.set_options(timeout=PATIENCE)
    yield page
    context.close()
