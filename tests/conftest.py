"""What all tests share: the project's folder, and one warm process for the whole run."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from grader.sandbox.confine import CannotConfine, bwrap
from grader.sandbox.limits import MIB, Limits
from grader.sandbox.session import Session
from grader.sandbox.start import Warm

ROOT = Path(__file__).resolve().parent.parent
LIMITS = Limits(memory=1024 * MIB, scratch=8 * MIB, output=20_000, array=MIB)
"""Small sizes, so that it takes little to reach them. Times as in earnest: machines are slow."""


TOGETHER = {"attacks", "faults"}
"""Folders whose files share one graded class, so that one process must run them all."""


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep together what shares something dear, and let the two processes share the rest."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))


def _group(item: pytest.Item) -> str:
    """A folder with one class, an exercise with its cached cases, or else a file."""
    folder = item.path.parent.name
    if folder in TOGETHER:
        return folder
    given = (
        item.callspec.params
        if isinstance(item, pytest.Function) and hasattr(item, "callspec")
        else {}
    )
    exercise = given.get("exercise", given.get("name"))
    if folder == "exercises" and exercise is not None:
        return str(getattr(exercise, "name", exercise))
    return str(item.path)


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
