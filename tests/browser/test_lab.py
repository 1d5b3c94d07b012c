"""What a student and an instructor see, in a real JupyterLab and a real Chromium.

test ---playwright---> Chromium ---http---> JupyterLab, in a copy under a temporary folder
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright

from grader.pipeline.build import build
from grader.pipeline.demo import fill
from grader.pipeline.sample import read_member

ROOT = Path(__file__).parents[2]
UNIT = "01-first-layers"
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed: apt-get install chromium"),
]


@pytest.fixture
def page() -> Iterator[Page]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        yield page
        browser.close()


def test_a_student_sees_the_card_turn(page: Page, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    with jupyterlab(tmp_path / "notebooks", tmp_path / "home") as (url, token):
        page.goto(f"{url}/lab/tree/{UNIT}/{UNIT}.ipynb?token={token}")
        page.wait_for_function(KERNEL_IS_IDLE)

        imports = run(code_cell(page, "from grader import check"))
        expect(imports.locator(".jp-OutputArea-output")).to_have_count(0)

        answer = run(code_cell(page, "def dense_params("))
        test = run(code_cell(page, "check(dense_params)"))
        expect(test.get_by_role("group")).to_contain_text("dense_params: not attempted yet")
        expect(test).to_contain_text("CheckFailed: dense_params: not attempted yet")

        answer.get_by_text("raise NotImplementedError()").click(click_count=3)
        page.keyboard.type("    return (features + use_bias) * units")
        run(answer)
        run(test)
        expect(test.get_by_role("group")).to_contain_text("dense_params: all right")
        expect(test).not_to_contain_text("CheckFailed")


def test_formgrader_shows_the_unit_and_the_card(page: Page, tmp_path: Path) -> None:
    course = graded_course(tmp_path, "gus")
    with jupyterlab(course, tmp_path / "home") as (url, token):
        page.goto(f"{url}/lab?token={token}")
        page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
        page.get_by_role("menuitem", name="Formgrader", exact=True).click()
        unit = page.frame_locator("iframe").get_by_role("row").filter(has_text=UNIT)
        expect(unit.locator(".status")).to_have_text("released")
        expect(unit.locator(".num-submissions")).to_have_text("1")

        page.goto(f"{url}/formgrader/manage_submissions/{UNIT}")
        row = page.get_by_role("row").filter(has_text="gus")
        expect(row.locator(".score")).to_have_text("28 / 41")

        page.goto(f"{url}/formgrader/gradebook/{UNIT}/{UNIT}")
        page.get_by_role("link", name="Submission #1").click()
        card = page.get_by_role("group", name="Dense: 5 of 7 right", exact=True)
        expect(card).to_contain_text("Your layer adds the bias after the activation.")
        expect(card.get_by_role("img")).to_have_attribute("alt", re.compile("Heat maps"))


def code_cell(page: Page, text: str) -> Locator:
    return page.locator(".jp-CodeCell").filter(
        has=page.locator(".jp-InputArea-editor", has_text=text)
    )


def run(cell: Locator) -> Locator:
    """Run the cell and wait until its number says that it has ended."""
    prompt = cell.locator(".jp-InputPrompt")
    before = prompt.inner_text()
    prompt.click()
    cell.page.keyboard.press("Control+Enter")
    expect(prompt).not_to_have_text(before)
    expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))
    return cell


def graded_course(folder: Path, name: str) -> Path:
    """A course in which one member of the sample class was graded; built in a copy."""
    root, course = folder / "root", folder / "course"
    (root / "solutions").mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    shutil.copy(ROOT / "solutions" / f"{UNIT}.py", root / "solutions")
    build(root, [UNIT])
    fill(root, course, UNIT, [read_member(ROOT / "tests" / "sample_class" / UNIT / f"{name}.py")])
    (folder / "exchange").mkdir(mode=0o777)
    (folder / "exchange").chmod(0o777)
    with (course / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(folder / 'exchange')!r}\n")
    for step in ("generate_assignment", "release_assignment", "autograde"):
        command = [sys.executable, "-m", "nbgrader", step, UNIT]
        done = subprocess.run(command, cwd=course, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, done.stderr
    return course


KERNEL_IS_IDLE = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
SETTINGS = {
    # Cells out of sight stay on the page, and no news is fetched.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@contextlib.contextmanager
def jupyterlab(folder: Path, home: Path) -> Iterator[tuple[str, str]]:
    """A JupyterLab in this folder, with nothing of the user's own settings: its URL and token."""
    for name, values in SETTINGS.items():
        path = home / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values))
    own = {
        "IPYTHONDIR": "ipython",
        "JUPYTER_CONFIG_DIR": "config",
        "JUPYTER_DATA_DIR": "data",
        "JUPYTER_RUNTIME_DIR": "runtime",
        "JUPYTERLAB_SETTINGS_DIR": "settings",
        "JUPYTERLAB_WORKSPACES_DIR": "workspaces",
    }
    port, token = free_port(), secrets.token_hex(16)
    options = (
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *options],
        cwd=folder,
        env=os.environ | {name: str(home / where) for name, where in own.items()},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        wait_until_up(process)
        wait_until_open(port)
        yield f"http://localhost:{port}", token
    finally:
        process.terminate()
        process.wait(60)


def wait_until_up(process: subprocess.Popen[str]) -> None:
    """Read the server's log until it says that it runs, then let a thread read the rest."""
    assert process.stderr is not None
    too_long = threading.Timer(60, process.kill)
    too_long.start()
    log = []
    for line in process.stderr:
        log.append(line)
        if "is running at" in line:
            break
    else:
        pytest.fail("JupyterLab did not start:\n" + "".join(log))
    too_long.cancel()
    threading.Thread(target=process.stderr.read, daemon=True).start()


def wait_until_open(port: int) -> None:
    """The log says that it runs a moment before it can be reached."""
    last = time.monotonic() + 30
    while True:
        try:
            socket.create_connection(("localhost", port), 1).close()
            return
        except OSError:
            assert time.monotonic() < last, "JupyterLab cannot be reached"
            time.sleep(0.1)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])
