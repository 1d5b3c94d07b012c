"""A JupyterLab in a folder, and how its pages are read and used.

test ---playwright---> Chromium ---http---> JupyterLab, in a copy under a temporary folder
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FrameLocator, Locator, Page, expect

IDLE = """() => {
    const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
    return kernel?.connectionStatus === 'connected' && kernel.status === 'idle';
}"""
SAVED = "() => !window.jupyterapp.shell.currentWidget.context.model.dirty"
SHOTS = os.environ.get("SCREENSHOTS")
"""A folder for pictures of what the tests see: SCREENSHOTS=docs/images makes those of the docs."""


def shot(what: Page | Locator, name: str) -> None:
    """Take a picture, if pictures are wanted."""
    if SHOTS:
        what.screenshot(path=Path(SHOTS) / f"{name}.png", animations="disabled")


def nbgrader_menu(page: Page, entry: str) -> None:
    """Choose from JupyterLab's menu Nbgrader."""
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    page.get_by_role("menuitem", name=entry, exact=True).click()


def succeeded(frame: FrameLocator | Page) -> None:
    """Read formgrader's message and put it away."""
    message = frame.locator(".modal.in")
    expect(message.locator(".modal-title")).to_have_text("Success")
    message.get_by_role("button", name="OK").click()
    expect(message).to_have_count(0)


def code_cell(page: Page, text: str) -> Locator:
    """The code cell in which the text stands."""
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


SETTINGS = {
    # Cells out of sight stay on the page, and no news is fetched.
    "notebook-extension/tracker": {"windowingMode": "none"},
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
}


@contextlib.contextmanager
def jupyterlab(folder: Path, home: Path) -> Iterator[tuple[str, str]]:
    """A JupyterLab in this folder, with nothing of one's own settings: its URL and token."""
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
        *extensions(),
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--IdentityProvider.token={token}",
        "--LabApp.expose_app_in_browser=True",
    )
    # The course's own configuration must be read here; other tests read none (`conftest`).
    ours = {name: value for name, value in os.environ.items() if name != "JUPYTER_NO_CONFIG"}
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", *options],
        cwd=folder,
        env=ours | {name: str(home / where) for name, where in own.items()},
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


def extensions() -> list[str]:
    """The server extensions of this environment: where no configuration is read (`conftest` says
    so to all processes), their list is not read either."""
    found: dict[str, bool] = {}
    for path in Path(sys.prefix, "etc/jupyter/jupyter_server_config.d").glob("*.json"):
        found |= json.loads(path.read_text()).get("ServerApp", {}).get("jpserver_extensions", {})
    return [f"--ServerApp.jpserver_extensions={name}={on}" for name, on in sorted(found.items())]


def wait_until_up(process: subprocess.Popen[str]) -> None:
    """Read the server's log until it says that it runs, then let a thread read the rest."""
    assert process.stderr is not None
    too_long = threading.Timer(300, process.kill)
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
    last = time.monotonic() + 120
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
