"""A command that has to wait for the gradebook says so, and goes on when it is free."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from grader.cli import main
from grader.gradebook.busy import say_if_busy
from tests.gradebooks import fill


@pytest.fixture
def course(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course with some grades, which is the current folder."""
    fill(tmp_path)
    config = f"c = get_config()\nload_subconfig('nbgrader_config.py', path={str(root)!r})\n"
    (tmp_path / "nbgrader_config.py").write_text(config)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_export_says_that_it_waits_and_then_exports(
    course: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    writer = sqlite3.connect(course / "gradebook.db", check_same_thread=False)
    writer.execute("BEGIN EXCLUSIVE")
    end = threading.Timer(3.0, writer.rollback)
    end.start()
    assert main(["export", "--to", "csv", "--output", "grades.csv"]) == 0
    end.join()
    said = capfd.readouterr().err
    assert "gradebook.db is locked by another program: waiting for at most 120 s" in said
    assert (course / "grades.csv").read_text().count("\n") > 1


def test_of_a_gradebook_that_is_free_nothing_is_said(
    course: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", "--to", "csv", "--output", "grades.csv"]) == 0
    assert "locked" not in capfd.readouterr().err


def test_nor_of_what_is_no_gradebook(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.db").write_text("this is no database, whatever its name says")
    say_if_busy(tmp_path / "broken.db")
    say_if_busy(tmp_path / "none.db")
    assert capfd.readouterr().err == ""
    assert not (tmp_path / "none.db").exists()
