"""A JupyterHub on loopback, configured by deploy/, with the homes of its users below a folder.

test --- playwright ---> Chromium ---> proxy (node) ---> the hub
                                                   `---> servers: ada's, the instructor's,
                                                         the course's own
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from lab import SETTINGS, free_port
from playwright.sync_api import Page
from short_course import ROOT

from tests.small_course import Course

DEPLOY = ROOT / "deploy"
COURSE, STUDENT, INSTRUCTOR, ACCOUNT = "layer-by-layer", "ada", "instructor", "grader-layers"
PROXY = Path(sys.prefix, "hub", "node_modules", ".bin", "configurable-http-proxy")
"""Where `make test-ci` installs it."""
NO_ACCOUNTS = """
# Only for a test: homes in the place of accounts, any password, ports that are free.
c.JupyterHub.spawner_class, c.JupyterHub.authenticator_class = "simple", "dummy"
c.SimpleLocalProcessSpawner.home_dir_template = {home!r}
c.JupyterHub.bind_url, c.JupyterHub.hub_bind_url, c.ConfigurableHTTPProxy.api_url = {addresses!r}
c.Spawner.args = ["--allow-root", "--LabApp.expose_app_in_browser=True"]
for service in c.JupyterHub.services:
    del service["user"]
    service["command"] = [*service["command"], "--allow-root"]
"""


@dataclass(frozen=True)
class Server:
    """One of the servers behind the hub."""

    url: str

    def to(self, page: Page, path: str) -> None:
        """Open a page of the server, which runs; the hub may ask who it is."""
        page.goto(f"{self.url}/{path}")


@dataclass(frozen=True)
class Hub:
    """A hub that runs. `course` is the one that several graders share."""

    folder: Path
    course: Course
    url: str

    def of(self, user: str) -> Server:
        """The server of a user."""
        return Server(f"{self.url}/user/{user}")

    def start(self, page: Page, user: str) -> None:
        """Log in, and have the user's server started; `ready` waits for it."""
        page.goto(f"{self.url}/hub/spawn/{user}")
        log_in(page, user)

    def ready(self, page: Page, user: str) -> None:
        """Wait until the page is that of the user's own server."""
        page.wait_for_url(re.compile(rf"^{re.escape(self.of(user).url)}/"))

    @property
    def shared(self) -> Server:
        """The course's own server."""
        return Server(f"{self.url}/services/{COURSE}")

    def home(self, user: str) -> Path:
        """The home of a user, or of the course's account."""
        return self.folder / "home" / user


def log_in(page: Page, user: str) -> None:
    """Tell the hub who it is; any password will do."""
    page.get_by_label("Username:").fill(user)
    page.get_by_label("Password:").fill("any")
    page.get_by_role("button", name="Sign in").click()


def with_settings(config: str, settings: Mapping[str, object]) -> str:
    """The shipped configuration with other values for the settings at its top."""
    for name, value in settings.items():
        config, found = re.subn(rf"^{name} = .*$", f"{name} = {value!r}", config, flags=re.M)
        assert found == 1, f"deploy/jupyterhub_config.py has no setting {name}"
    return config


@contextlib.contextmanager
def jupyterhub(folder: Path, fresh: Course) -> Iterator[Hub]:
    """The hub, with a course that several graders share."""
    if not PROXY.exists() or not shutil.which("node"):
        pytest.skip("the hub's proxy is not installed: install npm, then make test-ci")
    hub = Hub(folder, _lay_out(folder, fresh), f"http://127.0.0.1:{free_port()}")
    addresses = (hub.url, *(f"http://127.0.0.1:{free_port()}" for _ in range(2)))
    settings = {
        "STUDENTS": {STUDENT},
        "INSTRUCTORS": {INSTRUCTOR, "ta"},
        "COURSE_ACCOUNT": ACCOUNT,
        "COURSE_HOME": str(hub.home(ACCOUNT)),
        "COURSE_ADDRESS": f"http://127.0.0.1:{free_port()}",
        "PYTHON": sys.prefix,
        "GRADING": sys.prefix,
        "ETC": str(folder / "etc"),
        "PROXY": str(PROXY),
    }
    config = with_settings((DEPLOY / "jupyterhub_config.py").read_text(), settings)
    home = str(hub.home("{username}"))
    config += NO_ACCOUNTS.format(home=home, addresses=addresses)
    (folder / "jupyterhub_config.py").write_text(config)
    with (folder / "hub.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterhub"], cwd=folder, stdout=log, stderr=log
        )
    try:
        _wait(process, hub)
        yield hub
    finally:
        process.terminate()  # with all that it started
        process.wait(60)


def _lay_out(folder: Path, fresh: Course) -> Course:
    """The exchange, what deploy/etc has for all, and the homes; the shared course."""
    exchange = folder / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    shutil.copytree(DEPLOY / "etc", folder / "etc")
    with (folder / "etc" / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(exchange)!r}\n")
    for user in (STUDENT, INSTRUCTOR, ACCOUNT):
        for name, values in SETTINGS.items():
            settings = folder / "home" / user / ".jupyter" / "lab" / "user-settings"
            path = settings / "@jupyterlab" / f"{name}.jupyterlab-settings"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(values))
    place = folder / "home" / ACCOUNT / COURSE
    return Course(Path(shutil.copytree(fresh.path, place)), fresh.name)


def _wait(process: subprocess.Popen[bytes], hub: Hub) -> None:
    """Until the hub answers."""
    last = time.monotonic() + 120
    while True:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{hub.url}/hub/health", timeout=5).close()
            return
        if process.poll() is not None or time.monotonic() > last:
            pytest.fail("the hub did not start:\n" + (hub.folder / "hub.log").read_text())
        time.sleep(0.2)
