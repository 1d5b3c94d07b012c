"""A round trip through real ngshare, whose exchange is a service and no folder.

ngshare runs in an environment of its own, beside a stand-in for the hub that knows two tokens.
Both are installed from the package index.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import venv
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest

from grader.demo.sample import Member, submission
from tests.small_course import UNIT, Course

pytestmark = pytest.mark.long
SERVICE = ["ngshare==0.6.0", "SQLAlchemy<2"]
CLIENT = ["ngshare_exchange==0.5.3", "rapidfuzz"]
COURSE = "layer-by-layer"
EVERYBODYS = """c = get_config()
import ngshare_exchange
ngshare_exchange.configureExchange(c, {url!r})
c.CourseDirectory.course_id = "layer-by-layer"
"""


class Hub(BaseHTTPRequestHandler):
    """Says whose a token is: its owner's name is the token."""

    def do_GET(self) -> None:
        token = self.headers.get("Authorization", "").removeprefix("token ")
        self.send_response(200 if token in ("teacher", "ada") else 403)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(json.dumps({"name": token, "kind": "user", "groups": []}).encode())

    def log_message(self, *_: object) -> None:
        """Nothing is to be seen."""


@dataclass(frozen=True)
class Person:
    """Somebody with a folder to work in."""

    name: str
    folder: Path
    environment: dict[str, str]

    def run(self, *words: str) -> str:
        """Run a Python module, which must end well; what it said."""
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=self.folder,
            env=self.environment | {"JUPYTERHUB_API_TOKEN": self.name, "USER": self.name},
            capture_output=True,
            text=True,
            timeout=500,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def install(folder: Path) -> tuple[Path, Path]:
    """Python with ngshare, and a folder with its client and nothing that the client asks for."""
    venv.create(folder / "service", with_pip=True)
    python = folder / "service" / "bin" / "python"
    client = folder / "client"
    for words in (SERVICE, ["--no-deps", "--target", str(client), *CLIENT]):
        done = subprocess.run(
            [str(python), "-m", "pip", "install", "-q", *words], capture_output=True, text=True
        )
        if done.returncode:
            pytest.skip(f"ngshare cannot be installed: {done.stderr.splitlines()[-1]}")
    return python, client


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A folder, and the environment of all who use the ngshare that runs in it."""
    folder = tmp_path_factory.mktemp("ngshare")
    python, client = install(folder)
    hub = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=hub.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{free_port()}"
    environment = os.environ | {
        "JUPYTERHUB_API_TOKEN": "the service's own",
        "JUPYTERHUB_API_URL": f"http://127.0.0.1:{hub.server_port}/hub/api",
        "JUPYTERHUB_SERVICE_PREFIX": "/services/ngshare/",
        "JUPYTERHUB_SERVICE_URL": url,
        "JUPYTERHUB_BASE_URL": "/",
        "JUPYTERHUB_CLIENT_ID": "service-ngshare",
    }
    words = ["--admins", "teacher", "--storage", str(folder / "files")]
    words += ["--database", f"sqlite:///{folder}/ngshare.db"]
    with (folder / "log").open("w") as log:
        service = subprocess.Popen(
            [str(python), "-m", "ngshare", *words], env=environment, stdout=log, stderr=log
        )
    config = folder / "config"
    config.mkdir()
    address = f"{url}/services/ngshare"
    (config / "nbgrader_config.py").write_text(EVERYBODYS.format(url=address))
    ours = {name: value for name, value in os.environ.items() if name != "JUPYTER_NO_CONFIG"}
    ours |= {"JUPYTER_CONFIG_DIR": str(config), "PYTHONPATH": str(client)}
    ours |= {"JUPYTER_DATA_DIR": str(folder / "data")}
    try:
        wait_for(address, service, folder / "log")
        yield folder, ours
    finally:
        service.terminate()
        service.wait(30)
        hub.shutdown()


def wait_for(address: str, service: subprocess.Popen[bytes], log: Path) -> None:
    """Until the service answers."""
    last = time.monotonic() + 60
    while True:
        with suppress(OSError):
            urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
            return
        if service.poll() is not None or time.monotonic() > last:
            pytest.fail(f"ngshare did not start:\n{log.read_text()}")
        time.sleep(0.2)


def test_a_round_trip(place: tuple[Path, dict[str, str]]) -> None:
    """Our `release_feedback` stands in the course's configuration, and ngshare's own releases."""
    folder, environment = place
    course = Course.make(folder / "course", {})
    teacher = Person("teacher", course.path, environment)
    (folder / "ada").mkdir()
    ada = Person("ada", folder / "ada", environment)
    manage = "ngshare_exchange.course_management"
    teacher.run(manage, "create_course", COURSE, "teacher")
    teacher.run(manage, "add_student", COURSE, "ada", "--no-gb")

    teacher.run("nbgrader", "release_assignment", UNIT)
    ada.run("nbgrader", "fetch_assignment", UNIT)
    notebook = ada.folder / UNIT / f"{UNIT}.ipynb"
    fetched = nbformat.read(notebook, as_version=4)
    notebook.write_text(submission(Member("ada", "", {}, {}), fetched, course.solution))
    ada.run("nbgrader", "submit", UNIT)

    teacher.run("nbgrader", "collect", UNIT)
    teacher.run("grader.cli", "autograde", UNIT)
    assert course.results(["ada"])["ada"].total == 22.0
    teacher.run("nbgrader", "generate_feedback", UNIT)
    said = teacher.run("nbgrader", "release_feedback", UNIT)
    assert "did not hand in" not in said
    ada.run("nbgrader", "fetch_feedback", UNIT)
    [page] = (ada.folder / UNIT / "feedback").rglob("*.html")
    assert "flatten_shape: all right" in page.read_text(encoding="utf-8")
