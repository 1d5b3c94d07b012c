"""Release, fetch, submit, collect and feedback, through a folder that two accounts share.

Run as root, as in a container, the students are accounts of the system with rights of their own.
Otherwise there is one student: the account that runs the test, with another home.
"""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import get_username

from grader.demo.sample import Member, submission
from tests.small_course import UNIT, Course

ACCOUNTS = ("daemon", "games")
WRONG = {"flatten-shape": "def flatten_shape(shape):\n    return shape"}


@dataclass(frozen=True)
class Student:
    """A student with a home; `python` is None for the account that runs the test."""

    name: str
    home: Path
    python: str | None

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in the home, as that account."""
        kept = {name: os.environ[name] for name in ("PATH", "JUPYTER_NO_CONFIG")}
        own = {"HOME": str(self.home), **kept}
        rights = {}
        if self.python:
            group = pwd.getpwnam(self.name).pw_gid
            rights = {"user": self.name, "group": group, "extra_groups": []}
            own["PYTHONPATH"] = sysconfig.get_path("purelib")
        return subprocess.run(
            command, cwd=self.home, env=own, capture_output=True, text=True, timeout=300, **rights
        )

    def nbgrader(self, *words: str) -> None:
        """Run an nbgrader command, which must succeed."""
        done = self.run(self.python or sys.executable, "-m", "nbgrader", *words)
        assert done.returncode == 0, done.stderr

    @property
    def notebook(self) -> Path:
        """The fetched notebook."""
        return self.home / UNIT / f"{UNIT}.ipynb"

    @property
    def feedback(self) -> list[str]:
        """The pages of feedback that were fetched."""
        pages = (self.home / UNIT / "feedback").rglob("*.html")
        return [page.read_text(encoding="utf-8") for page in pages]


def students(folder: Path) -> list[Student]:
    """Two accounts of the system, where this one may be them and they may run Python; or itself."""
    known = {account.pw_name for account in pwd.getpwall()}
    if os.geteuid() == 0 and known.issuperset(ACCOUNTS):
        for python in pythons():
            made = [Student(name, home(folder, name), python) for name in ACCOUNTS]
            if all(can_run(one, (python, "-c", "import nbgrader")) for one in made):
                return made
    return [Student(get_username(), home(folder, "home"), None)]


def home(folder: Path, name: str) -> Path:
    """It holds what a course tells its students: its name, and the exchange."""
    path = folder / name
    path.mkdir(mode=0o700, exist_ok=True)
    config = (
        "c = get_config()",
        "c.CourseDirectory.course_id = 'layer-by-layer'",
        f"c.Exchange.root = {str(folder / 'exchange')!r}",
    )
    (path / "nbgrader_config.py").write_text("\n".join(config))
    if name in ACCOUNTS:
        os.chown(path, pwd.getpwnam(name).pw_uid, pwd.getpwnam(name).pw_gid)
    return path


def pythons() -> Sequence[str]:
    """This one, and the system's of the same version: root's own can be closed to others."""
    return sys.executable, "/usr/bin/python{}.{}".format(*sys.version_info[:2])


def can_run(account: Student, command: Sequence[str]) -> bool:
    """Whether the account may run it, and it works."""
    try:
        return account.run(*command).returncode == 0
    except OSError:
        return False


@pytest.fixture
def folder() -> Iterator[Path]:
    """One that other accounts may enter, as they may not enter pytest's."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_round_trip(folder: Path) -> None:
    course = Course.make(folder / "course", {})
    (folder / "exchange").mkdir()
    (folder / "exchange").chmod(0o777)
    handing_in = students(folder)
    answers: list[Mapping[str, str]] = [WRONG, {}]
    with (course.path / "nbgrader_config.py").open("a") as config:
        config.write(f"c.Exchange.root = {str(folder / 'exchange')!r}\n")
    course.nbgrader("release_assignment", UNIT, check=True)

    for one, answer in zip(handing_in, answers, strict=False):
        one.nbgrader("fetch_assignment", UNIT)
        fetched = nbformat.read(one.notebook, as_version=4)
        text = submission(Member(one.name, "", {}, answer), fetched, course.solution)
        one.notebook.write_text(text)
        if one is handing_in[-1]:  # as people do: it is known by its cells
            one.notebook.rename(one.notebook.with_name("my homework.ipynb"))
        one.nbgrader("submit", UNIT)
    inbound = folder / "exchange" / "layer-by-layer" / "inbound"
    assert len(list(inbound.iterdir())) == len(handing_in)
    if len(handing_in) > 1:  # what was handed in is not shown to other students
        assert "Permission denied" in handing_in[0].run("ls", str(inbound)).stderr

    assert "cheating" not in course.nbgrader("collect", UNIT, check=True)
    log = course.nbgrader("autograde", UNIT, check=True)
    renamed = f"{handing_in[-1].name}: my homework.ipynb is now called {UNIT}.ipynb"
    assert renamed in log
    results = course.results([one.name for one in handing_in])
    assert [result.total for result in results.values()] == [20.0, 22.0][: len(handing_in)]
    course.nbgrader("generate_feedback", UNIT, check=True)
    course.nbgrader("release_feedback", UNIT, check=True)
    for one, said in zip(handing_in, ("0 of 1 right", "all right"), strict=False):
        one.nbgrader("fetch_feedback", UNIT)
        [page] = one.feedback
        assert f"flatten_shape: {said}" in page
