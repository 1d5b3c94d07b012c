"""What all tests share: the project's folder, and one warm process for the whole run."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

from grader.sandbox.confine import CannotConfine, bwrap
from grader.sandbox.limits import MIB, Limits
from grader.sandbox.session import Session
from grader.sandbox.start import Warm

pytest_plugins = ["tests.graded_courses", "tests.chromium"]

ROOT = Path(__file__).resolve().parent.parent
_KNOWN = pytest.StashKey[frozenset[Path]]()
LIMITS = Limits(memory=1024 * MIB, scratch=8 * MIB, output=20_000, array=MIB)
"""Small sizes, so that it takes little to reach them. Times as in earnest: machines are slow."""


TOGETHER = {"attacks", "browser", "faults"}
"""Folders whose files share one class or one server, so that one process must run them all."""
GRADED = {"test_autograde.py", "test_engine.py", "test_execute.py", "test_restore_cells.py"}
"""Files that look at the classes of `graded_courses`, which are graded once in each process."""
LONGEST = (
    *("batch", "attacks", "faults", "notebooks", "browser", "docs", "regrading", "gradebook"),
    *("lms", "demo", "sandbox"),
)
"""Folders that take long, the longest first: begun last, they would keep one process alone."""


SLOW = (
    *("attacks/test_attacks.py", "attacks/test_leaks.py", "attacks/test_operations.py"),
    *("batch/test_interrupted.py", "browser/", "demo/test_demo.py"),
    *("exercises/test_positions_like_hub.py", "notebooks/claims/", "watching/test_watch.py"),
)
SLOW_CLASSES = {
    *(("batch/test_autograde.py", "graded"), ("batch/test_engine.py", "twin")),
    *(("submissions/test_odd_people.py", "people"), ("regrading/test_regrade.py", "graded")),
}
"""Left out by `make test`, and run by CI: files, and tests with a fixture that grades a class.

Single tests are marked where they stand.
"""
LONG = (
    *("browser/test_formgrader.py", "gradebook/test_postgres.py", "lms/test_exchange.py"),
    *("notebooks/claims/test_18_writing.py", "notebooks/claims/test_decoder_block.py"),
)
LONG_CLASSES = {("submissions/test_digest.py", "first"), ("grading/test_mended_unit.py", "course")}
"""Left to `make test-all`, so that CI takes half an hour: what the test with a JupyterHub does too,
rare settings, and claims for which a decoder is trained."""
CLAIMS = "notebooks/claims/"
"""What units say of their experiments: CI tries one seed of each, `make claims` all of them."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the folders that take long, and end with the many short tests."""
    seeds: dict[str, object] = {}
    for item in items:
        path = item.path.relative_to(ROOT / "tests").as_posix()
        name, seed = f"{path}::{getattr(item, 'originalname', '')}", _seed(item)
        if path.startswith(CLAIMS) and seeds.setdefault(name, seed) != seed:
            item.add_marker(pytest.mark.long)
        classes = {(path, fixture) for fixture in getattr(item, "fixturenames", ())}
        if path.startswith(LONG) or classes & LONG_CLASSES:
            item.add_marker(pytest.mark.long)
        if path.startswith(SLOW) or classes & SLOW_CLASSES:
            item.add_marker(pytest.mark.slow)
    ranks = {folder: rank for rank, folder in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(item.path.parent.name, len(ranks)))


def _seed(item: pytest.Item) -> object:
    """The seed that a test is given, if it is given one."""
    called = getattr(item, "callspec", None)
    return called and called.params.get("seed")


# What lies in /etc/jupyter or in a home folder of this machine is read by no test and by nothing
# that a test starts.
os.environ["JUPYTER_NO_CONFIG"] = "1"
_CLEAN = "jupyter-clean-cfg-*"
"""Empty folders that Jupyter makes instead, one for each process, and leaves behind."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Remember which of these folders are there: they are another's."""
    session.config.stash[_KNOWN] = frozenset(Path(tempfile.gettempdir()).glob(_CLEAN))


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Remove those that came since, once all tests have run."""
    if hasattr(session.config, "workerinput"):  # a process of pytest-xdist is not the last
        return
    for folder in set(Path(tempfile.gettempdir()).glob(_CLEAN)) - session.config.stash[_KNOWN]:
        with contextlib.suppress(OSError):  # it is in use, or another's
            folder.rmdir()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Share the tests out among the processes (`pytest -n 3 --dist loadscope`)."""
    return _Sharing(config, log)


class _Sharing(LoadScopeScheduling):
    """Keeps together what shares something dear, and lets the processes share the rest.

    That is a folder with one class, an exercise with its cached cases, or else a file. Marks
    (`xdist_group`) would say it too, but pytest-xdist 3.8 overlooks them under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        folder = Path(path).parent.name
        if folder in TOGETHER:
            return folder
        if Path(path).name in GRADED:
            return "graded courses"
        _, _, parameters = test.partition("[")
        if folder == "exercises" and parameters:
            return parameters.rstrip("]").split("-")[0]  # the exercise's name comes first
        return path


@pytest.fixture(scope="session")
def root() -> Path:
    """The project's own folder. Nothing may be written there."""
    return ROOT


@pytest.fixture(scope="session")
def warm() -> Iterator[Warm]:
    """One confined warm process for all tests that only need one."""
    try:
        bwrap()
    except CannotConfine as error:
        pytest.skip(f"nothing can be confined here: {error}")
    with pytest.MonkeyPatch.context() as patch, Warm(LIMITS) as process:
        patch.setenv("INSTRUCTORS_PASSWORD", "secret")
        yield process


@pytest.fixture
def session(warm: Warm) -> Iterator[Session]:
    """A submission's run, confined."""
    with Session(warm.start, warm.limits) as opened:
        yield opened


@pytest.fixture
def hasty(warm: Warm) -> Iterator[Session]:
    """The same, but a cell or a probe may take a second and a half only."""
    with Session(warm.start, replace(warm.limits, cell=1.5, probe=1.5)) as opened:
        yield opened
